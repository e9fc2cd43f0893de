import { z } from "zod";

const platform = z.enum(["linux/arm/v7", "linux/arm64", "linux/amd64"]);
const seconds = (byDefault: number, least = 1) =>
  z.number().int().min(least).max(86_400).default(byDefault);

const address = z
  .ipv4({ error: "expected an IPv4 address", abort: true })
  .refine(
    (text) => text !== "172.16.42.1",
    "expected the phone's Wi-Fi address; 172.16.42.1 is every phone's USB address and no other phone can reach it",
  )
  .refine(
    (text) => !/^(0\.|127\.|169\.254\.|172\.17\.0\.1$)/.test(text),
    "expected an address that the other phones can reach; loopback, link-local and Docker's bridge are none",
  );

const pool = z.cidrv4({ error: "expected a network such as 10.201.0.0/16" });

const hostKey = z
  .string()
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( [^\n]*)?$/,
    'expected a public host key such as "ssh-ed25519 AAAA..."; `ssh-keyscan -t ed25519 ADDRESS` prints it',
  );

// Anything that could start an option or carry shell text is refused here, so that it never has to be escaped later.
const userName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "expected a Linux user name in lower case");
const nodeKey = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "expected a name of lower-case letters, digits and hyphens, at most 63",
  )
  .refine((key) => !key.startsWith("cloudlet-"), "expected another name; cloudlet- is ours");
const labelKey = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, "expected a label name such as room")
  .refine((key) => !key.startsWith("cloudlet."), "expected another name; cloudlet. is ours");
const labelValue = z
  .string()
  .regex(/^[A-Za-z0-9 ._:/-]{0,255}$/, "expected letters, digits, blanks and . _ : / -");

const node = z.strictObject({
  address,
  role: z.enum(["master", "compute"]),
  hostKey,
  user: userName.optional(),
  port: z.number().int().min(1).max(65_535).default(22),
  platform: platform.optional(),
  availability: z.enum(["active", "pause", "drain"]).default("active"),
  labels: z.record(labelKey, labelValue).default({}),
});

const settingName = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, "expected a setting's name");
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a variable name such as WEB_PORT");
const pathInside = (what: string) =>
  z
    .string()
    .min(1, `expected the path of ${what}`)
    .regex(/^\P{Cc}*$/u, "expected a path without control characters")
    .refine(
      (path) => !path.startsWith("/") && !path.split("/").includes(".."),
      "expected a path inside the project",
    );
const filePath = pathInside("a stack file");
const certificatePath = pathInside("a file of certificates");

const stack = z
  .strictObject({
    file: filePath.optional(),
    files: z.array(filePath).min(1).optional(),
    environment: z
      .record(variableName, z.union([z.string(), z.strictObject({ secret: settingName })]))
      .default({}),
    secrets: z.record(z.string(), settingName).default({}),
  })
  .refine(({ file, files }) => (file === undefined) !== (files === undefined), {
    message: "expected either file or files",
  });

const registryHost = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?$/,
    "expected a registry as images name it, such as 192.168.1.21:5443",
  );

const stackName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?$/,
    "expected a name of lower-case letters, digits, - and _, at most 32",
  );

/** The shape of every setting below `cloudlet:`, with its default beside it. Unknown keys are errors. */
export const settingsSchema = z.strictObject({
  /** @default linux/arm/v7, which the first cloudlet's phones are */
  platform: platform.default("linux/arm/v7"),
  ssh: z
    .strictObject({
      /** @default cloudlet */
      user: userName.default("cloudlet"),
      /** @default ~/.ssh/cloudlet */
      identityFile: z
        .string()
        .regex(/^(?!-)\P{Cc}+$/u, "expected the path of a private key")
        .default("~/.ssh/cloudlet"),
      jumpHost: z
        .string()
        .regex(
          /^([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_][A-Za-z0-9_.:-]*$/,
          "expected [user@]host[:port]",
        )
        .optional(),
      /** @default 3; Wi-Fi phones answer within one, a sleeping radio within three */
      connectTimeoutSeconds: seconds(3),
    })
    .prefault({}),
  nodes: z.record(nodeKey, node),
  stacks: z.record(stackName, stack).default({}),
  /** @default true; false where the phones' kernel has no ip_vs */
  routingMesh: z.boolean().default(true),
  /** What the engines get into their daemon.json, beside what is there. */
  engine: z
    .strictObject({
      logs: z
        .strictObject({
          /** @default 10m, of each container; Docker itself sets no bound */
          maxSize: z
            .string()
            .regex(/^[1-9][0-9]*[kmg]$/, "expected a size such as 10m")
            .default("10m"),
          /** @default 3 */
          maxFiles: z.number().int().min(1).max(100).default(3),
        })
        .prefault({}),
      /** @default none */
      registryMirrors: z
        .array(z.url({ protocol: /^https?$/, error: "expected an http or https address" }))
        .default([]),
      /** By registry, a file of certificates (PEM) that the engines trust there, beside those that they trust anyway. @default none */
      registryCertificates: z.record(registryHost, certificatePath).default({}),
      /** Docker's own pools where it is not set. */
      bridgePool: pool.optional(),
      /** Swarm's own pool where it is not set; a pool of our choice where that overlaps the phones' network. */
      swarmPool: pool.optional(),
    })
    .prefault({}),
  /** @default false: what is in the swarm under a stack's label and in no stack file is listed, and stays */
  prune: z.boolean().default(false),
  /** @default auto */
  observe: z.enum(["auto", "always", "never"]).default("auto"),
  /** @default 15; a phone of 32 bits takes three, an emulated one twenty */
  observeTimeoutSeconds: seconds(15, 5),
  /** @default 600; a phone may first have to pull every image over Wi-Fi. 0 does not wait at all */
  readyTimeoutSeconds: seconds(600, 0),
});

/** The settings as they leave the shape check, before the cross-field rules. */
export type Settings = z.output<typeof settingsSchema>;
