import type { CredentialSpec, ServiceConfig, Ulimit } from "./compose-config";
import { convertCapabilities } from "./convert-capabilities";
import {
  convertEndpoint,
  convertHealthcheck,
  convertMode,
  convertPlacement,
  convertResources,
  convertRestart,
  convertUpdate,
  orNothing,
} from "./convert-deploy";
import { convertConfigReferences, convertSecretReferences } from "./convert-files";
import { convertMount, type ConvertContext } from "./convert-mounts";
import { convertAttachments } from "./convert-networks";
import { quote } from "./describe-value";
import { byBytes, omitEmpty, omitUndefined, toRecord } from "./omit-empty";
import { parseImage } from "./parse-image";
import { cut } from "./read-fields";
import { imageLabel, scopedName, stackLabels } from "./scoped-name";
import type { ConfigReference, ContainerSpec, ServiceSpec, TaskSpec } from "./swarm-spec";

/** A service as the docker CLI sends it to the Engine. */
export function convertService(service: ServiceConfig, context: ConvertContext): ServiceSpec {
  const { stack } = context;
  const { deploy } = service;
  const labels = stackLabels(stack, deploy.labels);
  return omitUndefined({
    Name: scopedName(stack, service.name),
    Labels: { ...labels, [imageLabel]: service.image },
    TaskTemplate: convertTask(service, context),
    Mode: convertMode(service, context),
    UpdateConfig: convertUpdate(deploy.updateConfig),
    RollbackConfig: convertUpdate(deploy.rollbackConfig),
    EndpointSpec: convertEndpoint(deploy.endpointMode, service.ports),
  });
}

function convertTask(service: ServiceConfig, context: ConvertContext): TaskSpec {
  const { logging } = service;
  const Options = logging?.options?.size ? toRecord(logging.options) : undefined;
  return omitUndefined({
    ContainerSpec: convertContainer(service, context),
    Networks: convertAttachments(service, context),
    Placement: convertPlacement(service.deploy),
    Resources: convertResources(service, context),
    RestartPolicy: convertRestart(service, context),
    LogDriver: logging && { Name: logging.driver, ...(Options && { Options }) },
  });
}

function convertContainer(service: ServiceConfig, context: ConvertContext): ContainerSpec {
  const { stack, problems } = context;
  const Configs = convertConfigReferences(service, context);
  const CredentialSpec = convertCredentials(service, Configs, context);
  return {
    ...omitUndefined({
      Image: convertImage(service, context),
      Labels: stackLabels(stack, service.labels),
      Init: service.init,
      StopGracePeriod: service.stopGracePeriod,
      Healthcheck: convertHealthcheck(service.healthcheck, problems),
      Privileges: CredentialSpec && { CredentialSpec },
      DNSConfig: orNothing(omitEmpty({ Nameservers: service.dns, Search: service.dnsSearch })),
      Sysctls: service.sysctls?.size ? toRecord(service.sysctls) : undefined,
    }),
    ...omitEmpty({
      Command: service.entrypoint,
      Args: service.command,
      Env: convertEnvironment(service),
      Dir: service.workingDir,
      User: service.user,
      Hostname: service.hostname,
      Isolation: service.isolation,
      StopSignal: service.stopSignal,
      TTY: service.tty,
      OpenStdin: service.stdinOpen,
      ReadOnly: service.readOnly,
      Hosts: convertHosts(service),
      Mounts: (service.volumes ?? []).flatMap((mount) => convertMount(mount, context) ?? []),
      Secrets: convertSecretReferences(service, context),
      Configs,
      Ulimits: convertUlimits(service.ulimits),
      ...convertCapabilities(service.capAdd, service.capDrop),
    }),
  };
}

function convertImage({ name, image }: ServiceConfig, context: ConvertContext): string {
  const { problems } = context;
  const at = context.place(`services.${name}.image`);
  if (image === "") {
    const message = "is required: a swarm runs only images; build it, push it, and name it here";
    problems.addMerged("image/missing", at, message);
    return "";
  }
  const parsed = parseImage(image);
  if ("image" in parsed) return parsed.image;
  const message = `expected an image such as nginx:1.27, got ${quote(image)}: ${parsed.problem}`;
  problems.addMerged("image/format", at, message);
  return "";
}

function convertEnvironment({ environment }: ServiceConfig): string[] {
  const lines = [...environment].map(([name, value]) =>
    value === null ? name : `${name}=${value}`,
  );
  return lines.sort(byBytes);
}

// From `host:address` to the Engine's order.
function convertHosts({ extraHosts }: ServiceConfig): string[] {
  return extraHosts.map((entry) => {
    const [host, address] = cut(entry, ":");
    return `${address ?? ""} ${host}`;
  });
}

function convertUlimits(limits: ReadonlyMap<string, Ulimit>) {
  return [...limits]
    .map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard }))
    .sort((left, right) => byBytes(left.Name, right.Name));
}

// A config stands here with its full name: only the Engine knows its id.
function convertCredentials(
  { credentialSpec, name }: ServiceConfig,
  references: readonly ConfigReference[],
  { stack, problems, place }: ConvertContext,
): { Config: string; File: string; Registry: string } | undefined {
  const { config: key, file, registry }: CredentialSpec = credentialSpec;
  const at = `services.${name}.credential_spec`;
  const given = Object.entries({ config: key, file, registry }).filter(([, value]) => value !== "");
  if (given.length === 0) return undefined;
  if (given.length > 1) {
    const names = given.map(([way]) => way).join(" and ");
    const message = `takes only one of config, file and registry, got ${names}`;
    problems.addMerged("convert/credentials", place(at), message);
  }
  if (key === "") return { Config: "", File: file, Registry: registry };
  const full = [key, scopedName(stack, key)].find((candidate) =>
    references.some(({ ConfigName }) => ConfigName === candidate),
  );
  if (full === undefined) {
    const message = `cannot use a config that has a name of its own, got ${quote(key)}; remove the config's name`;
    problems.addMerged("convert/credentials", place(`${at}.config`), message);
  }
  return { Config: full ?? "", File: file, Registry: registry };
}
