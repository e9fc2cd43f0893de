import { parseCondition } from "../../../observe/condition";

const parse = (lines: Record<string, string[]>) =>
  parseCondition(
    new Map(Object.entries(lines).map(([name, [first = ""]]) => [name, first])),
    (name) => lines[name] ?? [],
  );

describe("parseCondition", () => {
  it.each([
    ["0", 1],
    ["0-3", 4],
    ["0-3,6", 5],
    ["0,4-7", 5],
    ["", undefined],
    ["all", undefined],
  ])("counts the processors %j as %p", (text, expected) => {
    expect(parse({ processors: [text] }).processors).toBe(expected);
  });

  it.each([
    ["41500 cpu-thermal", [{ sensor: "cpu-thermal", celsius: 41.5 }]],
    ["-5000 skin", [{ sensor: "skin", celsius: -5 }]],
    ["0 off", []],
    ["-273000 none", []],
    ["200000 none", []],
    ["x none", []],
  ])("reads the temperature %j as %p", (text, expected) => {
    expect(parse({ heat: [text] }).temperatures).toEqual(expected);
  });

  it.each([
    [
      "a phone's own",
      ";1;3987000;87;Charging;312;Good;",
      { percent: 87, status: "Charging", celsius: 31.2, health: "Good" },
    ],
    ["one whose gauge knows little", ";;;50;Unknown;;Unknown;", { percent: 50 }],
    [
      "one that says nonsense of some",
      ";1;;255;Full;-2730;Dead;",
      { status: "Full", health: "Dead" },
    ],
    ["a pen's", "Device;1;;87;Discharging;;;", undefined],
    ["one that was removed", ";0;;0;Discharging;-200;Good;", undefined],
    ["one that its gauge does not see", ";1;4000;50;Discharging;250;Good;", undefined],
    ["none by name", ";1;;50;Discharging;250;No battery;", undefined],
    ["one that says nothing", ";;;;Unknown;;;", undefined],
  ])("reads %s", (_, text, expected) => {
    expect(parse({ battery: [text] }).battery).toEqual(expected);
  });

  it("takes the gauge that knows how full the battery is", () => {
    expect(parse({ battery: [";;;;Full;;;", ";;;99;Full;;;"] }).battery).toEqual({
      percent: 99,
      status: "Full",
    });
  });
});
