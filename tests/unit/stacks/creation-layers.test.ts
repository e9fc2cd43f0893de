import { creationLayers } from "../../../stacks/creation-layers";
import { samplePlan } from "../../support/sample-plan";

function layersOf(services: Readonly<Record<string, readonly string[]>>): string[] {
  const lines = Object.entries(services).map(
    ([name, others]) => `  ${name}:\n    image: web:1\n    depends_on: [${others.join(", ")}]\n`,
  );
  const [stack] = samplePlan({
    settings: { stacks: { s: { file: "s.yml" } } },
    files: { "s.yml": `services:\n${lines.join("")}` },
  }).stacks;
  return creationLayers(stack?.services ?? []).map(({ services: created, after }) => {
    const names = created.map(({ spec }) => spec.Name);
    return `${names.join(" ")} after [${after.join(" ")}]`;
  });
}

describe("services are created", () => {
  it("at once where none depends on another", () => {
    expect(layersOf({ a: [], b: [] })).toEqual(["s_a s_b after []"]);
  });

  it("after those that they depend on, directly or through others, and wait for no more than these", () => {
    const services = {
      web: ["proxy"],
      proxy: ["db", "cache"],
      db: [],
      cache: [],
      log: [],
      late: ["proxy", "log"],
    };
    expect(layersOf(services)).toEqual([
      "s_db s_cache s_log after []",
      "s_proxy after [s_cache s_db]",
      "s_web s_late after [s_log s_proxy]",
    ]);
  });

  it("last and together where they depend on each other in a circle", () => {
    const services = {
      a: ["b"],
      b: ["a", "c"],
      c: [],
      self: ["self"],
    };
    expect(layersOf(services)).toEqual(["s_c after []", "s_a s_b s_self after [s_c]"]);
  });
});
