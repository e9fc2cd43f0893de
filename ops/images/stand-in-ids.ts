import type { ContainerSpec, ServiceSpec, SwarmSpec } from "../../compose/swarm-spec";

/**
 * A spec with stand-ins such as `secret-id-<name>` for the ids that the Engine gives to secrets
 * and configs, so that it can be printed and compared whole. Never to be sent to an Engine.
 */
export function withStandInIds(spec: SwarmSpec): SwarmSpec {
  const services = Object.entries(spec.services).map(
    ([name, service]) => [name, inService(service)] as const,
  );
  return { ...spec, services: Object.fromEntries(services) };
}

function inService(service: ServiceSpec): ServiceSpec {
  const { TaskTemplate } = service;
  const ContainerSpec = inContainer(TaskTemplate.ContainerSpec);
  return { ...service, TaskTemplate: { ...TaskTemplate, ContainerSpec } };
}

function inContainer(container: ContainerSpec): ContainerSpec {
  const { Secrets, Configs, Privileges } = container;
  const credentials = Privileges?.CredentialSpec;
  const Config = credentials?.Config ? configId(credentials.Config) : "";
  return {
    ...container,
    ...(Secrets && {
      Secrets: Secrets.map((secret) => ({
        ...secret,
        SecretID: `secret-id-${secret.SecretName}`,
      })),
    }),
    ...(Configs && {
      Configs: Configs.map((config) => ({ ...config, ConfigID: configId(config.ConfigName) })),
    }),
    ...(credentials && { Privileges: { CredentialSpec: { ...credentials, Config } } }),
  };
}

function configId(name: string): string {
  return `config-id-${name}`;
}
