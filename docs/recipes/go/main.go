// Tells what it runs on, and how often it was asked, at port 8080.
package main

import (
	"fmt"
	"log"
	"net/http"
	"runtime"
	"sync/atomic"
)

// A type of sync/atomic lies right on 32-bit ARM wherever it stands; a plain int64 in a struct may not.
var asked atomic.Int64

func main() {
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(answer, "hello from %s/%s, asked %d times\n", runtime.GOOS, runtime.GOARCH, asked.Add(1))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
