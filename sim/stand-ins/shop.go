package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// The parts of an order, in the shape of the original's API.
type lineItem struct {
	ID             string  `json:"id"`
	ItemType       int     `json:"itemType"`
	Name           string  `json:"name"`
	Price          float64 `json:"price"`
	ItemStatus     string  `json:"itemStatus"`
	IsBaristaOrder bool    `json:"isBaristaOrder"`
	MadeBy         string  `json:"madeBy,omitempty"` // host name of the part that made it
}

type order struct {
	ID              string     `json:"id"`
	OrderSource     int        `json:"orderSource"`
	LoyaltyMemberID string     `json:"loyaltyMemberId"`
	OrderStatus     string     `json:"orderStatus"`
	Location        int        `json:"location"`
	LineItems       []lineItem `json:"lineItems"`
	CreatedAt       time.Time  `json:"createdAt"`
}

const (
	statusInProgress = "IN_PROGRESS"
	statusFulfilled  = "FULFILLED"
)

// ticket travels from the counter to the barista or the kitchen, and back when the item is made.
type ticket struct {
	OrderID string `json:"orderId"`
	ItemID  string `json:"itemId"`
	Name    string `json:"name"`
	MadeBy  string `json:"madeBy,omitempty"`
}

const (
	ordersTable = "orders"
	madeQueue   = "made"
)

// storage is what counter, barista and kitchen need before they can serve.
type storage struct {
	dsn, brokerURL string
}

// openStorage tries the database and then the broker, as the originals do when they start, and gives up like them.
func openStorage(tables ...string) (*storage, *lineConn, error) {
	env, err := requireEnv("PG_URL", "PG_DSN_URL", "RABBITMQ_URL", "IN_DOCKER")
	if err != nil {
		return nil, nil, err
	}
	s := &storage{dsn: env["PG_DSN_URL"], brokerURL: env["RABBITMQ_URL"]}
	migrate := func() error {
		for _, table := range tables {
			if _, err := askDatabase(env["PG_URL"], message{Op: "create", Name: table}); err != nil {
				return fmt.Errorf("PG_URL: %w", err)
			}
		}
		_, err := s.ask(message{Op: "list", Name: tables[0]})
		return err
	}
	if err := try("database", 5, time.Second, migrate); err != nil {
		return nil, nil, err
	}
	address, credentials, err := brokerLogin(s.brokerURL)
	if err != nil {
		return nil, nil, fmt.Errorf("RABBITMQ_URL: %w", err)
	}
	var consumer *lineConn
	err = try("broker", 6, 2*time.Second, func() (err error) {
		consumer, err = login(address, credentials)
		return err
	})
	return s, consumer, err
}

func (s *storage) ask(request message) (message, error) {
	answer, err := askDatabase(s.dsn, request)
	if err != nil {
		err = fmt.Errorf("PG_DSN_URL: %w", err)
	}
	return answer, err
}

func (s *storage) put(table, id string, row interface{}) error {
	body, err := json.Marshal(row)
	if err != nil {
		return err
	}
	_, err = s.ask(message{Op: "put", Name: table, ID: id, Body: body})
	return err
}

func askDatabase(text string, request message) (message, error) {
	address, credentials, err := databaseLogin(text)
	if err != nil {
		return message{}, err
	}
	conn, err := login(address, credentials)
	if err != nil {
		return message{}, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn.ask(request)
}
