import { problemsOf, webFile } from "../../support/convert";

const newest = 13;

// The oldest 3.N that takes it, as `docker stack deploy` answered for each of 3.0 to 3.13.
const features: [title: string, since: number, keys: string, rest?: string][] = [
  ["secrets", 1, "secrets: [s]", "secrets: {s: {external: true}}"],
  ["ports in the long form", 2, "ports: [{target: 80}]"],
  ["volumes in the long form", 2, "volumes: [{type: volume, target: /x}]"],
  ["attachable networks", 2, "tty: true", "networks: {n: {attachable: true}}"],
  ["endpoint_mode", 2, "deploy: {endpoint_mode: vip}"],
  ["the same volume twice", 2, 'volumes: ["/xx", "/xx"]'],
  ["configs", 3, "configs: [s]", "configs: {s: {external: true}}"],
  ["credential_spec", 3, "credential_spec: {file: a}"],
  ["preferences", 3, "deploy: {placement: {preferences: [{spread: a}]}}"],
  ["x- keys at the top", 4, "tty: true", "x-a: 1"],
  ["start_period", 4, "healthcheck: {start_period: 1s}"],
  ["update order", 4, "deploy: {update_config: {order: stop-first}}"],
  ["volume names", 4, 'volumes: ["vv:/x"]', "volumes: {vv: {name: q}}"],
  ["isolation", 5, "isolation: default"],
  ["generic_resources", 5, "deploy: {resources: {reservations: {generic_resources: []}}}"],
  ["network names", 5, "networks: [n]", "networks: {n: {name: q}}"],
  ["tmpfs sizes", 6, "volumes: [{type: tmpfs, target: /x, tmpfs: {size: 1}}]"],
  ["init", 7, "init: true"],
  ["rollback_config", 7, "deploy: {rollback_config: {parallelism: 1}}"],
  ["x- keys in services", 7, "x-a: 1"],
  ["x- keys in volumes", 7, "tty: true", "volumes: {v: {x-a: 1}}"],
  ["max_replicas_per_node", 8, "deploy: {placement: {max_replicas_per_node: 1}}"],
  ["secret drivers", 8, "tty: true", "secrets: {s: {driver: x}}"],
  ["template drivers", 8, "tty: true", "secrets: {s: {external: true, template_driver: x}}"],
  ["config credentials", 8, "credential_spec: {config: c}", "configs: {c: {external: true}}"],
  ["pids", 9, "deploy: {resources: {limits: {pids: 1}}}"],
  ["cgroupns_mode", 9, "cgroupns_mode: host"],
  ["other keys of build", 11, "build: {context: ., foo: 1}"],
  ["start_interval", 12, "healthcheck: {start_interval: 1s}"],
  ["driver_opts of attachments", 13, "networks: {default: {driver_opts: {a: b}}}"],
  ["oom_score_adj", 13, "oom_score_adj: 5"],
];

describe("each version takes what it brought and refuses what came later", () => {
  it.each(features)("%s since 3.%d", (_title, since, keys, rest = "") => {
    const accepted = Array.from({ length: newest + 1 }, (_, minor) => minor).filter(
      (minor) => problemsOf(`version: "3.${minor}"\n${webFile(keys, rest)}`).length === 0,
    );
    expect(accepted).toEqual(Array.from({ length: newest + 1 - since }, (_, at) => since + at));
  });

  it("says which version is needed", () => {
    expect(problemsOf(`version: "3.3"\n${webFile("init: true")}`)).toEqual([
      {
        where: "a.yml:5:5",
        path: "services.web.init",
        kind: "schema/unknown-key",
        message: "services.web.init needs version 3.7 or later, and this file says 3.3",
      },
    ]);
  });

  it.each(["3", "", "3.13", "3.0"])("takes version %j", (version) => {
    expect(problemsOf(`version: "${version}"\n${webFile("tty: true")}`)).toEqual([]);
  });

  it.each(["2", "2.4", "3.14", "3.", "3.00", "03.1", " 3", "4"])(
    "refuses version %j",
    (version) => {
      expect(problemsOf(`version: "${version}"\n${webFile("tty: true")}`)).toEqual([
        expect.objectContaining({ kind: "version/unsupported", where: "a.yml:1:1" }),
      ]);
    },
  );

  it("refuses files of two versions, and takes a version beside none only if it is the newest", () => {
    const [old, newer, none] = ['version: "3.7"', 'version: "3.13"', "x-a: 1"];
    expect(problemsOf([`${old}\n`, `${newer}\n`].map((top) => top + webFile("tty: true")))).toEqual(
      [expect.objectContaining({ kind: "version/mismatch", where: "b.yml:1:1" })],
    );
    expect(
      problemsOf([`${newer}\n`, `${none}\n`].map((top) => top + webFile("tty: true"))),
    ).toEqual([]);
    expect(
      problemsOf([`${old}\n`, `${none}\n`].map((top) => top + webFile("tty: true"))),
    ).toHaveLength(1);
  });
});
