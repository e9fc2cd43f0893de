package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"
)

// runMaker is the barista or the kitchen: it takes tickets of its queue, writes them down, and reports them made.
func runMaker(name string) error {
	table := name + "_orders"
	storage, consumer, err := openStorage(table)
	if err != nil {
		return err
	}
	duration := workDuration()
	log.Printf("version %s waits for orders", version())
	err = consume(consumer, name, func(body json.RawMessage) error {
		var made ticket
		if err := json.Unmarshal(body, &made); err != nil {
			return err
		}
		time.Sleep(duration) // the work itself
		made.MadeBy = hostname()
		if err := storage.put(table, made.ItemID, made); err != nil {
			return fmt.Errorf("database: %w", err)
		}
		log.Printf("made %s", made.Name)
		return publish(storage.brokerURL, madeQueue, made)
	})
	return fmt.Errorf("broker: %w", err)
}

func workDuration() time.Duration {
	if given, err := time.ParseDuration(os.Getenv("STAND_IN_WORK_TIME")); err == nil {
		return given
	}
	return time.Second
}
