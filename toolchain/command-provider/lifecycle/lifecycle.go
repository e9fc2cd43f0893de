// Package lifecycle is what local and remote commands have in common: which command runs when, and
// what becomes of its output.
package lifecycle

import "github.com/pulumi/pulumi-go-provider/infer"

// The names under which a command finds what the one before it printed.
const (
	previousStdout = "PULUMI_COMMAND_STDOUT"
	previousStderr = "PULUMI_COMMAND_STDERR"
)

// Script is the inputs that local and remote commands share.
type Script struct {
	Triggers               *[]any             `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Create                 *string            `pulumi:"create,optional"`
	Update                 *string            `pulumi:"update,optional"`
	Delete                 *string            `pulumi:"delete,optional"`
	Stdin                  *string            `pulumi:"stdin,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
}

// Annotate describes the fields in the provider's schema.
func (s *Script) Annotate(a infer.Annotator) {
	a.Describe(&s.Triggers, "The resource is replaced when any of these values changes.")
	a.Describe(&s.Create, "The command to run when the resource is created.")
	a.Describe(&s.Update, "The command to run when an input changes. Without it, create runs again.")
	a.Describe(&s.Delete, "The command to run when the resource is deleted.")
	a.Describe(&s.Stdin, "What the command reads from its standard input.")
	a.Describe(&s.Environment, "Further environment variables of the command.")
	a.Describe(&s.AddPreviousOutputInEnv, "Whether the command finds what the one before it printed in "+
		previousStdout+" and "+previousStderr+".")
	a.SetDefault(&s.AddPreviousOutputInEnv, true)
}

// Result is what a command printed, each without its last newline.
type Result struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Annotate describes the fields in the provider's schema.
func (r *Result) Annotate(a infer.Annotator) {
	a.Describe(&r.Stdout, "The standard output of the command.")
	a.Describe(&r.Stderr, "The standard error of the command.")
}

// OnUpdate is the command to run on an update, nil if there is none.
func (s Script) OnUpdate() *string {
	if s.Update != nil {
		return s.Update
	}
	return s.Create
}

// Variables is the environment that the script asks for.
func (s Script) Variables() map[string]string {
	if s.Environment == nil {
		return nil
	}
	return *s.Environment
}

// PreviousOutput is the environment in which a command finds what the one before it printed.
func (s Script) PreviousOutput(previous Result) map[string]string {
	variables := map[string]string{}
	if s.AddPreviousOutputInEnv != nil && !*s.AddPreviousOutputInEnv {
		return variables
	}
	if previous.Stdout != "" {
		variables[previousStdout] = previous.Stdout
	}
	if previous.Stderr != "" {
		variables[previousStderr] = previous.Stderr
	}
	return variables
}

// LoggingValues lists the choices of the logging input, for the schema.
func LoggingValues[T ~string]() []infer.EnumValue[T] {
	return []infer.EnumValue[T]{
		{Name: "Stdout", Value: "stdout", Description: "Log stdout but not stderr"},
		{Name: "Stderr", Value: "stderr", Description: "Log stderr but not stdout"},
		{Name: "StdoutAndStderr", Value: logBoth, Description: "Log stdout and stderr"},
		{Name: "None", Value: "none", Description: "Log nothing"},
	}
}
