// Command pulumi-resource-docker is the part of Pulumi's Docker provider that cloudlet uses: the same
// Terraform provider through the same bridge, with the same resource names.
package main

import (
	_ "embed"

	"cloudlet/toolchain/docker-provider/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

//go:generate sh -c "go run ./schema > schema.json && npx prettier --write schema.json"
//go:embed schema.json
var schema []byte

func main() {
	provider := info.Provider()
	tfbridge.Main(provider.Name, info.Version, provider, schema)
}
