import type { ServiceSpec } from "../../../compose/swarm-spec";
import { changeEffect, type Writer } from "../../../plan/change-effect";

const spec = (more: Partial<ServiceSpec> = {}): ServiceSpec => ({
  Name: "shop_web",
  Labels: {},
  TaskTemplate: { ContainerSpec: { Image: "web:1" } },
  Mode: { Replicated: { Replicas: 1 } },
  ...more,
});
const image = 'TaskTemplate.ContainerSpec.Image: "web:2" -> "web:1"';
const mode = 'Mode: "Global" -> "Replicated"';
const downInBetween = "removed before the new service starts, so it is down in between";

it.each<[string, Partial<ServiceSpec>, string[], Writer, string]>([
  ["nothing changed", {}, [], "engine", ""],
  [
    "an image",
    {},
    [image],
    "engine",
    "updated in place: its task is restarted, one at a time, each stopped before its successor starts",
  ],
  [
    "an image of many tasks",
    { Mode: { Replicated: { Replicas: 6 } }, UpdateConfig: { Parallelism: 2 } as never },
    [image],
    "engine",
    "updated in place: its 6 tasks are restarted, 2 at a time, each stopped before its successor starts",
  ],
  [
    "an image of a global service",
    { Mode: { Global: {} }, UpdateConfig: { Parallelism: 0, Order: "start-first" } as never },
    [image],
    "engine",
    "updated in place: its task on every phone is restarted, all at once, each stopped once its successor runs",
  ],
  [
    "replicas and labels",
    {},
    ["Mode.Replicated.Replicas: 3 -> 1", 'Labels.a: "b" -> (nothing)'],
    "engine",
    "updated in place: no running task is restarted",
  ],
  [
    "a mode",
    { Mode: { Global: {} } },
    [mode],
    "engine",
    `replaced: its task on every phone is ${downInBetween}`,
  ],
  ["a mode", {}, [mode], "provider", `replaced: its task is ${downInBetween}`],
  [
    "a network",
    {},
    ['TaskTemplate.Networks[0].Target: "a" -> "b"'],
    "provider",
    `replaced: its task is ${downInBetween}`,
  ],
  [
    "a container label",
    {},
    ['TaskTemplate.ContainerSpec.Labels.a: "b" -> "c"'],
    "provider",
    `replaced: its task is ${downInBetween}`,
  ],
  // What the provider writes out of itself differs for ever and means nothing.
  [
    "a default",
    {},
    ["TaskTemplate.ContainerSpec.StopGracePeriod: (nothing) -> 10000000000"],
    "provider",
    "",
  ],
  ["an image", {}, [image], "provider", ""],
])("says of %s what it does to the tasks", (_, more, drift, writer, effect) => {
  expect(changeEffect(spec(more), drift, writer)).toBe(effect);
});
