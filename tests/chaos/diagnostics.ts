import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fleet } from "../support/fleet";
import { PHONES } from "./model";
import type { RunSecrets } from "./run-secrets";

const ASKED: Readonly<Record<string, string>> = {
  "docker.log": "tail -n 400 /var/log/docker.log",
  nodes: "timeout 10 docker node ls",
  services: "timeout 10 docker service ls; docker service ps --no-trunc $(docker service ls -q)",
  info: "timeout 10 docker info; docker ps -a; docker network ls",
  processes: "ps -ef",
  firewall: "nft list ruleset",
};

/** Writes what each phone and the CLI say to a folder of its own, without the secrets; returns the folder. */
export async function keepDiagnostics(
  { lab }: Fleet,
  outputs: Readonly<Record<string, string>>,
  secrets: RunSecrets,
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-chaos-"));
  const write = (name: string, text: string) => {
    const masked = secrets
      .all()
      .reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
    writeFileSync(join(directory, name), masked);
  };
  for (const [name, text] of Object.entries(outputs)) write(name, text);
  const looks = PHONES.flatMap((phone) =>
    Object.entries(ASKED).map(async ([name, command]) => {
      const look = lab.exec(phone, ["sh", "-c", `{ ${command}; } 2>&1`], { allowFailure: true });
      const { stdout } = await look.catch((error: unknown) => ({ stdout: String(error) }));
      write(`${phone}.${name}`, stdout);
    }),
  );
  await Promise.all(looks);
  return directory;
}
