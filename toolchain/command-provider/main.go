// Command pulumi-resource-command is the part of Pulumi's Command provider that cloudlet uses:
// commands over SSH and on this machine, with the fields and the behaviour of the vendor's.
package main

import (
	"context"
	"fmt"
	"os"

	"cloudlet/toolchain/command-provider/local"
	"cloudlet/toolchain/command-provider/remote"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"
)

// version must equal that of the npm package: the engine looks for exactly that one.
const version = "1.2.1"

func main() {
	provider := infer.Provider(infer.Options{
		Metadata: schema.Metadata{DisplayName: "Command", License: "MIT"},
		Resources: []infer.InferredResource{
			infer.Resource(local.Command{}),
			infer.Resource(remote.Command{}),
		},
	})
	if err := provider.Run(context.Background(), "command", version); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
