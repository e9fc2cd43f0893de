import { isElection } from "../../../stacks/creation-hooks";

const SAID = "Error response from daemon: rpc error: code =";
const LATE = `${SAID} DeadlineExceeded desc = context deadline exceeded`;
const TAKEN = `${SAID} AlreadyExists desc = name conflicts with an existing object`;

describe("what the docker provider could not create", () => {
  it.each([
    LATE,
    `${SAID} Unknown desc = The swarm does not have a leader.`,
    "Error response from daemon: raft: lost leadership",
  ])("is tried again after: %s", (error) => {
    expect(isElection([error])).toBe(true);
  });

  it("is tried again where an earlier try was taken after all", () => {
    expect(isElection([TAKEN, LATE])).toBe(true);
  });

  it("is not tried again after anything else, whatever came before", () => {
    expect(isElection([TAKEN])).toBe(false);
    expect(isElection([`${SAID} InvalidArgument`, LATE])).toBe(false);
    expect(isElection([])).toBe(false);
  });

  it("is given up in the end", () => {
    expect(isElection(Array<string>(8).fill(LATE))).toBe(true);
    expect(isElection(Array<string>(9).fill(LATE))).toBe(false);
  });
});
