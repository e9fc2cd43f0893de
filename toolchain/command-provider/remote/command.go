// Package remote is commands that run on another machine, over SSH.
package remote

import (
	"context"
	"fmt"
	"strings"

	"cloudlet/toolchain/command-provider/lifecycle"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/ssh"
)

// Logging says which outputs of a command the user sees.
type Logging string

// Values lists the choices, for the schema.
func (Logging) Values() []infer.EnumValue[Logging] { return lifecycle.LoggingValues[Logging]() }

// Inputs is what the user sets.
type Inputs struct {
	lifecycle.Script
	Connection *Connection `pulumi:"connection"        provider:"secret"`
	Logging    *Logging    `pulumi:"logging,optional"`
}

// Annotate describes the fields in the provider's schema.
func (i *Inputs) Annotate(a infer.Annotator) {
	a.Describe(&i.Connection, "How to reach the other machine.")
	a.Describe(&i.Logging, "Which outputs are shown while the command runs: both by default.")
}

// State is what is kept about a command.
type State struct {
	Inputs
	lifecycle.Result
}

// Command is a command on another machine.
type Command struct{}

// Annotate describes the resource in the provider's schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(c, "A command that runs on another machine, over SSH.")
}

// Create runs the create command.
func (Command) Create(
	ctx context.Context, req infer.CreateRequest[Inputs],
) (infer.CreateResponse[State], error) {
	state := State{Inputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && !req.DryRun {
		state.Result, err = req.Inputs.run(ctx, req.Inputs.Create, lifecycle.Result{})
	}
	return infer.CreateResponse[State]{ID: id, Output: state}, err
}

// Update runs the update command.
func (Command) Update(
	ctx context.Context, req infer.UpdateRequest[Inputs, State],
) (infer.UpdateResponse[State], error) {
	state := State{Inputs: req.Inputs, Result: req.State.Result}
	var err error
	if !req.DryRun {
		state.Result, err = req.Inputs.run(ctx, req.Inputs.OnUpdate(), req.State.Result)
	}
	return infer.UpdateResponse[State]{Output: state}, err
}

// Delete runs the delete command with the connection and the script that are in the state.
func (Command) Delete(
	ctx context.Context, req infer.DeleteRequest[State],
) (infer.DeleteResponse, error) {
	_, err := req.State.run(ctx, req.State.Inputs.Delete, req.State.Result)
	return infer.DeleteResponse{}, err
}

// run runs the command, if there is one: without, nothing is dialled and the result stays the previous.
func (i Inputs) run(
	ctx context.Context, command *string, previous lifecycle.Result,
) (lifecycle.Result, error) {
	if command == nil {
		return previous, nil
	}
	client, hangUp, err := i.Connection.dial(ctx)
	if err != nil {
		return lifecycle.Result{}, err
	}
	defer hangUp()
	session, err := client.NewSession()
	if err != nil {
		return lifecycle.Result{}, err
	}
	defer session.Close() //nolint:errcheck // it is closed already when the command has ended
	if err := i.setEnvironment(ctx, session, previous); err != nil {
		return lifecycle.Result{}, err
	}
	if i.Stdin != nil {
		session.Stdin = strings.NewReader(*i.Stdin)
	}
	capture := lifecycle.NewCapture(ctx, i.Logging)
	session.Stdout, session.Stderr = capture.Stdout, capture.Stderr
	return capture.Finish(*command, session.Run(*command))
}

// setEnvironment fails if sshd refuses a variable that the user asked for. One that is only there by
// default, with the previous output, is worth a warning.
func (i Inputs) setEnvironment(
	ctx context.Context, session *ssh.Session, previous lifecycle.Result,
) error {
	for name, value := range i.Variables() {
		if err := session.Setenv(name, value); err != nil {
			return refused(name, err)
		}
	}
	for name, value := range i.PreviousOutput(previous) {
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).WarningStatus(refused(name, err).Error())
		}
	}
	return nil
}

func refused(name string, err error) error {
	return fmt.Errorf("%w: could not set environment variable %q: the SSH server has to accept it "+
		"(AcceptEnv); or write 'VAR=value command'", err, name)
}
