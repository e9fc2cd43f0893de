package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// broker keeps its queues in memory: the stack gives the original no volume either.
type broker struct {
	user, password string
	mutex          sync.Mutex
	changed        *sync.Cond
	queues         map[string][]json.RawMessage
}

func runRabbitmq(address string) error {
	user, err := envOrFile("RABBITMQ_DEFAULT_USER")
	if err != nil {
		return err
	}
	password, err := envOrFile("RABBITMQ_DEFAULT_PASS")
	if err != nil {
		return err
	}
	if user == "" {
		user = "guest"
	}
	if password == "" {
		password = "guest"
	}
	b := &broker{user: user, password: password, queues: map[string][]json.RawMessage{}}
	b.changed = sync.NewCond(&b.mutex)
	return serveLines(address, b.accept, b.talk)
}

func (b *broker) accept(hello message) error {
	if hello.User != b.user || hello.Password != b.password {
		return fmt.Errorf("ACCESS_REFUSED: login was refused for user %q", hello.User)
	}
	return nil
}

func (b *broker) talk(conn *lineConn) {
	for {
		request, err := conn.receive()
		if err != nil {
			return
		}
		switch request.Op {
		case "publish":
			b.add(request.Name, request.Body, false)
			err = conn.send(message{})
		case "consume":
			b.deliver(conn, request.Name)
			return
		default:
			err = conn.send(message{Error: fmt.Sprintf("COMMAND_INVALID: %q", request.Op)})
		}
		if err != nil {
			return
		}
	}
}

// deliver gives a queue's messages to one consumer, the next when the last is acknowledged; what is not goes back.
func (b *broker) deliver(conn *lineConn, queue string) {
	gone := false
	acknowledged := make(chan bool, 1)
	go func() {
		defer close(acknowledged)
		for {
			if answer, err := conn.receive(); err != nil || answer.Op != "ack" {
				b.mutex.Lock()
				gone = true
				b.changed.Broadcast()
				b.mutex.Unlock()
				return
			}
			acknowledged <- true
		}
	}()
	for {
		body, ok := b.take(queue, &gone)
		if !ok {
			return
		}
		if conn.send(message{Body: body}) != nil || !<-acknowledged {
			b.add(queue, body, true)
			return
		}
	}
}

func (b *broker) add(queue string, body json.RawMessage, first bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if first {
		b.queues[queue] = append([]json.RawMessage{body}, b.queues[queue]...)
	} else {
		b.queues[queue] = append(b.queues[queue], body)
	}
	b.changed.Broadcast()
}

func (b *broker) take(queue string, gone *bool) (json.RawMessage, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for len(b.queues[queue]) == 0 && !*gone {
		b.changed.Wait()
	}
	if *gone {
		return nil, false
	}
	body := b.queues[queue][0]
	b.queues[queue] = b.queues[queue][1:]
	return body, true
}

// brokerLogin reads a RABBITMQ_URL (amqp://user:password@host:port/).
func brokerLogin(text string) (address string, credentials message, err error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "amqp" || parsed.Hostname() == "" {
		return "", message{}, errors.New("expected amqp://user:password@host:port/")
	}
	port := parsed.Port()
	if port == "" {
		port = "5672"
	}
	credentials = message{User: parsed.User.Username()}
	credentials.Password, _ = parsed.User.Password()
	return parsed.Hostname() + ":" + port, credentials, nil
}

// publish sends one message over a connection of its own.
func publish(brokerURL, queue string, body interface{}) error {
	address, credentials, err := brokerLogin(brokerURL)
	if err != nil {
		return err
	}
	conn, err := login(address, credentials)
	if err != nil {
		return err
	}
	defer conn.Close()
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, err = conn.ask(message{Op: "publish", Name: queue, Body: encoded})
	return err
}

// consume hands a queue's messages to `handle`, one at a time; it returns when the connection or a handler fails.
func consume(conn *lineConn, queue string, handle func(json.RawMessage) error) error {
	if err := conn.send(message{Op: "consume", Name: queue}); err != nil {
		return err
	}
	for {
		delivery, err := conn.receive()
		if err != nil {
			return err
		}
		if delivery.Error != "" {
			return errors.New(delivery.Error)
		}
		if err := handle(delivery.Body); err != nil {
			return err
		}
		if err := conn.send(message{Op: "ack"}); err != nil {
			return err
		}
	}
}
