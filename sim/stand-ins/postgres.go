package main

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// database is the whole content, kept in one file. As with the original, user and password are those of the first
// start; later values of the variables change nothing while the data is there.
type database struct {
	User     string                                `json:"user"`
	Password storedPassword                        `json:"password"`
	Name     string                                `json:"name"`
	Tables   map[string]map[string]json.RawMessage `json:"tables"`
	Order    map[string][]string                   `json:"order"` // ids of each table, oldest first

	mutex sync.Mutex
	path  string
}

func runPostgres(address string) error {
	db, err := openDatabase()
	if err != nil {
		return err
	}
	return serveLines(address, db.accept, db.talk)
}

func openDatabase() (*database, error) {
	directory := os.Getenv("PGDATA")
	if directory == "" {
		directory = "/var/lib/postgresql/data"
	}
	db := &database{path: filepath.Join(directory, "stand-in.json")}
	content, err := os.ReadFile(db.path)
	if err == nil {
		log.Printf("data found in %s", directory)
		return db, json.Unmarshal(content, db)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return db, db.initialise(directory)
}

func (db *database) initialise(directory string) error {
	password, err := envOrFile("POSTGRES_PASSWORD")
	if err != nil {
		return err
	}
	if password == "" {
		return errors.New("database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD")
	}
	if db.User, err = envOrFile("POSTGRES_USER"); err != nil {
		return err
	}
	if db.User == "" {
		db.User = "postgres"
	}
	if db.Name, err = envOrFile("POSTGRES_DB"); err != nil {
		return err
	}
	if db.Name == "" {
		db.Name = db.User
	}
	db.Password = storePassword(password)
	db.Tables, db.Order = map[string]map[string]json.RawMessage{}, map[string][]string{}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	log.Printf("made database %q of user %q in %s", db.Name, db.User, directory)
	return db.save()
}

func (db *database) accept(hello message) error {
	if subtle.ConstantTimeCompare([]byte(hello.User), []byte(db.User)) != 1 || !db.Password.matches(hello.Password) {
		return fmt.Errorf("password authentication failed for user %q", hello.User)
	}
	if hello.Database != db.Name {
		return fmt.Errorf("database %q does not exist", hello.Database)
	}
	return nil
}

func (db *database) talk(conn *lineConn) {
	for {
		request, err := conn.receive()
		if err != nil || conn.send(db.answer(request)) != nil {
			return
		}
	}
}

func (db *database) answer(request message) message {
	db.mutex.Lock()
	defer db.mutex.Unlock()
	table, exists := db.Tables[request.Name]
	if !exists && request.Op != "create" {
		return message{Error: fmt.Sprintf("relation %q does not exist", request.Name)}
	}
	switch request.Op {
	case "create":
		if exists {
			return message{}
		}
		db.Tables[request.Name] = map[string]json.RawMessage{}
	case "put":
		if _, known := table[request.ID]; !known {
			db.Order[request.Name] = append(db.Order[request.Name], request.ID)
		}
		table[request.ID] = request.Body
	case "list":
		rows := make([]json.RawMessage, 0, len(table))
		for _, id := range db.Order[request.Name] {
			rows = append(rows, table[id])
		}
		return message{Rows: rows}
	default:
		return message{Error: fmt.Sprintf("syntax error at or near %q", request.Op)}
	}
	if err := db.save(); err != nil {
		log.Printf("cannot save: %v", err)
		return message{Error: err.Error()}
	}
	return message{}
}

// save replaces the file in one step, so that a power cut leaves the old content or the new.
func (db *database) save() error {
	content, err := json.Marshal(db)
	if err != nil {
		return err
	}
	return replaceFile(db.path, content)
}

func replaceFile(path string, content []byte) error {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// databaseLogin reads a PG_URL (postgres://user:password@host:port/name) or PG_DSN_URL (host=... user=... and so on).
func databaseLogin(text string) (address string, credentials message, err error) {
	values := map[string]string{}
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		parsed, parseErr := url.Parse(text)
		if parseErr != nil {
			return "", message{}, errors.New("cannot be parsed: a password in it must be fit for a URL")
		}
		values["host"], values["port"] = parsed.Hostname(), parsed.Port()
		values["user"], values["dbname"] = parsed.User.Username(), strings.TrimPrefix(parsed.Path, "/")
		values["password"], _ = parsed.User.Password()
	} else {
		for _, pair := range strings.Fields(text) {
			if key, value, ok := strings.Cut(pair, "="); ok {
				values[key] = value
			}
		}
	}
	if values["host"] == "" {
		return "", message{}, errors.New("names no host")
	}
	if values["port"] == "" {
		values["port"] = "5432"
	}
	credentials = message{User: values["user"], Password: values["password"], Database: values["dbname"]}
	return values["host"] + ":" + values["port"], credentials, nil
}
