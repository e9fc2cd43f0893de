// Package info says how the Terraform provider's resources become those of the npm package.
package info

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// Version must equal that of the npm package: the engine looks for exactly that one.
const Version = "5.2.0"

// resources maps the Terraform provider's names to those that the npm package sends.
var resources = map[string]tokens.Type{
	"docker_config":  "docker:index/serviceConfig:ServiceConfig",
	"docker_network": "docker:index/network:Network",
	"docker_secret":  "docker:index/secret:Secret",
	"docker_service": "docker:index/service:Service",
	"docker_volume":  "docker:index/volume:Volume",
}

// Provider describes the part of the provider that cloudlet uses.
func Provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shimv2.NewProvider(shim.NewProvider()),
		Name:    "docker",
		Version: Version,
		Config: map[string]*tfbridge.SchemaInfo{
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources: map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_network": {Tok: "docker:index/getNetwork:getNetwork"},
		},
		IgnoreMappings: []string{
			"docker_buildx_builder", "docker_container", "docker_image", "docker_logs", "docker_plugin",
			"docker_registry_image", "docker_registry_image_manifests", "docker_tag",
		},
	}
	for name, token := range resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: token}
	}
	// As the vendor's: generated names also decide in which order a replacement happens.
	info.SetAutonaming(255, "-")
	return info
}
