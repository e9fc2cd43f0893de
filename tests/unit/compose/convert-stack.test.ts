import { convert, problemsOf, web, webFile } from "../../support/convert";

const container = (keys: string, rest?: string, surroundings = {}) =>
  web(keys, rest, surroundings).TaskTemplate.ContainerSpec;

describe("problems", () => {
  it("come all at once, each with its place, path and a way out", () => {
    const text = [
      "services:",
      "  web:",
      "    image: nginx:1",
      "    extends: other",
      "    hostname: 5",
      "    ports: ['x:80']",
      "    networks: [nope]",
      "    deploy:",
      "      mode: daemon",
      "      resources: {limits: {memory: lots, cpus: '1/3'}}",
      "    volumes: ['data:/x']",
      "  db:",
      "    build: .",
    ].join("\n");
    expect(problemsOf(text).map(({ where, message }) => `${where}: ${message}`)).toEqual([
      "a.yml:4:5: services.web.extends is not supported in a swarm; write the service out, or share parts with YAML anchors",
      "a.yml:5:5: services.web.hostname must be a string, got 5; put it in quotes",
      'a.yml:6:13: services.web.ports[0] expected a port, got "x:80": "x" is not a port or a range of ports; write "published:target"',
      'a.yml:7:16: services.web.networks[0] uses a network that is not defined, got "nope"; define it under the top-level networks',
      'a.yml:9:7: services.web.deploy.mode must be replicated, global, replicated-job or global-job, got "daemon"',
      'a.yml:10:28: services.web.deploy.resources.limits.memory expected an amount of memory, got "lots"; write it as "512m" (b, k, m, g, t, p)',
      'a.yml:10:42: services.web.deploy.resources.limits.cpus expected a number of CPUs, got "1/3": it has more than nine digits after the point; write it as "0.5"',
      'a.yml:11:15: services.web.volumes[0] uses a volume that is not defined, got "data"; define it under the top-level volumes, or begin a path with ./',
      "a.yml:12:3: services.db.image is required: a swarm runs only images; build it, push it, and name it here",
    ]);
  });

  it("name the file that is to blame, of several", () => {
    const problems = problemsOf([webFile("tty: true"), webFile("user: 5")]);
    expect(problems).toEqual([
      expect.objectContaining({ where: "b.yml:4:5", path: "services.web.user" }),
    ]);
  });

  it("are told once for a place that several services share", () => {
    const text = "x-a: &a {image: nginx, user: 5}\nservices: {a: *a, b: {<<: *a}, c: *a}";
    expect(problemsOf(text)).toHaveLength(1);
  });

  it("do not bring others with them", () => {
    expect(problemsOf("services: {web: {image: 5}}").map(({ kind }) => kind)).toEqual([
      "schema/type",
    ]);
    expect(problemsOf("services: {web: 5}").map(({ kind }) => kind)).toEqual(["schema/type"]);
    const content = webFile("configs: [c]", "configs: {c: {content: x}}");
    expect(problemsOf(content).map(({ kind }) => kind)).toEqual(["schema/unknown-key"]);
  });

  it("are counted beyond a hundred", () => {
    const keys = Array.from({ length: 150 }, (_, at) => `k${at}: 1`).join("\n");
    const problems = problemsOf(keys);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toBe("has 50 more problems like these");
  });

  it.each([
    ["a value of the environment", webFile("environment: {DB_PASSWORD: [hunter2]}"), {}],
    ["a variable of the environment in a list", webFile("environment: ['A=hunter2$']"), {}],
    [
      "the value of a secret variable",
      webFile("read_only: ${API_TOKEN}"),
      { API_TOKEN: "hunter2" },
    ],
    ["what a variable put into a text", webFile("stop_grace_period: ${X}"), { X: "hunter2" }],
    ["a key with a secret name", webFile("labels: {token: [hunter2]}"), {}],
  ])("never show %s", (_title, text, environment) => {
    const problems = problemsOf(text, { environment });
    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("never show the content of an env_file", () => {
    const files = { "/work/e": "-----BEGIN PRIVATE KEY-----\nhunter2 hunter2\n=hunter2\n" };
    const problems = problemsOf(webFile("env_file: e"), { files });
    expect(problems.map(({ message }) => message)).toEqual([
      "services.web.env_file cannot be used: e line 1 has a blank in the name, line 2 has a blank in the name, line 3 has no name before the =",
    ]);
  });

  it("suggest the key that was probably meant", () => {
    expect(problemsOf(webFile("enviroment: {}\nworkingdir: /x\nport: []"))).toEqual([
      expect.objectContaining({ message: "services.web.enviroment is not a known key" }),
      expect.objectContaining({
        message: "services.web.workingdir is not a known key; did you mean working_dir",
      }),
      expect.objectContaining({
        message: "services.web.port is not a known key; did you mean ports",
      }),
    ]);
  });
});

describe("environments", () => {
  const files = {
    "/work/one": "\ufeffA=one\r\nB='q' # no comment \n\n# comment\n  C=3\nHOME_OF\nSHELL_HAS\n",
    "/work/two": "A=two\n",
  };
  const environment = { SHELL_HAS: "it", FULL: "f" };

  it("come from the env_files in order, then from the file, and empty ones from the shell", () => {
    const keys = "env_file: [one, two]\nenvironment: [D=4, FULL, NOT, 'EMPTY=', 'C=5']";
    expect(container(keys, "", { files, environment }).Env).toEqual([
      "A=two",
      "B='q' # no comment ",
      "C=5",
      "D=4",
      "EMPTY=",
      "FULL=f",
      "NOT",
      "SHELL_HAS=it",
    ]);
  });

  it("take names that are parts of JavaScript's objects", () => {
    const keys = "environment: {__proto__: 1, constructor: x}\nlabels: {__proto__: y}";
    const { Env, Labels } = container(keys);
    expect(Env).toEqual(["__proto__=1", "constructor=x"]);
    expect(Object.entries(Labels ?? {})).toContainEqual(["__proto__", "y"]);
    const { services } = convert("services: {__proto__: {image: a}, constructor: {image: b}}").spec;
    expect(Object.keys(services)).toEqual(["st___proto__", "st_constructor"]);
  });
});

describe("casts of substituted values", () => {
  const environment = { YES: "Yes", FIVE: "5", HALF: "0.5", EMPTY: "" };

  it("turn variables into what the key takes", () => {
    const spec = web(
      "tty: ${YES}\nports: [{target: '${FIVE}'}]\ndeploy: {replicas: '$FIVE', update_config: {max_failure_ratio: '${HALF}'}}",
      "",
      { environment },
    );
    expect(spec.TaskTemplate.ContainerSpec.TTY).toBe(true);
    expect(spec.EndpointSpec?.Ports).toEqual([{ TargetPort: 5 }]);
    expect(spec.Mode).toEqual({ Replicated: { Replicas: 5 } });
    expect(spec.UpdateConfig).toEqual({ Parallelism: 1, MaxFailureRatio: 0.5 });
  });

  it.each([
    ["tty: ${FIVE}", "interpolation/cast"],
    ["deploy: {replicas: '${EMPTY}'}", "interpolation/cast"],
    ["init: ${YES}", "schema/type"],
    ["tty: 'yes'", "schema/type"],
    ["deploy: {replicas: '5'}", "schema/type"],
  ])("%s is refused", (keys, kind) => {
    expect(problemsOf(webFile(keys), { environment })).toEqual([expect.objectContaining({ kind })]);
  });
});

describe("binds", () => {
  it.each([
    [".", "/work"],
    ["./r", "/work/r"],
    ["./r/", "/work/r"],
    ["../up/./x", "/up/x"],
    ["~", "/home/me"],
    ["~/q/", "/home/me/q/"],
    ["~other/x", "/home/meother/x"],
    ["/abs//x/", "/abs//x/"],
    ["C:\\data", "C:\\data"],
    ["\\\\server\\share\\x", "\\\\server\\share\\x"],
  ])("%s is %s on the node", (source, expected) => {
    expect(container(`volumes: ['${source}:/t']`).Mounts).toEqual([
      { Type: "bind", Source: expected, Target: "/t" },
    ]);
  });
});

describe("what later steps ask", () => {
  const text = [
    "services:",
    "  web:",
    "    image: nginx:1",
    "    secrets: [own, theirs]",
    "    configs: [{source: cfg}]",
    "    networks: [net, host]",
    "secrets: {own: {file: s}, theirs: {external: true}, unused: {external: true}}",
    "configs: {cfg: {external: true, name: shared}}",
    "networks: {net: {external: true, name: outer}, host: {external: true}}",
  ].join("\n");
  const conversion = convert(text, { files: { "/work/s": "data" } });

  it("which names must exist already, because a service uses them", () => {
    expect(conversion.external).toEqual({
      networks: ["outer", "host"],
      secrets: ["theirs"],
      configs: ["shared"],
    });
    expect(conversion.spec.networks).toEqual({});
  });

  it("the data of secrets as base64, and references by name", () => {
    expect(conversion.spec.secrets).toEqual({
      st_own: { Name: "st_own", Labels: { "com.docker.stack.namespace": "st" }, Data: "ZGF0YQ==" },
    });
    const file = { UID: "0", GID: "0", Mode: 292 };
    expect(conversion.spec.services.st_web!.TaskTemplate.ContainerSpec.Secrets).toEqual([
      { SecretName: "st_own", File: { ...file, Name: "own" } },
      { SecretName: "theirs", File: { ...file, Name: "theirs" } },
    ]);
  });

  it("the key of a service, and where things stand", () => {
    expect(conversion.serviceKeys).toEqual({ st_web: "web" });
    expect(conversion.where("st_web", "image")).toBe("a.yml:3:5");
    expect(conversion.where("st_web", "deploy.mode")).toBe("a.yml:2:3");
    expect(conversion.positions("services.web.secrets[1]")).toBe("a.yml:4:20");
    expect(conversion.positions("secrets.own.file")).toBe("a.yml:7:17");
    expect(conversion.positions("nothing.like.it")).toBe("a.yml:1:1");
  });
});

describe("depends_on", () => {
  const file = "services: {web: {image: a, depends_on: [db]}, db: {image: b}, log: {image: c}}";

  it("is told by full names", () => {
    expect(convert(file).dependsOn).toEqual({ st_web: ["st_db"], st_db: [], st_log: [] });
  });

  it("of several files is all that they say", () => {
    const { dependsOn } = convert([file, "services: {web: {depends_on: [log, db]}}"]);
    expect(dependsOn.st_web).toEqual(["st_db", "st_log"]);
  });
});

describe("warnings", () => {
  it.each([
    [
      "depends_on: [web, db]",
      "ignored/dependency",
      'services.web.depends_on names no service of the stack, got "db"; ignored',
    ],
    [
      "links: [x]",
      "ignored/key",
      "services.web.links has no effect in a swarm: services on one network reach each other by name",
    ],
    [
      "tmpfs: /run",
      "ignored/key",
      "services.web.tmpfs has no effect in a swarm: docker stack deploy does not send it; write a volume of type tmpfs",
    ],
    [
      "restart: always",
      "ignored/key",
      "services.web.restart is not meant for a swarm, but Docker goes by it; write deploy.restart_policy",
    ],
    [
      "restart: always\ndeploy: {restart_policy: {condition: none}}",
      "ignored/key",
      "services.web.restart has no effect in a swarm: deploy.restart_policy decides",
    ],
    [
      "volumes: ['a:/x']",
      "surprise/one-letter-volume",
      'services.web.volumes[0] reads as a path on a Windows drive, as in Docker, got "a:/x"; give the volume a longer name',
    ],
    [
      "volumes: ['./a:/x:ro,z']",
      "ignored/volume-option",
      "services.web.volumes[0] has options that Docker does not know here and leaves out, got z",
    ],
    [
      "ports: ['127.0.0.1:80:80']",
      "ignored/address",
      "services.web.ports[0] is published on all addresses of the nodes: a swarm ignores the address 127.0.0.1",
    ],
    [
      "hostname: $A-x",
      "surprise/swallowed-text",
      'services.web.hostname takes "-x" for the default of $A, as Docker does; write ${A}',
    ],
    [
      "hostname: a$ ${A}",
      "surprise/forgotten-error",
      "services.web.hostname leaves out a $ that starts no variable, as Docker does when a good variable follows in the text",
    ],
    [
      "healthcheck: {test: NONE}",
      "surprise/health-none",
      "services.web.healthcheck.test runs a command called NONE, as Docker does; write disable: true to have no check",
    ],
    [
      "environment: {A: ''}",
      "surprise/shell-value",
      "services.web.environment leaves A empty, and Docker then sends what the deploying shell has for it",
    ],
  ])("%s", (keys, kind, message) => {
    const { warnings } = convert(webFile(keys), { environment: { A: "va" } });
    expect(warnings).toEqual([expect.objectContaining({ kind, message })]);
  });

  it("are silent for a plain stack and for x- keys", () => {
    expect(convert(`x-a: 1\n${webFile("x-b: 2\ndeploy: {replicas: 2}")}`).warnings).toEqual([]);
  });
});
