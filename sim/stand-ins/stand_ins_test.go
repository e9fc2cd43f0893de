package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startOn runs a part on a free port of this machine and gives its address.
func startOn(t *testing.T, run func(address string) error) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	go func() { t.Log(run(address)) }()
	deadline := time.Now().Add(10 * time.Second)
	for requireListener(address) != nil {
		if time.Now().After(deadline) {
			t.Fatalf("%s: nothing listens", address)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return address
}

func TestDatabaseKeepsRowsInOrderAndRefusesOthers(t *testing.T) {
	t.Setenv("PGDATA", t.TempDir())
	t.Setenv("POSTGRES_USER", "coffee")
	t.Setenv("POSTGRES_PASSWORD", "right")
	url := "postgres://coffee:right@" + startOn(t, runPostgres) + "/coffee"
	for _, request := range []message{
		{Op: "create", Name: "orders"},
		{Op: "put", Name: "orders", ID: "2", Body: json.RawMessage(`"b"`)},
		{Op: "put", Name: "orders", ID: "1", Body: json.RawMessage(`"a"`)},
		{Op: "put", Name: "orders", ID: "2", Body: json.RawMessage(`"c"`)},
		{Op: "create", Name: "orders"},
	} {
		if _, err := askDatabase(url, request); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := askDatabase(url, message{Op: "list", Name: "orders"})
	if err != nil || len(answer.Rows) != 2 || string(answer.Rows[0]) != `"c"` || string(answer.Rows[1]) != `"a"` {
		t.Fatalf("got %s, %v", answer.Rows, err)
	}
	for wrong, want := range map[string]string{
		strings.Replace(url, "right", "wrong", 1):      `password authentication failed for user "coffee"`,
		strings.TrimSuffix(url, "coffee") + "tea":      `database "tea" does not exist`,
		strings.Replace(url, "coffee:", "someone:", 1): `password authentication failed for user "someone"`,
	} {
		if _, err := askDatabase(wrong, message{Op: "list", Name: "orders"}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", wrong, err, want)
		}
	}
}

func TestDatabaseKeepsItsFirstPassword(t *testing.T) {
	directory := t.TempDir()
	t.Setenv("PGDATA", directory)
	t.Setenv("POSTGRES_PASSWORD", "first")
	if _, err := openDatabase(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("POSTGRES_PASSWORD", "second")
	db, err := openDatabase()
	if err != nil {
		t.Fatal(err)
	}
	if !db.Password.matches("first") || db.Password.matches("second") {
		t.Error("the password of the first start must stay")
	}
	content, err := os.ReadFile(filepath.Join(directory, "stand-in.json"))
	if err != nil || strings.Contains(string(content), "first") {
		t.Errorf("the password must not be readable in the data: %v", err)
	}
}

func TestBrokerGivesAnUnacknowledgedMessageToTheNextConsumer(t *testing.T) {
	t.Setenv("RABBITMQ_DEFAULT_USER", "coffee")
	t.Setenv("RABBITMQ_DEFAULT_PASS", "right")
	address := startOn(t, runRabbitmq)
	if err := publish("amqp://coffee:right@"+address+"/", "barista", "first"); err != nil {
		t.Fatal(err)
	}
	if err := publish("amqp://coffee:right@"+address+"/", "barista", "second"); err != nil {
		t.Fatal(err)
	}
	for _, last := range []bool{false, true} {
		conn, err := login(address, message{User: "coffee", Password: "right"})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.send(message{Op: "consume", Name: "barista"}); err != nil {
			t.Fatal(err)
		}
		if got, err := conn.receive(); err != nil || string(got.Body) != `"first"` {
			t.Fatalf("got %s, %v", got.Body, err)
		}
		if last {
			_ = conn.send(message{Op: "ack"})
			if got, err := conn.receive(); err != nil || string(got.Body) != `"second"` {
				t.Fatalf("got %s, %v", got.Body, err)
			}
		}
		conn.Close()
	}
}

func TestBrokerRefusesAWrongPassword(t *testing.T) {
	t.Setenv("RABBITMQ_DEFAULT_PASS", "right")
	err := publish("amqp://guest:wrong@"+startOn(t, runRabbitmq)+"/", "barista", "x")
	if err == nil || !strings.HasPrefix(err.Error(), "ACCESS_REFUSED") {
		t.Fatalf("got %v", err)
	}
}

func TestOrdersArePricedAndChecked(t *testing.T) {
	items := func(types ...int) (ordered []orderedItem) {
		for _, itemType := range types {
			ordered = append(ordered, orderedItem{itemType})
		}
		return ordered
	}
	placed, err := priced(placeOrder{BaristaItems: items(0), KitchenItems: items(7)}, menu)
	if err != nil || len(placed.LineItems) != 2 || placed.LineItems[1].Price != 3.25 {
		t.Fatalf("got %+v, %v", placed, err)
	}
	for _, wrong := range []placeOrder{{}, {BaristaItems: items(7)}, {KitchenItems: items(0)}, {KitchenItems: items(99)}} {
		if _, err := priced(wrong, menu); err == nil {
			t.Errorf("%+v must be refused", wrong)
		}
	}
	placed.finish(ticket{ItemID: placed.LineItems[0].ID, MadeBy: "x"})
	if placed.OrderStatus != statusInProgress {
		t.Error("an order is not done before its last item")
	}
	placed.finish(ticket{ItemID: placed.LineItems[1].ID, MadeBy: "y"})
	if placed.OrderStatus != statusFulfilled {
		t.Error("an order is done with its last item")
	}
}

func TestPanelKeepsItsFirstPassword(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	data := t.TempDir()
	var panels []*panel
	for _, password := range []string{"first\n", "second\n"} {
		if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
			t.Fatal(err)
		}
		options, err := parsePortainerOptions([]string{
			"-H", "tcp://tasks.agent:9001", "--tlsskipverify", "--data=" + data, "--admin-password-file", file,
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := openPanel(options)
		if err != nil {
			t.Fatal(err)
		}
		panels = append(panels, p)
	}
	if !panels[1].Admin.matches("first") || panels[0].InstanceID != panels[1].InstanceID {
		t.Error("the data of the first start must stay")
	}
}

func TestPanelRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, args := range [][]string{{"--no-such-option"}, {"-H"}, {"-H", "http://x"}, {"--tlsskipverify=no"}} {
		if _, err := parsePortainerOptions(args); err == nil {
			t.Errorf("%v must be refused", args)
		}
	}
	if _, err := openPanel(portainerOptions{data: t.TempDir(), adminPasswordFile: "/does/not/exist"}); err == nil {
		t.Error("a password file that is missing must be refused")
	}
}
