// Package shim hands out the Terraform provider's constructor, which lives in one of its internal
// packages: Go lets only modules named below it import those, hence this module's name.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider makes the Terraform provider.
func NewProvider() *schema.Provider {
	return provider.New("dev")()
}
