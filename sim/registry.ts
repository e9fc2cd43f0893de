import type { Engine } from "./engine";
import type { Log } from "./host";
import { networkName, registryAddress } from "./lab-network";
import { LAB_LABEL } from "./phone-container";
import { waitUntil } from "./wait-until";

/** The port of a lab's registry. */
export const REGISTRY_PORT = 5000;

// Phones have it as their name server, too, which knows no name and says so at once: what asks must not wait. Answering
// nothing would do for the phones, but the name server inside their engine then leaves containers without an answer.
const SERVE = [
  "dnsmasq --user=root --no-resolv --no-hosts --address=/#/",
  "exec docker-registry serve /etc/docker/registry/config.yml",
].join(" && ");

/** Where a lab's registry belongs and what it runs from. */
export interface RegistryPlace {
  readonly lab: string;
  readonly subnet: string;
  readonly image: string;
}

/** Starts the lab's registry unless it runs; returns when it answers. */
export async function ensureRegistry(
  engine: Engine,
  place: RegistryPlace,
  log: Log,
): Promise<void> {
  const container = `cloudlet-${place.lab}-registry`;
  const started = await engine.docker(["start", container], { allowFailure: true });
  if (started.exitCode !== 0) {
    log("starting the registry of stand-in images");
    await engine.docker([
      ...["run", "--detach", `--name=${container}`, `--label=${LAB_LABEL}=${place.lab}`],
      ...[`--network=${networkName(place.lab)}`, `--ip=${registryAddress(place.subnet)}`],
      ...["--stop-signal=KILL", place.image, "sh", "-c", SERVE],
    ]);
  }
  const address = `${registryAddress(place.subnet)}:${REGISTRY_PORT}`;
  await waitUntil(
    `registry ${address}: does not answer`,
    30,
    async () => (await fetch(`http://${address}/v2/`)).ok,
  );
}
