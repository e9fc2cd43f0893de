import type { ServiceSpec } from "../../../compose/swarm-spec";
import {
  applyServiceScript,
  createFileScript,
  pruneScript,
  removeFileScript,
  serviceBody,
} from "../../../stacks/stack-scripts";
import { STACK_TOOLS } from "../../../stacks/stack-tools";
import { runScript, shells, syntaxErrors, type Shell } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";

type Container = ServiceSpec["TaskTemplate"]["ContainerSpec"];

const File = { Name: "file", UID: "0", GID: "0", Mode: 0o444 };

function service(more: Partial<Container> = {}, Mode: ServiceSpec["Mode"] = {}): ServiceSpec {
  return {
    Name: "shop_web",
    Labels: {},
    Mode,
    TaskTemplate: { ContainerSpec: { Image: "web:1", ...more } },
  };
}

const withFiles = service({
  Secrets: [
    { SecretName: "shop_key_1", File },
    { SecretName: "shop.key_1", File },
  ],
  Configs: [
    { ConfigName: "shop_key_1", File },
    { ConfigName: "shop_login_1", Runtime: {} },
  ],
  Privileges: { CredentialSpec: { Config: "shop_login_1", File: "", Registry: "" } },
});

/**
 * An engine of shell: every request's first line is added to the file `requests`, and its body, which must be as long as said, is
 * in `body`; `answer` prints status and message, with the number of the request in $N. `inspect` stands for `docker service inspect`.
 */
const engine = (
  answer: string,
  inspect = "echo 'no such service: shop_web' >&2; exit 1",
  taken = "409 name conflicts with an existing object",
) =>
  `case "$1 $2" in
  "service inspect") ${inspect} ;;
  "service rm") : > removed; echo shop_web ;;
  "secret inspect" | "config inspect")
    [ "$5" != gone ] || { echo; echo "Error: no such $1: gone" >&2; exit 1; }
    echo "WARNING: no memory limit support" >&2
    pattern=$(echo "$5" | sed 's/[.]/[.]/g')
    echo "$4" | sed "s/{{.Spec.Name}}/$5/;s/{{join (split .Spec.Name \\".\\") \\"\\[.\\]\\"}}/$pattern/;s/{{.ID}}/id-of-$1-$5/" ;;
  "system dial-stdio")
    read -r request; echo "$request" | tr -d '\\r' >> requests
    while read -r line && line=\${line%?} && [ -n "$line" ]; do
      case $line in Content-Length:*) length=\${line#*: } ;; esac
    done
    head -c "$length" > body
    N=$(wc -l < requests)
    # As the real one: a name that is taken is not created again.
    there=yes
    case $([ -e removed ] || (${inspect}) 2>&1) in "" | *"o such service"* | *"not found"*) there=no ;; esac
    case "$there $request" in
      "yes POST /services/create "*) set -- ${taken} ;;
      *) set -- $(${answer}) ;;
    esac
    status=$1; shift
    printf 'HTTP/1.1 %s X\\r\\nContent-Type: application/json\\r\\n\\r\\n{"message":"%s"}\\n' "$status" "$*" ;;
esac`;

const CREATE = "POST /services/create HTTP/1.1";
const CREATED = "echo 201";
const living = (mode: string) => `echo "svc1 42 3 ${mode}"`;

describe.each(shells)("in %s", (_, shell: Shell) => {
  const run = (script: string, docker: string, input = "") => {
    const master = new SimulatedMaster(shell, docker);
    master.write("requests", "");
    const { status, stderr, stdout } = runScript(shell, script, { ...master.options, input });
    const requests = master.file("requests").split("\n").slice(0, -1);
    return {
      status,
      stderr,
      stdout,
      requests,
      calls: master.calls(),
      body: () => master.file("body"),
    };
  };
  const apply = (spec: ServiceSpec, docker: string) =>
    run(applyServiceScript(spec), docker, serviceBody(spec));
  const ended = ({ status, stderr, stdout }: ReturnType<typeof run>) => ({
    status,
    stderr,
    stdout,
  });
  const well = { status: 0, stderr: "", stdout: "" };

  it.each(Object.entries(STACK_TOOLS))("%s is well-formed", (_path, text) => {
    expect(syntaxErrors(shell, text)).toBe("");
  });

  describe("applyServiceScript", () => {
    it("creates a service that is not there, with the whole of its body", () => {
      const spec = service({ Env: ["A=1"] }, { Global: {} });
      const done = apply(spec, engine(CREATED));
      expect(ended(done)).toEqual(well);
      expect(done.requests).toEqual([CREATE]);
      expect(JSON.parse(done.body())).toEqual({
        ...spec,
        TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 0 },
        EndpointSpec: {},
      });
    });

    it.each([
      "Status: Error: no such service: shop_web, Code: 1",
      "Error: No such service: shop_web",
      "Error response from daemon: service shop_web not found",
    ])("takes a service for not there when docker says: %s", (said) => {
      const done = apply(service(), engine(CREATED, `echo "${said}" >&2; exit 1`));
      expect(done.requests).toEqual([CREATE]);
    });

    it("updates a service that is there from the version it has, and forces no task to start anew", () => {
      const done = apply(service(), engine("echo 200", living("replicated")));
      expect(ended(done)).toEqual(well);
      expect(done.requests).toEqual([CREATE, "POST /services/svc1/update?version=42 HTTP/1.1"]);
      expect(JSON.parse(done.body())).toMatchObject({ TaskTemplate: { ForceUpdate: 3 } });
      expect(done.calls.some((call) => call.startsWith("service rm"))).toBe(false);
    });

    it.each<[string, ServiceSpec["Mode"]]>([
      ["replicated", { Replicated: { Replicas: 2 } }],
      ["global", { Global: {} }],
      ["replicated-job", { ReplicatedJob: {} }],
      ["global-job", { GlobalJob: {} }],
    ])("updates a %s service in place, and removes one of any other mode first", (mode, Mode) => {
      const same = apply(service({}, Mode), engine("echo 200", living(mode)));
      expect(same.requests).toEqual([CREATE, "POST /services/svc1/update?version=42 HTTP/1.1"]);
      const other = mode === "global" ? "replicated" : "global";
      const changed = apply(service({}, Mode), engine(CREATED, living(other)));
      expect(ended(changed)).toEqual(well);
      expect(changed.calls).toContain("service rm shop_web");
      expect(changed.requests).toEqual([CREATE, CREATE]);
      expect(JSON.parse(changed.body())).toMatchObject({ TaskTemplate: { ForceUpdate: 0 } });
    });

    it("is not confused by a warning of the docker command, which must not remove a service", () => {
      const inspect = `echo "WARNING: Error loading config file: permission denied" >&2; ${living("replicated")}`;
      const done = apply(service(), engine("echo 200", inspect));
      expect(ended(done)).toEqual(well);
      expect(done.requests).toEqual([CREATE, "POST /services/svc1/update?version=42 HTTP/1.1"]);
    });

    const outOfSequence = "500 rpc error: update out of sequence";

    it("tries again from the newest version when somebody else wrote at the same moment", () => {
      const docker = engine(
        `if [ "$N" -lt 4 ]; then echo ${outOfSequence}; else echo 200; fi`,
        'echo "svc1 4$(wc -l < requests) 0 replicated"',
      );
      const done = apply(service(), docker);
      expect(ended(done)).toEqual(well);
      expect(done.requests).toEqual([
        CREATE,
        ...[41, 42, 43].map((version) => `POST /services/svc1/update?version=${version} HTTP/1.1`),
      ]);
    });

    const portOf = (name: string) =>
      `400 "rpc error: code = InvalidArgument desc = port '80' is already in use by service '${name}' (svc1) as an ingress port"`;

    it("updates a service whose own published port is in the way of its name", () => {
      const docker = engine("echo 200", living("replicated"), portOf("shop_web"));
      const done = apply(service(), docker);
      expect(ended(done)).toEqual(well);
      expect(done.requests).toEqual([CREATE, "POST /services/svc1/update?version=42 HTTP/1.1"]);
    });

    it("fails on a port that another service has", () => {
      const docker = engine("echo 200", living("replicated"), portOf("shop_web2"));
      const done = apply(service(), docker);
      expect(done.status).toBe(1);
      expect(done.stderr).toContain(
        "the swarm does not take it: rpc error: code = InvalidArgument",
      );
      expect(done.requests).toEqual([CREATE]);
    });

    it("gives up after 20 tries", () => {
      const done = apply(service(), engine(`echo ${outOfSequence}`, living("replicated")));
      expect(ended(done)).toEqual({
        ...well,
        status: 1,
        stderr: "shop_web: rpc error: update out of sequence\n",
      });
      expect(done.requests).toHaveLength(20);
    });

    it("fails with the engine's own message, and tries once", () => {
      const done = apply(service(), engine("echo 400 invalid mount: no such path"));
      expect(ended(done)).toEqual({
        ...well,
        status: 1,
        stderr: "shop_web: the swarm does not take it: invalid mount: no such path\n",
      });
      expect(done.requests).toHaveLength(1);
    });

    it("does not take a look that fails for a service that is not there", () => {
      const trouble = "Error response from daemon: rpc error: The swarm does not have a leader";
      const done = apply(service(), engine(CREATED, `echo; echo "${trouble}" >&2; exit 1`));
      expect(ended(done)).toEqual({ ...well, status: 1, stderr: `shop_web: ${trouble}\n` });
      expect(done.requests).toEqual([CREATE]);
    });

    it("puts the swarm's ids of secrets and configs in place of their names, each by its own kind and whole name", () => {
      const done = apply(withFiles, engine(CREATED));
      expect(ended(done)).toEqual(well);
      expect(JSON.parse(done.body())).toMatchObject({
        TaskTemplate: {
          ContainerSpec: {
            Secrets: [
              { SecretName: "shop_key_1", SecretID: "id-of-secret-shop_key_1", File },
              { SecretName: "shop.key_1", SecretID: "id-of-secret-shop.key_1", File },
            ],
            Configs: [
              { ConfigName: "shop_key_1", ConfigID: "id-of-config-shop_key_1", File },
              { ConfigName: "shop_login_1", ConfigID: "id-of-config-shop_login_1", Runtime: {} },
            ],
            Privileges: { CredentialSpec: { Config: "id-of-config-shop_login_1" } },
          },
        },
      });
    });

    it("puts a name with a dot in place of no other name", () => {
      const Secrets = ["a.b", "axb"].map((SecretName) => ({ SecretName, File }));
      const done = apply(service({ Secrets }), engine(CREATED));
      expect(JSON.parse(done.body())).toMatchObject({
        TaskTemplate: {
          ContainerSpec: {
            Secrets: [{ SecretID: "id-of-secret-a.b" }, { SecretID: "id-of-secret-axb" }],
          },
        },
      });
    });

    it("keeps the other ways to give credentials", () => {
      const CredentialSpec = { Config: "", File: "login.json", Registry: "" };
      const done = apply(service({ Privileges: { CredentialSpec } }), engine(CREATED));
      expect(JSON.parse(done.body())).toMatchObject({
        TaskTemplate: { ContainerSpec: { Privileges: { CredentialSpec } } },
      });
    });

    it("fails where a secret is not there, before it asks for anything", () => {
      const Secrets = [{ SecretName: "gone", File }];
      const done = apply(service({ Secrets }), engine(CREATED));
      expect(ended(done)).toEqual({
        ...well,
        status: 1,
        stderr: "shop_web: Error: no such secret: gone\n",
      });
      expect(done.requests).toEqual([]);
    });

    // Whatever a user writes is sent as it is: of what the tool fills in, and of what shells, sed and printf make something.
    const words = [
      ...['"SecretID":"@shop_key_1@"', "@shop_key_1@", "@force@", '"ForceUpdate":"@force@"'],
      ...['"SecretID":["shop_key_1"]', '"ForceUpdate":["force"]', '["force"]'],
      ...["$(touch /tmp/x) `id` $HOME \\ \\n \\\\ %s & | ' \"", "two\nlines\n", "é 漢 🙂"],
    ];

    it.each(words)("leaves user text as it is: %j", (word) => {
      const given = {
        Env: [word, `A=${word}`],
        Args: [word],
        Labels: { SecretID: word, ForceUpdate: word },
      };
      const spec = service({ ...given, Secrets: [{ SecretName: "shop_key_1", File }] });
      const { status, body } = apply({ ...spec, Labels: { [word]: word } }, engine(CREATED));
      expect(status).toBe(0);
      expect(JSON.parse(body())).toMatchObject({
        Labels: { [word]: word },
        TaskTemplate: { ForceUpdate: 0, ContainerSpec: given },
      });
    });

    it("leaves labels as they are that are named after the tool's marks", () => {
      const marks = { SecretID: "@shop_key_1@", ForceUpdate: "@force@", Config: "shop_key_1" };
      const spec = service({ Labels: marks, Secrets: [{ SecretName: "shop_key_1", File }] });
      const { status, body } = apply(spec, engine(CREATED));
      expect(status).toBe(0);
      expect(JSON.parse(body())).toMatchObject({
        TaskTemplate: { ContainerSpec: { Labels: marks } },
      });
    });
  });

  describe("createFileScript", () => {
    const script = createFileScript("secret", "shop_key_1");
    const text = JSON.stringify({
      Name: "shop_key_1",
      Labels: { who: "é 漢 '\"\\n" },
      Data: "eA==",
    });

    it.each([
      ["is new", "echo 201"],
      ["is there already, and so has the same content", "echo 409 name conflicts"],
    ])("ends well where the secret %s", (__, answer) => {
      const done = run(script, engine(answer), text);
      expect(ended(done)).toEqual(well);
      expect(done.requests).toEqual(["POST /secrets/create HTTP/1.1"]);
      expect(done.body()).toBe(text);
      // A secret in an argument could be seen by everybody on the phone.
      expect(done.calls).toEqual(["system dial-stdio"]);
    });

    it("knows configs", () => {
      const done = run(createFileScript("config", "shop_page_1"), engine(CREATED), text);
      expect(done.requests).toEqual(["POST /configs/create HTTP/1.1"]);
    });

    it("fails with the engine's own message", () => {
      expect(ended(run(script, engine("echo 503 no leader"), text))).toEqual({
        ...well,
        status: 1,
        stderr: "shop_key_1: the swarm does not take this secret: no leader\n",
      });
    });
  });

  describe("pruneScript", () => {
    const objects = [
      { kind: "secret", name: "shop_old", stack: "shop" },
      { kind: "service", name: "shop_gone", stack: "shop" },
    ] as const;
    const script = pruneScript(objects);

    it("removes services before what they may use", () => {
      const { status, stderr, calls } = run(
        script,
        'case "$1 $2" in "service inspect") echo id1 ;; esac',
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(calls.filter((call) => call.includes(" rm "))).toEqual([
        "service rm shop_gone",
        "secret rm shop_old",
      ]);
    });

    it("leaves what is in use, and says so; what is gone already is fine", () => {
      const docker = `case "$1 $2" in
  "service inspect") echo "Error: No such service: shop_gone" >&2; exit 1 ;;
  "secret rm") echo "Error response from daemon: secret 'shop_old' is in use by: x" >&2; exit 1 ;;
esac`;
      expect(run(script, docker)).toMatchObject({
        status: 0,
        stderr:
          "secret shop_old stays: Error response from daemon: secret 'shop_old' is in use by: x\n",
      });
    });
  });

  describe.each(["secret", "config"] as const)("removeFileScript of a %s", (kind) => {
    const script = removeFileScript(kind, "shop_key_1");

    it("removes it", () => {
      const done = run(script, "echo shop_key_1");
      expect(ended(done)).toEqual(well);
      expect(done.calls).toEqual([`${kind} rm shop_key_1`]);
    });

    it.each([
      `Error: No such ${kind}: shop_key_1`,
      `Error response from daemon: no such ${kind}: shop_key_1`,
      `Error response from daemon: rpc error: code = NotFound desc = ${kind} shop_key_1 not found`,
    ])("is content with one that somebody removed already: %s", (said) => {
      expect(ended(run(script, `echo "${said}" >&2; exit 1`))).toEqual(well);
    });

    it("fails where a service still uses it", () => {
      const said = `Error response from daemon: rpc error: ${kind} 'shop_key_1' is in use by the following service: shop_web`;
      expect(ended(run(script, `echo "${said}" >&2; exit 1`))).toEqual({
        ...well,
        status: 1,
        stderr: `shop_key_1: ${said}\n`,
      });
    });
  });
});
