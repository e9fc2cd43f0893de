package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// counter takes orders: it prices them with the product service, stores them, and hands out the work.
type counter struct {
	*storage
	productAddress string
	mutex          sync.Mutex // an order is read, changed and written in one go
}

// placeOrder is the body of the original's POST /v1/api/orders, as far as it is used.
type placeOrder struct {
	OrderSource     int           `json:"orderSource"`
	Location        int           `json:"location"`
	LoyaltyMemberID string        `json:"loyaltyMemberId"`
	BaristaItems    []orderedItem `json:"baristaItems"`
	KitchenItems    []orderedItem `json:"kitchenItems"`
}

type orderedItem struct {
	ItemType int `json:"itemType"`
}

type ordersAnswer struct {
	Orders []json.RawMessage `json:"orders"`
}

func runCounter(address string) error {
	if _, err := requireEnv("PRODUCT_CLIENT_URL"); err != nil {
		return err
	}
	storage, consumer, err := openStorage(ordersTable)
	if err != nil {
		return err
	}
	c := &counter{storage: storage, productAddress: os.Getenv("PRODUCT_CLIENT_URL")}
	ended := make(chan error, 2)
	go func() { ended <- fmt.Errorf("broker: %w", consume(consumer, madeQueue, c.markMade)) }()
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/fulfillment-orders", c.list)
	mux.HandleFunc("/v1/api/orders", c.place)
	go func() { ended <- serve(address, mux) }()
	return <-ended
}

func (c *counter) list(w http.ResponseWriter, _ *http.Request) {
	answer, err := c.ask(message{Op: "list", Name: ordersTable})
	if err != nil {
		writeError(w, http.StatusServiceUnavailable, codeUnavailable, fmt.Sprintf("counter: database: %v", err))
		return
	}
	writeJSON(w, http.StatusOK, ordersAnswer{append([]json.RawMessage{}, answer.Rows...)})
}

func (c *counter) place(w http.ResponseWriter, r *http.Request) {
	var body placeOrder
	if r.Method != http.MethodPost {
		writeError(w, http.StatusMethodNotAllowed, codeInvalidArgument, "counter: expected POST")
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&body); err != nil {
		writeError(w, http.StatusBadRequest, codeInvalidArgument, fmt.Sprintf("counter: order: %v", err))
		return
	}
	var prices menuAnswer
	if err := getJSON("http://"+c.productAddress+"/v1/api/item-types", &prices); err != nil {
		writeError(w, http.StatusServiceUnavailable, codeUnavailable, fmt.Sprintf("counter: product: %v", err))
		return
	}
	placed, err := priced(body, prices.ItemTypes)
	if err != nil {
		writeError(w, http.StatusBadRequest, codeInvalidArgument, fmt.Sprintf("counter: order: %v", err))
		return
	}
	if err := c.start(placed); err != nil {
		writeError(w, http.StatusServiceUnavailable, codeUnavailable, fmt.Sprintf("counter: %v", err))
		return
	}
	writeJSON(w, http.StatusOK, struct{}{})
}

// start stores the order and hands its items to who makes them.
func (c *counter) start(placed order) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.put(ordersTable, placed.ID, placed); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	for _, item := range placed.LineItems {
		queue := "kitchen"
		if item.IsBaristaOrder {
			queue = "barista"
		}
		if err := publish(c.brokerURL, queue, ticket{OrderID: placed.ID, ItemID: item.ID, Name: item.Name}); err != nil {
			return fmt.Errorf("broker: %w", err)
		}
	}
	return nil
}

// markMade takes a finished item off its order.
func (c *counter) markMade(body json.RawMessage) error {
	var made ticket
	if err := json.Unmarshal(body, &made); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	answer, err := c.ask(message{Op: "list", Name: ordersTable})
	if err != nil {
		return err
	}
	for _, row := range answer.Rows {
		var stored order
		if err := json.Unmarshal(row, &stored); err != nil {
			return err
		}
		if stored.ID == made.OrderID {
			stored.finish(made)
			return c.put(ordersTable, stored.ID, stored)
		}
	}
	return nil // its order went with an earlier database
}

func (o *order) finish(made ticket) {
	o.OrderStatus = statusFulfilled
	for i := range o.LineItems {
		if o.LineItems[i].ID == made.ItemID {
			o.LineItems[i].ItemStatus = statusFulfilled
			o.LineItems[i].MadeBy = made.MadeBy
		}
		if o.LineItems[i].ItemStatus != statusFulfilled {
			o.OrderStatus = statusInProgress
		}
	}
}

func priced(body placeOrder, prices []itemType) (order, error) {
	placed := order{
		ID: newID(), OrderSource: body.OrderSource, LoyaltyMemberID: body.LoyaltyMemberID,
		OrderStatus: statusInProgress, Location: body.Location, CreatedAt: time.Now().UTC(),
	}
	byType := map[int]itemType{}
	for _, price := range prices {
		byType[price.Type] = price
	}
	for _, items := range []struct {
		ordered []orderedItem
		barista bool
	}{{body.BaristaItems, true}, {body.KitchenItems, false}} {
		for _, item := range items.ordered {
			price, known := byType[item.ItemType]
			if !known || (item.ItemType < firstKitchenItem) != items.barista {
				return order{}, fmt.Errorf("item type %d is not on that part of the menu", item.ItemType)
			}
			placed.LineItems = append(placed.LineItems, lineItem{
				ID: newID(), ItemType: price.Type, Name: price.Name, Price: price.Price,
				ItemStatus: statusInProgress, IsBaristaOrder: items.barista,
			})
		}
	}
	if len(placed.LineItems) == 0 {
		return order{}, fmt.Errorf("nothing ordered")
	}
	return placed, nil
}

func newID() string {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		panic(err) // the system has no random numbers
	}
	return hex.EncodeToString(id)
}
