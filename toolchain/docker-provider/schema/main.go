// Command schema prints the provider's Pulumi schema. It is kept in a file because what makes it is
// larger than the provider.
package main

import (
	"context"
	"encoding/json"
	"os"

	"cloudlet/toolchain/docker-provider/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/spf13/afero"
)

func main() {
	if err := printSchema(); err != nil {
		cmdutil.ExitError(err.Error())
	}
}

func printSchema() error {
	generator, err := tfgen.NewGenerator(tfgen.GeneratorOptions{
		Package:      "docker",
		Version:      info.Version,
		Language:     tfgen.Schema,
		ProviderInfo: info.Provider(),
		Root:         afero.NewMemMapFs(),
		Sink:         diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never}),
		SkipDocs:     true,
		SkipExamples: true,
	})
	if err != nil {
		return err
	}
	result, err := generator.Generate(context.Background())
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result.PackageSpec)
}
