// Stand-ins for the images that cloudlet's stacks name: one small static program with a mode per image, so that
// simulated phones can run the stacks without a network. They keep the originals' ports, variables and failures,
// not their protocols: between them everything is JSON over HTTP or over plain TCP lines.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// A mode serves until the process ends; it returns only to say why it cannot go on.
type mode func(args []string) error

var modes = map[string]mode{
	"portainer":   runPortainer,
	"agent":       runAgent,
	"postgres":    func([]string) error { return runPostgres(":5432") },
	"rabbitmq":    func([]string) error { return runRabbitmq(":5672") },
	"product":     func([]string) error { return runProduct(":5001") },
	"counter":     func([]string) error { return runCounter(":5002") },
	"barista":     func([]string) error { return runMaker("barista") },
	"kitchen":     func([]string) error { return runMaker("kitchen") },
	"proxy":       func([]string) error { return runProxy(":5000") },
	"web":         func([]string) error { return runWeb() },
	"probe":       func([]string) error { return runProbe(":8080") },
	"stubborn":    func([]string) error { return runStubborn() },
	"crash":       func([]string) error { return runCrash() },
	"healthcheck": runHealthcheck,
}

// The originals' health commands, as links to this program.
var commandsByName = map[string]mode{
	"pg_isready":           func([]string) error { return requireListener(":5432") },
	"rabbitmq-diagnostics": func([]string) error { return requireListener(":5672") },
}

func main() {
	log.SetFlags(log.LUTC | log.Ldate | log.Ltime)
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	run, known := commandsByName[name]
	if !known && len(args) > 0 {
		name, args = args[0], args[1:]
		run, known = modes[name]
	}
	if !known {
		fmt.Fprintf(os.Stderr, "stand-in: expected one of %s, got %q\n", strings.Join(modeNames(), ", "), os.Args[1:])
		os.Exit(2)
	}
	log.SetPrefix(name + " (stand-in): ")
	endOnSignal()
	if err := run(args); err != nil {
		log.Print(err)
		os.Exit(1)
	}
}

func modeNames() []string {
	names := make([]string, 0, len(modes))
	for name := range modes {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Process 1 of a container gets no default handlers: without this it would be killed after the grace period.
func endOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		log.Printf("%s, ending", <-signals)
		os.Exit(0)
	}()
}

// listen is where a part answers: the original's port, or another for runs on one machine.
func listen(address string) string {
	if override := os.Getenv("STAND_IN_LISTEN"); override != "" {
		return override
	}
	return address
}

// requireEnv gives the variables' values, or names all that are missing.
func requireEnv(names ...string) (map[string]string, error) {
	values, missing := map[string]string{}, []string{}
	for _, name := range names {
		if values[name] = os.Getenv(name); values[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("environment: %s not set", strings.Join(missing, ", "))
	}
	return values, nil
}

// envOrFile reads NAME, or the file that NAME_FILE names, as the originals do.
func envOrFile(name string) (string, error) {
	path := os.Getenv(name + "_FILE")
	if path == "" {
		return os.Getenv(name), nil
	}
	content, err := os.ReadFile(path)
	return strings.TrimRight(string(content), "\r\n"), err
}

// version is the tag of the image that this process runs from.
func version() string {
	if value := os.Getenv("STAND_IN_VERSION"); value != "" {
		return value
	}
	return "none"
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// try calls connect so often, with a pause after each time, before it gives up.
func try(what string, times int, pause time.Duration, connect func() error) error {
	var err error
	for attempt := 1; attempt <= times; attempt++ {
		if err = connect(); err == nil {
			return nil
		}
		log.Printf("%s: try %d of %d: %v", what, attempt, times, err)
		time.Sleep(pause)
	}
	return fmt.Errorf("%s: gave up: %w", what, err)
}

func serve(address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", listen(address))
	if err != nil {
		return err
	}
	log.Printf("version %s listens on %s", version(), listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
