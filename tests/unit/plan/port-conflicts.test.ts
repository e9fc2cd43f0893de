import { planProblems } from "../../support/sample-plan";

const service = (name: string, ports: string) =>
  `  ${name}:\n    image: web:1\n    ports: ${ports}\n`;
const problemsOf = (a: string, b: string) =>
  planProblems({
    settings: { stacks: { blog: { file: "blog.yml" }, shop: { file: "shop.yml" } } },
    files: {
      "blog.yml": `version: "3.13"\nservices:\n${a}`,
      "shop.yml": `version: "3.13"\nservices:\n${b}`,
    },
  }).map(({ where, message }) => `${where}: ${message}`);

const host = "[{ target: 80, published: 80, mode: host }]";

describe("portConflicts", () => {
  it("refuses a port that a service of another stack publishes, and names both places", () => {
    expect(
      problemsOf(service("web", '["80:80"]'), service("web", "[{ target: 8, published: 80 }]")),
    ).toEqual([
      'shop.yml:5:5: shop_web publishes 80/tcp: expected a port that no other service publishes, and blog_web does (blog.yml:5:5); publish another one, such as "8080:80"',
    ]);
  });

  it.each([
    ["of one stack", '["80:80"]', '["80:80"]', true],
    ["through the mesh and on the task's own phone", '["80:80"]', host, true],
    ["on the tasks' own phones", host, host, false],
    ["of two protocols", '["80:80/tcp"]', '["80:80/udp"]', false],
    ["that the engine chooses", "[80]", "[80]", false],
  ])("knows two ports %s", (_, first, second, conflict) => {
    const both = service("a", first) + service("b", second);
    expect(problemsOf(both, service("c", '["99:99"]')).length).toBe(conflict ? 1 : 0);
  });
});
