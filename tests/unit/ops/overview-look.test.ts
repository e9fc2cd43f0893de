import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PhoneFacts, ReachablePhone } from "../../../observe/facts";
import { livingOf, type LivingPhone } from "../../../ops/overview/living";
import {
  drawLook,
  sampleLook,
  serviceWith,
  taskOn,
  TROUBLED,
  type SampleLook,
} from "../../support/sample-look";
import { overlapping, textBoxes } from "../../support/text-boxes";

const GOLDEN = join(__dirname, "../../../docs/overview-look.svg");
const at = new Date("2026-11-23T06:10:59Z");
const living = (sample: Partial<SampleLook>) => livingOf(sampleLook({ phones: 4, ...sample }), at);
const words = (sample: Partial<SampleLook>) => {
  const { word, reason, isDown, takesTasks } = living(sample).phones.get("pixel-4")!;
  return [word, reason, isDown, takesTasks];
};
const textsOf = (svg: string) => textBoxes(svg).map(({ text }) => text);

const noAnswer = (reason: "no answer" | "login refused" = "no answer"): PhoneFacts => ({
  reachable: false,
  reason,
  detail: "",
});
const engineOff = (): PhoneFacts => {
  const phone = sampleLook({ phones: 4 }).facts.get("pixel-4") as ReachablePhone;
  return { ...phone, engine: { ...phone.engine, running: false } };
};

describe("livingOf", () => {
  type Words = [string, string, LivingPhone["isDown"], LivingPhone["takesTasks"]];
  it.each<[string, Partial<SampleLook>, Words]>([
    ["as declared", {}, ["ready", "", false, true]],
    ["leads", { entries: { "pixel-4": { leader: true } } }, ["leader now", "", false, true]],
    [
      "leads and is drained",
      { entries: { "pixel-4": { leader: true, availability: "drain" } } },
      ["leader now", "drained", false, false],
    ],
    [
      "is paused",
      { entries: { "pixel-4": { availability: "pause" } } },
      ["paused", "", false, false],
    ],
    [
      "is off",
      { facts: { "pixel-4": noAnswer() }, entries: { "pixel-4": { state: "down" } } },
      ["down", "no answer", true, false],
    ],
    [
      "is out of this machine's reach, and runs",
      { facts: { "pixel-4": noAnswer() } },
      ["no answer", "swarm: ready", false, true],
    ],
    [
      "refuses the login, and runs",
      { facts: { "pixel-4": noAnswer("login refused") } },
      ["login refused", "swarm: ready", false, true],
    ],
    [
      "has its engine off",
      { facts: { "pixel-4": engineOff() } },
      ["down", "docker is off", true, false],
    ],
    [
      "answers here, and not its masters",
      { entries: { "pixel-4": { state: "down" } } },
      ["down", "answers here", true, false],
    ],
    ["is of a swarm that no master answers for", { blind: true }, ["unknown", "", false, true]],
  ])("tells of a phone that %s", (_, sample, expected) => {
    expect(words(sample)).toEqual(expected);
  });

  it("counts the tasks that really run: none on a phone that is down, whatever their last words", () => {
    const { services, at: told } = living(TROUBLED);
    expect(told).toBe("2026-11-23 06:10 UTC");
    expect(services?.get("shop_api")).toEqual({
      ...{ wanted: 3, running: 2, isJob: false },
      tasksOn: new Map([["pixel-1", 2]]),
    });
    expect(services?.get("shop_db")?.tasksOn).toEqual(new Map());
    expect(living({ blind: true }).services).toBeUndefined();
  });

  it("names who is in the swarm and not declared by its host name, where no other has that", () => {
    const [stranger] = TROUBLED.strangers!;
    expect(living(TROUBLED).strangers).toEqual([
      { key: "old-laptop", address: "192.168.1.77", role: "compute" },
    ]);
    expect(living(TROUBLED).services?.get("shop_web")?.tasksOn.get("old-laptop")).toBe(1);
    const twins = { strangers: [stranger!, { ...stranger!, id: "other" }] };
    expect(living(twins).strangers.map(({ key }) => key)).toEqual(["k3n6q0w8", "other"]);
    const named = { strangers: [{ ...stranger!, hostname: "pixel-1" }] };
    expect(living(named).strangers.map(({ key }) => key)).toEqual(["k3n6q0w8"]);
    // What a declared phone was before it was reflashed is no other phone.
    const former = { strangers: [{ ...stranger!, labels: { "cloudlet.node": "pixel-2" } }] };
    expect(living(former).strangers).toEqual([]);
  });
});

describe("the picture of a cloudlet as it is", () => {
  it("is as docs/overview-look.svg shows; CLOUDLET_REDRAW=1 with this test draws it anew", () => {
    const drawn = drawLook(TROUBLED);
    if (process.env.CLOUDLET_REDRAW === "1") writeFileSync(GOLDEN, drawn);
    expect(readFileSync(GOLDEN, "utf8")).toBe(drawn);
  });

  it("says in words what is wrong, and each phone's state below its name", () => {
    const texts = textsOf(drawLook(TROUBLED));
    expect(texts).toContain(
      "as it is, 2026-11-23 06:10 UTC: 1 of 5 phones down, 2 services with too few tasks, 1 not declared",
    );
    expect(texts.filter((text) => text === "down")).toHaveLength(1);
    expect(texts.filter((text) => text === "leader now")).toHaveLength(1);
    expect(texts).toEqual(
      expect.arrayContaining([
        ...["drained", "not declared", "2x api", "no db"],
        ...["only 2 of 3 running", "only 0 of 1 running", "3 of 3 running"],
        "also running, in no stack file: lone",
      ]),
    );
    expect(texts.filter((text) => text === "web")).toHaveLength(3);
  });

  it("draws a phone that is down dashed, and no other", () => {
    const svg = drawLook(TROUBLED);
    expect(svg.match(/class="phone gone"/g)).toHaveLength(1);
    expect(drawLook({ phones: 4 })).not.toContain('class="phone gone"');
  });

  it("says that all is there where it is", () => {
    const services = [
      serviceWith(
        "shop_api",
        3,
        ["pixel-1", "pixel-2", "pixel-3"].map((phone) => taskOn(phone)),
      ),
      serviceWith("shop_db", 1, [taskOn("pixel-4")]),
      serviceWith("shop_web", undefined, [taskOn("pixel-1")]),
    ];
    expect(textsOf(drawLook({ phones: 4, services }))).toContain(
      "as it is, 2026-11-23 06:10 UTC: no phone is down, every service runs",
    );
  });

  it("is as declared, and says so, where no master knows what runs", () => {
    const texts = textsOf(drawLook({ phones: 4, blind: true }));
    expect(texts).toContain(
      "as it is, 2026-11-23 06:10 UTC: no master answers, so where services run is not known",
    );
    expect(texts).toContain("should run here: pinned to this phone, or on every phone");
  });

  it("misses a declared service that the swarm does not have", () => {
    const texts = textsOf(drawLook({ phones: 4, services: [] }));
    expect(texts.filter((text) => text === "only 0 of 1 running")).toHaveLength(3);
    expect(texts).toContain("no db");
  });

  it.each([1, 3, 4, 12])(
    "keeps every text apart from the others and inside the picture, with %d phones",
    (phones) => {
      const { strangers, services } = TROUBLED;
      const facts = { "pixel-1": noAnswer(), [`pixel-${phones}`]: noAnswer("login refused") };
      const svg = drawLook({
        phones,
        facts,
        ...(strangers && { strangers }),
        ...(services && { services }),
      });
      const boxes = textBoxes(svg);
      expect(boxes.length).toBeGreaterThan(10 + 4 * phones);
      expect(overlapping(boxes)).toEqual([]);
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
      expect(
        boxes.filter(({ left, right, bottom }) => left < 0 || right > width! || bottom > height!),
      ).toEqual([]);
    },
  );
});
