import { updateLock } from "../../../images/lock-images";

const image = (digest: string, resolved: string, platforms = ["linux/arm/v7"]) => ({
  digest: `sha256:${digest}`,
  platforms,
  resolved,
});

describe("updateLock", () => {
  it("keeps what did not move, with its day, and tells what is new, moved and gone", () => {
    const old = {
      same: image("1", "2026-01-01"),
      moved: image("2", "2026-01-01"),
      more: image("3", "2026-01-01"),
      gone: image("4", "2026-01-01"),
    };
    const found = new Map([
      ["same", image("1", "2026-11-22")],
      ["moved", image("9", "2026-11-22")],
      ["more", image("3", "2026-11-22", ["linux/arm/v7", "linux/arm64"])],
      ["new", image("5", "2026-11-22")],
    ]);
    expect(updateLock(old, found)).toEqual({
      lock: {
        same: image("1", "2026-01-01"),
        moved: image("9", "2026-11-22"),
        more: image("3", "2026-11-22", ["linux/arm/v7", "linux/arm64"]),
        new: image("5", "2026-11-22"),
      },
      changes: [
        "moved: sha256:2 -> sha256:9",
        "more: sha256:3, now with builds for linux/arm/v7, linux/arm64",
        "new: new, sha256:5",
        "gone: no stack asks for it any more",
      ],
    });
  });

  it("has nothing to tell where nothing moved", () => {
    const old = { same: image("1", "2026-01-01") };
    expect(updateLock(old, new Map([["same", image("1", "2026-11-22")]]))).toEqual({
      lock: old,
      changes: [],
    });
  });
});
