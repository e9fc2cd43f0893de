import type { Facts } from "../../../observe/facts";
import { afterElection } from "../../../observe/await-election";
import { sampleConfig } from "../../support/sample-config";
import { sampleFacts } from "../../support/sample-facts";

const electing: Facts = new Map();
const elected = sampleFacts(sampleConfig());

it("looks again until nothing is elected any more", async () => {
  const left = [electing, elected];
  const look = (): Promise<Facts> => Promise.resolve(left.shift() ?? electing);
  expect(await afterElection(electing, (facts) => facts === electing, look)).toBe(elected);
  expect(left).toEqual([]);
});

it("looks no second time where nothing is elected", async () => {
  const look = jest.fn(() => Promise.resolve(electing));
  expect(await afterElection(elected, (facts) => facts === electing, look)).toBe(elected);
  expect(look).not.toHaveBeenCalled();
});
