import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** How the SDK marks a secret on its way to the engine. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** One resource as the program asked the engine for it. Resources in options stand under their names. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string | undefined;
  /** With every secret in its wrapping. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly deletedWith: string | undefined;
  readonly provider: string | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Undefined where the program leaves it to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly retainOnDelete: boolean;
  /** Names of the hooks that run before it is created and after an operation of it failed. */
  readonly hooks: readonly string[];
}

/** A request as protobuf gives it, as far as we look at it. */
interface Request {
  toObject(): {
    type: string;
    name: string;
    custom: boolean;
    parent: string;
    provider: string;
    dependenciesList: string[];
    deletedwith: string;
    ignorechangesList: string[];
    replaceonchangesList: string[];
    deletebeforereplace: boolean;
    deletebeforereplacedefined: boolean;
    retainondelete?: boolean;
    hooks?: { beforeCreateList: string[]; onErrorList: string[] };
  };
  getObject(): { toJavaScript(): Record<string, unknown> };
}

type Done = (error: null, answer: object) => void;

interface Monitor {
  registerResource: (request: Request, callback: unknown) => Promise<void>;
  registerResourceHook?: (request: unknown, done: Done) => void;
  registerErrorHook?: (request: unknown, done: Done) => void;
}

/**
 * Runs a program against Pulumi's mocks and gives all resources that it asked for, sorted by type and name, once the last
 * one is through. A mock accepts anything: that an engine or a provider accepts it is not proved here.
 */
export async function registrationsOf(
  program: () => unknown,
  { preview = false } = {},
): Promise<Registration[]> {
  const found: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: type.startsWith("docker:") ? (inputs as object) : {},
      }),
      call: ({ token }) => {
        throw new Error(`${token}: the program asks for nothing but resources`);
      },
    },
    "cloudlet",
    "test",
    preview,
  );
  const prototype = MockMonitor.prototype as unknown as Monitor;
  const register = prototype.registerResource;
  // The mocks know of no hooks, and a program that has some would wait for them for ever.
  prototype.registerResourceHook = prototype.registerErrorHook = (_, done) => done(null, {});
  // The mocks hand over no options: they are read off the request.
  prototype.registerResource = function (this: unknown, request, callback) {
    found.push(readRequest(request));
    return register.call(this, request, callback);
  };
  try {
    await program();
    await pulumi.runtime.disconnect();
  } finally {
    prototype.registerResource = register;
    delete prototype.registerResourceHook;
    delete prototype.registerErrorHook;
  }
  return found.sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
}

function readRequest(request: Request): Registration {
  const asked = request.toObject();
  return {
    type: asked.type,
    name: asked.name,
    custom: asked.custom,
    parent: nameOf(asked.parent),
    inputs: request.getObject().toJavaScript(),
    dependsOn: asked.dependenciesList.map((urn) => nameOf(urn) ?? "").sort(),
    deletedWith: nameOf(asked.deletedwith),
    provider: nameOf(asked.provider.replace(/::[^:]*$/, "")),
    ignoreChanges: asked.ignorechangesList,
    replaceOnChanges: asked.replaceonchangesList,
    deleteBeforeReplace: asked.deletebeforereplacedefined ? asked.deletebeforereplace : undefined,
    retainOnDelete: asked.retainondelete ?? false,
    hooks: [...(asked.hooks?.beforeCreateList ?? []), ...(asked.hooks?.onErrorList ?? [])],
  };
}

function nameOf(urn: string): string | undefined {
  return urn === "" ? undefined : urn.split("::").at(-1);
}

/** All that a resource's inputs hold in clear: what is secret is left out. */
export function inClear(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value) return "[secret]";
  if (Array.isArray(value)) return value.map(inClear);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inClear(item)]));
}
