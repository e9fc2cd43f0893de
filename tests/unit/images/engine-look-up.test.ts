import { distributionRequests, parseDistribution } from "../../../images/engine-look-up";

const SUM = `sha256:${"a".repeat(64)}`;
const TODAY = "2026-11-22";

describe("parseDistribution", () => {
  it("reads digest and platforms, each once and sorted", () => {
    const Platforms = [
      { os: "linux", architecture: "arm", variant: "v7" },
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "amd64", variant: "" },
      { os: "unknown", architecture: "unknown" },
    ];
    const answer = { status: 200, body: { Descriptor: { digest: SUM }, Platforms } };
    expect(parseDistribution("web:1", answer, TODAY)).toEqual({
      digest: SUM,
      platforms: ["linux/amd64", "linux/arm/v7"],
      resolved: TODAY,
    });
  });

  it.each([
    [undefined, "web:1: the master's engine gave no answer"],
    [
      { status: 401, body: { message: "denied: login first" } },
      "web:1: the master's engine cannot look it up: denied: login first",
    ],
    [{ status: 500, body: undefined }, "web:1: the master's engine cannot look it up: status 500"],
    [{ status: 200, body: {} }, "web:1: the master's engine cannot look it up: status 200"],
  ])("fails for %j", (answer, message) => {
    expect(() => parseDistribution("web:1", answer, TODAY)).toThrow(message);
  });
});

it("distributionRequests asks for all over one connection, with the logins that there are", () => {
  expect(
    distributionRequests([
      ["web:1", undefined],
      ["ghcr.io/x/y:2", "bG9naW4"],
    ]).split("\r\n"),
  ).toEqual([
    ...["GET /distribution/web:1/json HTTP/1.1", "Host: docker", ""],
    ...["GET /distribution/ghcr.io/x/y:2/json HTTP/1.1", "Host: docker"],
    ...["X-Registry-Auth: bG9naW4", "Connection: close", "", ""],
  ]);
});
