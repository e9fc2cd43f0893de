import { parseCpus } from "../../../compose/parse-cpus";
import { parseDuration } from "../../../compose/parse-duration";
import { parseImage } from "../../../compose/parse-image";
import { parseFloat64, parseInteger } from "../../../compose/parse-number";
import { parsePort } from "../../../compose/parse-port";
import { parseSize } from "../../../compose/parse-size";
import { parseVolume } from "../../../compose/parse-volume";
import { printFloat, shortestFloat32 } from "../../../compose/print-value";
import { splitCommand } from "../../../compose/split-command";

describe("parseDuration (nanoseconds)", () => {
  it.each([
    ["10s", 10e9],
    ["1h2m3.5s", 3723.5e9],
    [".5s", 0.5e9],
    ["1.s", 1e9],
    ["+1s", 1e9],
    ["-1s", -1e9],
    ["0", 0],
    ["1µs", 1000],
    ["0.3s", 300_000_000],
    ["1.123456789123s", 1_123_456_789],
  ])("%s", (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(["", "30", "1d", "1.5.5s", ".", ".s", "1s ", "s", "2562047h48m"])("refuses %p", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe("parseSize (bytes)", () => {
  it.each([
    ["512", 512],
    ["50M", 52_428_800],
    ["1.5g", 1_610_612_736],
    ["1 kb", 1024],
    ["5KiB", 5120],
    ["5b", 5],
    [".5m", 524_288],
    ["1e3", 1000],
    ["1_000", 1000],
    ["1.9999", 1],
    ["-0", 0],
  ])("%s", (text, expected) => expect(parseSize(text)).toBe(expected));

  it.each(["", "abc", "-1m", "5xb", "50mbb", "1  k", "5eb", "1bb", "99999p", "1K1M x"])(
    "refuses %p",
    (text) => expect(parseSize(text)).toBeUndefined(),
  );
});

describe("parseCpus (billionths)", () => {
  it.each([
    ["0.5", 500_000_000],
    ["1/4", 250_000_000],
    ["1e-3", 1_000_000],
    [".25", 250_000_000],
    ["1/010", 125_000_000],
    ["0x1p-1", 500_000_000],
    ["0b1.1", 1_500_000_000],
    ["1_0", 10_000_000_000],
    ["-1", -1_000_000_000],
  ])("%s", (text, expected) => expect(parseCpus(text)).toBe(expected));

  it.each([
    ["abc", "it is not a number"],
    ["1/0", "it is not a number"],
    ["1/0.5", "it is not a number"],
    [" 1", "it is not a number"],
    ["1/3", "it has more than nine digits after the point"],
    ["1e-10", "it has more than nine digits after the point"],
  ])("refuses %p", (text, why) => expect(parseCpus(text)).toBe(why));
});

describe("numbers", () => {
  it.each([
    ["5", 5n],
    ["+5", 5n],
    ["-1", -1n],
  ])("parseInteger %s", (text, expected) => expect(parseInteger(text)).toBe(expected));

  it.each(["", " 5", "0x5", "5.0", "99999999999999999999"])("parseInteger refuses %p", (text) =>
    expect(parseInteger(text)).toBeUndefined(),
  );

  it.each([
    ["0.25", 0.25],
    ["1_0.5", 10.5],
    ["0x1p-2", 0.25],
    ["1e1_0", 1e10],
  ])("parseFloat64 %s", (text, expected) => expect(parseFloat64(text)).toBe(expected));

  it.each(["_1", "1_", "1_.5", "1__0", "1_e1", "inf", "nan", "1e400", ""])(
    "parseFloat64 refuses %p",
    (text) => expect(parseFloat64(text)).toBeUndefined(),
  );

  it.each([
    [1.1, "1.1"],
    [1e6, "1e+06"],
    [12345678.9, "1.23456789e+07"],
    [123456, "123456"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e29, "1e+29"],
    [-0, "-0"],
  ])("printFloat %d", (value, expected) => expect(printFloat(value)).toBe(expected));

  it.each([
    [0.25, 0.25],
    [0.1, 0.1],
    [1 / 3, 0.33333334],
  ])("shortestFloat32 %d", (value, expected) => expect(shortestFloat32(value)).toBe(expected));
});

describe("splitCommand", () => {
  it.each([
    ["a 'b c' d", ["a", "b c", "d"]],
    ["a\\ b", ["a b"]],
    ["'a\\b'", ["a\\b"]],
    ['"a\\"b\\c"', ['a"bc']],
    ["a#b #c d", ["a#b"]],
    ["# all", []],
    ["a #x\nb", ["a", "b"]],
    ["a''b", ["ab"]],
    ['""', [""]],
    ['a"b c"d', ["ab cd"]],
    ["", []],
  ])("%j", (text, expected) => expect(splitCommand(text)).toEqual(expected));

  it.each([
    ['"a', 'the closing " is missing'],
    ["'a", "the closing ' is missing"],
    ["a \\", "it ends after a backslash"],
  ])("refuses %j", (text, why) => expect(splitCommand(text)).toBe(why));
});

describe("parsePort", () => {
  const short = (text: string) => {
    const ports = parsePort(text);
    if (typeof ports === "string") return ports;
    return ports.map(({ published, publishedEnd, target, protocol, address }) =>
      [address, `${published}-${publishedEnd}`, target, protocol].join(" "),
    );
  };

  it.each([
    ["3000", [" 0-0 3000 tcp"]],
    ["8000:80", [" 8000-8000 80 tcp"]],
    ["6060:6060/udp", [" 6060-6060 6060 udp"]],
    ["7070:7070/SCTP", [" 7070-7070 7070 sctp"]],
    ["81/", [" 0-0 81 tcp"]],
    ["3001-3002", [" 0-0 3001 tcp", " 0-0 3002 tcp"]],
    ["9090-9091:8080-8081", [" 9090-9090 8080 tcp", " 9091-9091 8081 tcp"]],
    ["10000-10002:80", [" 10000-10002 80 tcp"]],
    ["127.0.0.1:8001:80", ["127.0.0.1 8001-8001 80 tcp"]],
    ["[::1]:8080:80", ["::1 8080-8080 80 tcp"]],
    ["::1:80:80", ["::1 80-80 80 tcp"]],
    ["1.2.3.4::80", ["1.2.3.4 0-0 80 tcp"]],
  ])("%s", (text, expected) => expect(short(text)).toEqual(expected));

  it.each([
    "",
    "abc",
    "80/icmp",
    "1-3:1-2",
    "65536:80",
    "1.2.3:80:80",
    "127.0.0.01:80:80",
    " 80:80",
    "+80:80",
    "3-1",
  ])("refuses %p", (text) => expect(typeof parsePort(text)).toBe("string"));
});

describe("parseVolume", () => {
  const short = (text: string) => {
    const volume = parseVolume(text);
    if (typeof volume === "string") return volume;
    const { type, source, target, readOnly, noCopy, propagation } = volume;
    return [type, source, target, readOnly ? "ro" : "", noCopy ? "nocopy" : "", propagation].join(
      "|",
    );
  };

  it.each([
    ["/x", "volume||/x|||"],
    ["ab", "volume||ab|||"],
    ["name:/x", "volume|name|/x|||"],
    ["data/x:/y", "volume|data/x|/y|||"],
    ["./r:/x:ro", "bind|./r|/x|ro||"],
    ["~/r:/x", "bind|~/r|/x|||"],
    ["..:/x", "bind|..|/x|||"],
    ["v:/x:ro,nocopy,rslave", "bind|v:/x|ro,nocopy,rslave|||"],
    ["vv:/x:ro,nocopy,rslave", "volume|vv|/x|ro|nocopy|rslave"],
    ["vv:/x:ro,rw", "volume|vv|/x|||"],
    ["C:\\a:/b", "bind|C:\\a|/b|||"],
    ["c:/x:/y:ro", "bind|c:/x|/y|ro||"],
    ["D:\\q:D:\\z", "bind|D:\\q|D:\\z|||"],
    ["\\\\.\\pipe\\a:/b", "bind|\\\\.\\pipe\\a|/b|||"],
    ["a:/x", "volume||a:/x|||"],
  ])("%s", (text, expected) => expect(short(text)).toBe(expected));

  it.each([
    ["", "it is empty"],
    [":/b", "there is an empty part between colons"],
    ["aa:/b:", "there is an empty part between colons"],
    ["aa:/b:ro:x", "there are too many colons"],
  ])("refuses %p", (text, why) => expect(short(text)).toBe(why));

  it("remembers options that Docker does not know", () => {
    expect(parseVolume("vv:/x:ro,Z,cached")).toMatchObject({ unknown: ["Z", "cached"] });
  });
});

describe("parseImage", () => {
  const digest = `sha256:${"a".repeat(64)}`;

  it.each([
    ["nginx", "nginx:latest"],
    ["docker.io/prom/x:1", "prom/x:1"],
    ["library/nginx:1", "nginx:1"],
    ["index.docker.io/nginx", "nginx:latest"],
    ["localhost/x", "localhost/x:latest"],
    ["localhost:5000/x/y", "localhost:5000/x/y:latest"],
    ["HOST/x", "HOST/x:latest"],
    [`nginx@${digest}`, `nginx@${digest}`],
    [`x:1@${digest}`, `x:1@${digest}`],
    [digest, digest],
    ["a".repeat(64), "a".repeat(64)],
    ["[::1]:5000/x", "[::1]:5000/x:latest"],
    ["foo.com:80", "foo.com:80"],
  ])("%s", (text, image) => expect(parseImage(text)).toEqual({ image }));

  it.each([
    "A",
    "a/B",
    "x___y",
    "-x",
    "x:",
    `x@${digest}a`,
    "ü/x",
    "a//b",
    "x/",
    `a/${"b".repeat(260)}`,
    "a b",
  ])("refuses %s", (text) => expect(parseImage(text)).toHaveProperty("problem"));
});
