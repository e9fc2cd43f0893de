import { z } from "zod";

const bytes = z.int().min(0);
const time = z.string().describe("RFC 3339");

const temperature = z.object({ sensor: z.string(), celsius: z.number() });

const battery = z.object({
  percent: z.number().min(0).max(100).optional(),
  status: z.string().optional().describe("Charging, Discharging, Not charging or Full"),
  celsius: z.number().optional(),
  health: z.string().optional().describe("Good, Overheat, Dead... as its kernel says"),
});

const PHONE_STATES = [
  "ready",
  "paused",
  "drained",
  "down",
  "not in the swarm",
  "unknown",
  "no docker",
  "docker is off",
  "no answer",
  "login refused",
  "wrong host key",
] as const;

const phone = z.object({
  key: z.string().describe("its key in cloudlet:nodes"),
  address: z.string(),
  role: z.enum(["master", "compute"]).describe("as declared"),
  leader: z.boolean(),
  state: z
    .enum(PHONE_STATES)
    .describe("ready, or the first thing that is wrong; unknown where no master says how it is"),
  detail: z
    .string()
    .optional()
    .describe("why it could not be looked at; nothing below is known then"),
  swarmState: z.string().optional().describe("as the swarm's masters see it: ready, down..."),
  model: z.string().optional(),
  machine: z.string().optional().describe("uname -m"),
  uptimeSeconds: z.number().optional(),
  load: z.number().optional().describe("over the last minute; the number of processors is full"),
  processors: z.int().optional(),
  memory: z.object({ totalBytes: bytes, availableBytes: bytes }).optional(),
  disk: z.object({ totalBytes: bytes, freeBytes: bytes }).optional().describe("of /var/lib/docker"),
  temperatures: z.array(temperature).describe("the hottest sensor first"),
  battery: battery.optional(),
  clockAheadSeconds: z.int().optional().describe("of this machine's; negative if it is behind"),
  engine: z.object({ version: z.string() }).optional().describe("absent while none runs"),
});

const task = z.object({
  slot: z.int(),
  phone: z.string().optional().describe("absent as long as none is found for it"),
  state: z.string().describe("in Swarm's words: pending, preparing, starting, running..."),
  since: time,
});

const service = z.object({
  name: z.string(),
  stack: z.string().optional(),
  mode: z.enum(["replicated", "global", "replicated job", "global job"]),
  wanted: z.int().describe("tasks that should run; of a job, that should complete"),
  running: z.int().describe("tasks that run; of a job, that run or have completed"),
  tasks: z.array(task).describe("those in charge, not those before them"),
  image: z.string().describe("without its digest"),
  digest: z.string().optional(),
  imageCreatedAt: time.optional().describe("when the image was built, where it says so"),
  changedAt: time.describe("when the service was last changed in any way"),
  update: z
    .string()
    .optional()
    .describe("how its last update went: completed, updating, paused..."),
  lastError: z
    .object({ message: z.string(), at: time, phone: z.string().optional() })
    .optional()
    .describe("the latest that the swarm remembers, of whatever task"),
});

const problem = z.object({
  where: z.string().describe("a phone's key, a service, or a path of the settings"),
  message: z.string(),
  fix: z.string().describe("empty where none is known"),
});

/** What `npm run status -- --json` prints; `docs/status.schema.json` is made from it. */
export const statusShape = z.object({
  stack: z.string().describe("the Pulumi stack"),
  at: time,
  well: z.boolean().describe("no problems; the exit code is 0 then, else 1"),
  problems: z.array(problem),
  phones: z.array(phone),
  services: z.array(service).optional().describe("absent where no master answers for the swarm"),
});

/** A cloudlet as it is now. */
export type Status = z.output<typeof statusShape>;
/** One of its phones. */
export type PhoneStatus = z.output<typeof phone>;
/** One of its services. */
export type ServiceStatus = z.output<typeof service>;
/** One thing that is wrong, and what to do. */
export type StatusProblem = z.output<typeof problem>;
