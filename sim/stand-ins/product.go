package main

import (
	"encoding/json"
	"log"
	"net/http"
)

// itemType is a line of the menu, in the shape of the original's API.
type itemType struct {
	Name  string  `json:"name"`
	Type  int     `json:"type"`
	Price float64 `json:"price"`
}

// The original's menu; what the kitchen makes has numbers from firstKitchenItem.
var menu = []itemType{
	{"CAPPUCCINO", 0, 4.5},
	{"COFFEE_BLACK", 1, 3},
	{"COFFEE_WITH_ROOM", 2, 3},
	{"ESPRESSO", 3, 3.5},
	{"ESPRESSO_DOUBLE", 4, 4.5},
	{"LATTE", 5, 4.5},
	{"CAKEPOP", 6, 2.5},
	{"CROISSANT", 7, 3.25},
	{"MUFFIN", 8, 3},
	{"CROISSANT_CHOCOLATE", 9, 3.5},
}

const firstKitchenItem = 6

type menuAnswer struct {
	ItemTypes []itemType `json:"itemTypes"`
}

func runProduct(address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/api/item-types", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, menuAnswer{menu})
	})
	return serve(address, mux)
}

func writeJSON(w http.ResponseWriter, status int, body interface{}) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Printf("answer not sent: %v", err)
	}
}

// apiError has the shape of the original gateway's errors; the code is gRPC's.
type apiError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

const (
	codeInvalidArgument = 3
	codeUnavailable     = 14
)

func writeError(w http.ResponseWriter, status, code int, message string) {
	log.Print(message)
	writeJSON(w, status, apiError{code, message})
}
