import { cloudletOutputs } from "../../outputs";
import { samplePlan } from "../support/sample-plan";

describe("cloudletOutputs", () => {
  it("tells the phones, the services, and the addresses of those that have one", () => {
    const text = `version: "3.8"
services:
  web:
    image: web:1
    ports: ["80:80"]
  db:
    image: db:1
`;
    const plan = samplePlan({
      settings: { stacks: { shop: { file: "shop.yml" } } },
      files: { "shop.yml": text },
    });
    expect(cloudletOutputs(plan)).toEqual({
      nodes: {
        "pixel-1": { role: "master", address: "192.168.1.21" },
        "pixel-2": { role: "master", address: "192.168.1.22" },
        "pixel-3": { role: "master", address: "192.168.1.23" },
        "pixel-4": { role: "compute", address: "192.168.1.24" },
      },
      stacks: { shop: ["shop_web", "shop_db"] },
      addresses: { shop_web: ["http://192.168.1.21:80"] },
    });
  });

  it("holds no secret", () => {
    const plan = samplePlan({
      settings: { stacks: { portainer: { file: "stacks/portainer_agent.yml" } } },
      secrets: { portainerPassword: "s3cret-panel" },
    });
    const text = JSON.stringify(cloudletOutputs(plan));
    expect(text).toContain("portainer_portainer");
    expect(text).not.toContain("s3cret-panel");
    expect(text).not.toContain(Buffer.from("s3cret-panel").toString("base64"));
  });
});
