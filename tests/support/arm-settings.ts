/** What the settings of emulated phones have beside nodes and stacks. */
export const ARM_SETTINGS = {
  platform: "linux/arm/v7",
  routingMesh: true,
  ssh: { identityFile: ".cloudlet/simulated/id_ed25519", connectTimeoutSeconds: 60 },
  observeTimeoutSeconds: 90,
};
