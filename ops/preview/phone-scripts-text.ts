// What a phone's scripts say of its settings: the state holds the old settings only there.

/** A node's availability and labels in the swarm, read off the script that makes a phone a member. */
export function membershipIn(joinScript: string): Readonly<Record<string, string>> {
  const update = /--availability (\w+) (.*?) \$remove /.exec(joinScript);
  if (update === null) return {};
  const [, availability = "", additions = ""] = update;
  const labels = additions
    .split("--label-add ")
    .map((addition) => addition.trim().replaceAll("'\\''", ""))
    .filter((label) => label !== "" && !label.startsWith("cloudlet."));
  const named = labels.map((label): [string, string] => {
    const at = label.indexOf("=");
    return [`label ${label.slice(0, at)}`, label.slice(at + 1)];
  });
  return { availability, ...Object.fromEntries(named) };
}

const PEERS = /ip saddr \{ ([^}]*) \}/g;

/** The phones that the firewall lets in, read off the script that sets an engine up. */
export function peersIn(setUpScript: string): Set<string> {
  return new Set([...setUpScript.matchAll(PEERS)].flatMap(([, list = ""]) => list.split(", ")));
}

/** The same script without the rules that let them in. */
export function withoutPeers(setUpScript: string): string {
  return setUpScript
    .split("\n")
    .filter((line) => !line.includes("ip saddr {"))
    .join("\n");
}
