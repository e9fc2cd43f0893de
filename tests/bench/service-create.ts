import type { Mount, ServiceSpec } from "../../compose/swarm-spec";
import { shellQuote } from "../../observe/shell-quote";

/** The shell command that makes a service as the plan wants it: `docker service create`, as a script's author would write it. */
export function serviceCreate(spec: ServiceSpec): string {
  // The flag for health checks always means a shell, which not every image has.
  const { Healthcheck } = spec.TaskTemplate.ContainerSpec;
  return Healthcheck?.Test?.[0] === "CMD" ? postService(spec) : createByFlags(spec);
}

function createByFlags(spec: ServiceSpec): string {
  const { Image, Args = [] } = spec.TaskTemplate.ContainerSpec;
  const words = [...serviceFlags(spec), ...taskFlags(spec), Image, ...Args];
  return `docker service create --detach --quiet ${words.map(shellQuote).join(" ")} >/dev/null`;
}

function serviceFlags({ Name, Labels, Mode, EndpointSpec, UpdateConfig }: ServiceSpec): string[] {
  return [
    `--name=${Name}`,
    ...Object.entries(Labels).map(([label, value]) => `--label=${label}=${value}`),
    Mode.Global ? "--mode=global" : `--replicas=${Mode.Replicated?.Replicas ?? 1}`,
    ...flag("endpoint-mode", EndpointSpec?.Mode),
    ...(EndpointSpec?.Ports ?? []).map(
      ({ TargetPort, PublishedPort = 0, Protocol = "tcp", PublishMode = "ingress" }) =>
        `--publish=mode=${PublishMode},target=${TargetPort},published=${PublishedPort},protocol=${Protocol}`,
    ),
    ...flag("update-order", UpdateConfig?.Order),
    ...flag("update-failure-action", UpdateConfig?.FailureAction),
    ...flag("update-parallelism", UpdateConfig?.Parallelism),
  ];
}

function taskFlags({ TaskTemplate }: ServiceSpec): string[] {
  const { ContainerSpec, Networks, Placement, Resources, RestartPolicy } = TaskTemplate;
  const { Labels, Env, Hostname, Mounts, Secrets } = ContainerSpec;
  return [
    ...Object.entries(Labels ?? {}).map(([label, value]) => `--container-label=${label}=${value}`),
    ...(Env ?? []).map((line) => `--env=${line}`),
    ...flag("hostname", Hostname),
    ...(Mounts ?? []).map(mountFlag),
    ...(Secrets ?? []).map(
      ({ SecretName, File: { Name, UID, GID, Mode } }) =>
        `--secret=source=${SecretName},target=${Name},uid=${UID},gid=${GID},mode=0${Mode.toString(8)}`,
    ),
    ...(Networks ?? []).map(({ Target, Aliases }) =>
      [`--network=name=${Target}`, ...(Aliases ?? []).map((alias) => `alias=${alias}`)].join(","),
    ),
    ...(Placement?.Constraints ?? []).map((constraint) => `--constraint=${constraint}`),
    ...flag("limit-memory", Resources?.Limits?.MemoryBytes),
    ...flag("restart-condition", RestartPolicy?.Condition),
    ...flag("restart-delay", RestartPolicy?.Delay && `${RestartPolicy.Delay}ns`),
  ];
}

function mountFlag({ Type, Source, Target, VolumeOptions }: Mount): string {
  const labels = Object.entries(VolumeOptions?.Labels ?? {});
  return [
    `--mount=type=${Type},source=${Source ?? ""},target=${Target}`,
    ...labels.map(([label, value]) => `volume-label=${label}=${value}`),
  ].join(",");
}

function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

// The call of the Engine's API that the command comes down to. It is spoken through the docker CLI, so that one process
// starts here too; standard input stays open until the answer is there.
function postService(spec: ServiceSpec): string {
  const body = JSON.stringify(spec);
  const request = [
    "POST /services/create HTTP/1.1",
    ...["Host: docker", "Connection: close", "Content-Type: application/json"],
    `Content-Length: ${Buffer.byteLength(body)}`,
  ].join("\\r\\n");
  return `pipe=$(mktemp -d); mkfifo "$pipe/in"
docker system dial-stdio < "$pipe/in" > "$pipe/out" &
exec 3> "$pipe/in"
printf '${request}\\r\\n\\r\\n' >&3
printf %s ${shellQuote(body)} >&3
wait $!
exec 3>&-
head -n 1 "$pipe/out" | grep -q ' 201 ' || { tail -n 1 "$pipe/out" >&2; exit 1; }
rm -r "$pipe"`;
}
