import { conformanceReport } from "../../../ops/compose/conformance";
import { conformanceCases } from "../../support/conformance";

describe("conformanceReport", () => {
  const [first, ...rest] = conformanceCases().slice(0, 4);

  it("counts what passes by feature", () => {
    const { text, failed } = conformanceReport(rest);
    expect(failed).toBe(0);
    expect(text).toContain("3 of 3 cases agree with the docker CLI 28.2");
  });

  it("shows a case that differs, with the difference", () => {
    const wrong = { ...first!, expected: { ...first!.expected, configs: {}, services: {} } };
    const { text, failed } = conformanceReport([wrong, ...rest]);
    expect(failed).toBe(1);
    expect(text).toContain("3 of 4 cases agree");
    expect(text).toContain(`\n${first!.id}\n  + `);
  });

  it("shows a refusal for another reason than the docker CLI's", () => {
    const refused = conformanceCases().find(({ id }) => id === "neg-user-int")!;
    const stderr = ["services.web.hostname must be a string"];
    const { text } = conformanceReport([{ ...refused, expected: { ...refused.expected, stderr } }]);
    expect(text).toContain("- [schema/type] services.web.hostname must be a string");
    expect(text).toContain("+ [schema/type] stack.yml:4:5: services.web.user must be a string");
  });
});
