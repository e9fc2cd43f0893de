// Package local is commands that run on the machine on which Pulumi runs.
package local

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	"cloudlet/toolchain/command-provider/lifecycle"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// After a cancelled command is killed, how long to wait for children of it that hold its output open.
const graceAfterKill = 5 * time.Second

// Logging says which outputs of a command the user sees.
type Logging string

// Values lists the choices, for the schema.
func (Logging) Values() []infer.EnumValue[Logging] { return lifecycle.LoggingValues[Logging]() }

// Inputs is what the user sets.
type Inputs struct {
	lifecycle.Script
	Interpreter *[]string `pulumi:"interpreter,optional"`
	Dir         *string   `pulumi:"dir,optional"`
	Logging     *Logging  `pulumi:"logging,optional"`
}

// Annotate describes the fields in the provider's schema.
func (i *Inputs) Annotate(a infer.Annotator) {
	a.Describe(&i.Interpreter, "The program that runs the command, with its arguments: [\"/bin/sh\", \"-c\"] by default.")
	a.Describe(&i.Dir, "The directory to run the command in: the project's by default.")
	a.Describe(&i.Logging, "Which outputs are shown while the command runs: both by default.")
}

// State is what is kept about a command.
type State struct {
	Inputs
	lifecycle.Result
}

// Command is a command on this machine.
type Command struct{}

// Annotate describes the resource in the provider's schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(c, "A command that runs on the machine on which Pulumi runs.")
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

// Delete runs the delete command, as it is in the state.
func (Command) Delete(
	ctx context.Context, req infer.DeleteRequest[State],
) (infer.DeleteResponse, error) {
	_, err := req.State.run(ctx, req.State.Inputs.Delete, req.State.Result)
	return infer.DeleteResponse{}, err
}

// run runs the command, if there is one: without, the result stays the previous.
func (i Inputs) run(
	ctx context.Context, command *string, previous lifecycle.Result,
) (lifecycle.Result, error) {
	if command == nil {
		return previous, nil
	}
	interpreter := []string{"/bin/sh", "-c"}
	if i.Interpreter != nil && len(*i.Interpreter) > 0 {
		interpreter = *i.Interpreter
	}
	process := exec.CommandContext(ctx, interpreter[0], append(interpreter[1:], *command)...)
	process.WaitDelay = graceAfterKill
	if i.Dir != nil {
		process.Dir = *i.Dir
	}
	process.Env = os.Environ()
	for _, variables := range []map[string]string{i.Variables(), i.PreviousOutput(previous)} {
		for name, value := range variables {
			process.Env = append(process.Env, name+"="+value)
		}
	}
	if i.Stdin != nil {
		process.Stdin = strings.NewReader(*i.Stdin)
	}
	capture := lifecycle.NewCapture(ctx, i.Logging)
	process.Stdout, process.Stderr = capture.Stdout, capture.Stderr
	return capture.Finish(*command, process.Run())
}
