import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPhones } from "../../../ops/reach/open-phones";
import { writeWorkspace } from "../../../observe/observe";
import { ON_MASTER, SSH_CONFIG } from "../../../observe/ssh-config";
import { sampleConfig } from "../../support/sample-config";

const config = sampleConfig({ ssh: { identityFile: "no-such-key" } });
const start = process.cwd();

beforeEach(() => process.chdir(mkdtempSync(join(tmpdir(), "cloudlet-reach-"))));
afterEach(() => process.chdir(start));

const tried = () => /for master in (.*); do/.exec(readFileSync(ON_MASTER, "utf8"))?.[1];
const aliasOf = () =>
  /Host cloudlet-master\n\s+HostName (\S+)/.exec(readFileSync(SSH_CONFIG, "utf8"))?.[1];

describe("openPhones", () => {
  it("tries masters as the settings have them where nobody looked yet", async () => {
    await openPhones(config);
    expect(tried()).toBe("pixel-1 pixel-2 pixel-3");
    expect(aliasOf()).toBe("192.168.1.21");
  });

  it("keeps to the master that an `up` has found, and forgets phones that left the settings", async () => {
    writeWorkspace(config, ["pixel-9", "pixel-3", "pixel-1"]);
    await openPhones(config);
    expect(tried()).toBe("pixel-3 pixel-1 pixel-2");
    expect(aliasOf()).toBe("192.168.1.23");
  });
});
