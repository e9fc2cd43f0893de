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

interface Change {
  readonly more?: Partial<ServiceSpec>;
  readonly drift: readonly string[];
  readonly writer?: Writer;
}

it.each<[string, Change, string]>([
  ["nothing changed", { drift: [] }, ""],
  [
    "an image",
    { drift: [image] },
    "updated in place: its task is restarted, one at a time, each stopped before its successor starts",
  ],
  [
    "an image of many tasks",
    {
      more: { Mode: { Replicated: { Replicas: 6 } }, UpdateConfig: { Parallelism: 2 } },
      drift: [image],
    },
    "updated in place: its 6 tasks are restarted, 2 at a time, each stopped before its successor starts",
  ],
  [
    "an image of a global service",
    {
      more: { Mode: { Global: {} }, UpdateConfig: { Parallelism: 0, Order: "start-first" } },
      drift: [image],
    },
    "updated in place: its task on every phone is restarted, all at once, each stopped once its successor runs",
  ],
  [
    "replicas and labels",
    { drift: ["Mode.Replicated.Replicas: 3 -> 1", 'Labels.a: "b" -> (nothing)'] },
    "updated in place: no running task is restarted",
  ],
  [
    "a mode",
    { more: { Mode: { Global: {} } }, drift: [mode] },
    `replaced: its task on every phone is ${downInBetween}`,
  ],
  [
    "a mode that the provider writes",
    { drift: [mode], writer: "provider" },
    `replaced: its task is ${downInBetween}`,
  ],
  [
    "a network",
    { drift: ['TaskTemplate.Networks[0].Target: "a" -> "b"'], writer: "provider" },
    `replaced: its task is ${downInBetween}`,
  ],
  [
    "a container label",
    { drift: ['TaskTemplate.ContainerSpec.Labels.a: "b" -> "c"'], writer: "provider" },
    `replaced: its task is ${downInBetween}`,
  ],
  // What the provider writes out of itself differs for ever and means nothing.
  [
    "a default of the provider",
    {
      drift: ["TaskTemplate.ContainerSpec.StopGracePeriod: (nothing) -> 10000000000"],
      writer: "provider",
    },
    "",
  ],
  ["an image that the provider writes", { drift: [image], writer: "provider" }, ""],
])("says of %s what it does to the tasks", (_, { more, drift, writer = "engine" }, effect) => {
  expect(changeEffect(spec(more), drift, writer)).toBe(effect);
});
