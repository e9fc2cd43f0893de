package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// runProbe tells who asks what of whom: for tests of networks, variables and placement.
func runProbe(address string) error {
	return serve(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]interface{}{
			"hostname": hostname(), "version": version(), "environment": os.Environ(),
			"method": r.Method, "path": r.URL.Path, "host": r.Host, "from": r.RemoteAddr,
		})
	}))
}

// runStubborn does not end when it is asked to: for tests of removal. It has to be killed.
func runStubborn() error {
	signal.Reset(syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	log.Print("ignores SIGTERM")
	return runProbe(":8080")
}

// runCrash fails at once: for tests of what is said about it.
func runCrash() error {
	fmt.Fprintln(os.Stderr, "crash (stand-in): this image fails on purpose")
	os.Exit(3)
	return nil
}

// runHealthcheck looks for what the image's own mode serves, or connects to the address that is given.
func runHealthcheck(args []string) error {
	if len(args) > 0 {
		return requireListener(args[0])
	}
	address, serves := map[string]string{
		"portainer": ":9000", "agent": ":9001", "postgres": ":5432", "rabbitmq": ":5672", "product": ":5001",
		"counter": ":5002", "proxy": ":5000", "web": ":" + os.Getenv("WEB_PORT"), "probe": ":8080", "stubborn": ":8080",
	}[os.Getenv("STAND_IN_MODE")]
	if !serves {
		return errors.New("nothing to check: this part serves no port")
	}
	return requireListener(listen(address))
}

func requireListener(address string) error {
	conn, err := net.DialTimeout("tcp", address, 2*time.Second)
	if err != nil {
		return err
	}
	return conn.Close()
}
