package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// runProxy is the gateway that browsers talk to; it may be asked from any page, as the original.
func runProxy(address string) error {
	env, err := requireEnv("GRPC_PRODUCT_HOST", "GRPC_PRODUCT_PORT", "GRPC_COUNTER_HOST", "GRPC_COUNTER_PORT")
	if err != nil {
		return err
	}
	product := "http://" + env["GRPC_PRODUCT_HOST"] + ":" + env["GRPC_PRODUCT_PORT"]
	counter := "http://" + env["GRPC_COUNTER_HOST"] + ":" + env["GRPC_COUNTER_PORT"]
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/api/item-types", forward("product", product))
	mux.HandleFunc("/v1/fulfillment-orders", forward("counter", counter))
	mux.HandleFunc("/v1/api/orders", forward("counter", counter))
	return serve(address, allowAnyPage(mux))
}

func allowAnyPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// forward passes a request on to a service; where that does not answer, the caller learns which one it was.
func forward(service, base string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := pass(r, base)
		if err != nil {
			writeError(w, http.StatusServiceUnavailable, codeUnavailable, fmt.Sprintf("proxy: %s: %v", service, err))
			return
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}
}

func pass(r *http.Request, base string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, base+r.URL.Path, r.Body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	return partsClient.Do(request)
}

// Names move between addresses as tasks come and go: connections are not kept.
var partsClient = &http.Client{
	Timeout:   8 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

func getJSON(url string, into interface{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := partsClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("got status %d", answer.StatusCode)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
