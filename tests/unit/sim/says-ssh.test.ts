import { createServer, type AddressInfo, type Socket } from "node:net";
import { saysSsh } from "../../../sim/phone-container";

/** What a machine whose SSH port does that is taken for. */
async function answerOf(meet: (guest: Socket) => void): Promise<boolean> {
  const guests: Socket[] = [];
  const server = createServer((guest) => {
    guests.push(guest);
    meet(guest);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await saysSsh("127.0.0.1", 0.3, (server.address() as AddressInfo).port);
  } finally {
    for (const guest of guests) guest.destroy();
    server.close();
  }
}

describe("saysSsh", () => {
  it.each<[string, boolean, (guest: Socket) => void]>([
    ["says that it is an SSH server", true, (guest) => guest.write("SSH-2.0-OpenSSH_9.2\r\n")],
    ["says something else", false, (guest) => guest.write("Exceeded MaxStartups\r\n")],
    ["hangs up without a word, as while it boots", false, (guest) => guest.end()],
    ["says nothing", false, () => undefined],
  ])("of a server that %s is %s", async (_, expected, meet) => {
    expect(await answerOf(meet)).toBe(expected);
  });
});
