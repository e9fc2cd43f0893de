import { parseEngineAnswers } from "../../../observe/engine-api";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const HEAD = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n";

describe("parseEngineAnswers", () => {
  it("takes answers of known length and in chunks apart, whatever stands in them", () => {
    const known = `${HEAD}Content-Length: 6\r\n\r\n["ä"]`;
    const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\n["\r\n\r\n`;
    expect(parseEngineAnswers(base64(known + chunked))).toEqual([{ status: 200, body: ["ä"] }]);
    const whole = `${HEAD}transfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`;
    const refused = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}";
    expect(parseEngineAnswers(base64(whole + refused))).toEqual([
      { status: 200, body: { a: 1 } },
      { status: 503, body: {} },
    ]);
  });

  it("reads a last answer without a length to its end", () => {
    expect(parseEngineAnswers(base64(`${HEAD}\r\n[1]`))).toEqual([{ status: 200, body: [1] }]);
  });

  it.each([
    ["nothing", ""],
    ["no HTTP", base64("permission denied")],
    ["a body that breaks off", base64(`${HEAD}Content-Length: 9\r\n\r\n{}`)],
    ["a chunk that breaks off", base64(`${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n{}`)],
    ["a chunk without a size", base64(`${HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n{}`)],
  ])("finds no answer in %s", (_, text) => {
    expect(parseEngineAnswers(text)).toEqual([]);
  });

  it("keeps an answer that is no JSON, without a body", () => {
    const text = base64(`${HEAD}Content-Length: 2\r\n\r\nOK`);
    expect(parseEngineAnswers(text)).toEqual([{ status: 200, body: undefined }]);
  });
});
