package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"sync"
	"time"
)

// message is one line of the protocol that stands in for PostgreSQL's and RabbitMQ's.
type message struct {
	Op       string            `json:"op,omitempty"`
	User     string            `json:"user,omitempty"`
	Password string            `json:"password,omitempty"`
	Database string            `json:"database,omitempty"`
	Name     string            `json:"name,omitempty"` // of a table or a queue
	ID       string            `json:"id,omitempty"`
	Body     json.RawMessage   `json:"body,omitempty"`
	Rows     []json.RawMessage `json:"rows,omitempty"`
	Error    string            `json:"error,omitempty"`
}

const lineLimit = 4 << 20

// lineConn reads and writes messages; one goroutine may read while others write.
type lineConn struct {
	net.Conn
	scanner *bufio.Scanner
	writing sync.Mutex
}

func newLineConn(conn net.Conn) *lineConn {
	scanner := bufio.NewScanner(conn)
	scanner.Buffer(make([]byte, 0, 4096), lineLimit)
	return &lineConn{Conn: conn, scanner: scanner}
}

func (c *lineConn) send(m message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = c.Write(append(line, '\n'))
	return err
}

func (c *lineConn) receive() (message, error) {
	var m message
	if !c.scanner.Scan() {
		if err := c.scanner.Err(); err != nil {
			return m, err
		}
		return m, errors.New("connection closed")
	}
	if err := json.Unmarshal(c.scanner.Bytes(), &m); err != nil {
		return m, fmt.Errorf("not this stand-in's protocol: %w", err)
	}
	return m, nil
}

func (c *lineConn) ask(m message) (message, error) {
	if err := c.send(m); err != nil {
		return message{}, err
	}
	answer, err := c.receive()
	if err == nil && answer.Error != "" {
		err = errors.New(answer.Error)
	}
	return answer, err
}

// login opens a connection and introduces itself; a refusal is an error.
func login(address string, credentials message) (*lineConn, error) {
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	lines := newLineConn(conn)
	credentials.Op = "login"
	if _, err := lines.ask(credentials); err != nil {
		conn.Close()
		return nil, err
	}
	return lines, nil
}

// serveLines accepts connections, lets in who `accept` takes, and gives each to `talk` until that returns.
func serveLines(address string, accept func(message) error, talk func(*lineConn)) error {
	listener, err := net.Listen("tcp", listen(address))
	if err != nil {
		return err
	}
	log.Printf("version %s listens on %s", version(), listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			lines := newLineConn(conn)
			hello, err := lines.receive()
			if err != nil {
				return // a health check, or somebody else's protocol
			}
			if err := accept(hello); err != nil {
				log.Printf("refused %s: %v", conn.RemoteAddr(), err)
				_ = lines.send(message{Error: err.Error()})
				return
			}
			if lines.send(message{}) == nil {
				talk(lines)
			}
		}()
	}
}
