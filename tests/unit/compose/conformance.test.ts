import { conformanceCases, differences } from "../../support/conformance";

const cases = conformanceCases();

describe("what the docker CLI 28.2 sends or refuses", () => {
  it("is compared in all 296 cases", () => {
    expect(cases).toHaveLength(296);
    expect(cases.filter(({ expected }) => expected.rc !== 0)).toHaveLength(143);
  });

  it.each(cases.map((each) => [each.id, each] as const))("agrees in %s", (_id, each) => {
    expect(differences(each)).toEqual([]);
  });
});
