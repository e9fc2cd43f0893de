package lifecycle

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

const logBoth = "stdoutAndStderr"

// Capture collects what a command prints while the user sees it, line by line.
type Capture struct {
	Stdout, Stderr io.Writer

	mutex          sync.Mutex
	both           bytes.Buffer
	stdout, stderr *stream
}

// NewCapture makes the writers for one run of a command. Logging is the input of that name, nil for
// its default.
func NewCapture[T ~string](ctx context.Context, logging *T) *Capture {
	choice := logBoth
	if logging != nil {
		choice = string(*logging)
	}
	capture := &Capture{}
	open := func(name string) *stream {
		opened := &stream{capture: capture}
		if choice == logBoth || choice == name {
			opened.log = p.GetLogger(ctx).InfoStatus
		}
		return opened
	}
	capture.stdout, capture.stderr = open("stdout"), open("stderr")
	capture.Stdout, capture.Stderr = capture.stdout, capture.stderr
	return capture
}

// Finish gives the result of a command that has ended, or the error that says which command failed
// and what it printed.
func (c *Capture) Finish(command string, err error) (Result, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.stdout.endLine()
	c.stderr.endLine()
	if err != nil {
		return Result{}, fmt.Errorf("%w: running %q:\n%s", err, command, c.both.String())
	}
	return Result{Stdout: c.stdout.text(), Stderr: c.stderr.text()}, nil
}

// stream is one of the two outputs of a command.
type stream struct {
	capture *Capture
	all     bytes.Buffer
	line    bytes.Buffer
	log     func(line string) // nil: nothing is logged
}

func (s *stream) Write(bytes []byte) (int, error) {
	s.capture.mutex.Lock()
	defer s.capture.mutex.Unlock()
	s.capture.both.Write(bytes)
	s.all.Write(bytes)
	if s.log == nil {
		return len(bytes), nil
	}
	for _, b := range bytes {
		if b == '\n' {
			s.log(s.line.String())
			s.line.Reset()
		} else {
			s.line.WriteByte(b)
		}
	}
	return len(bytes), nil
}

// endLine logs what the command printed after its last newline.
func (s *stream) endLine() {
	if s.log != nil && s.line.Len() > 0 {
		s.log(s.line.String())
		s.line.Reset()
	}
}

func (s *stream) text() string {
	return strings.TrimSuffix(s.all.String(), "\n")
}
