import { cpSync } from "node:fs";
import { resolve } from "node:path";
import type { CloudletProject } from "./cloudlet-project";

/** Copies the recipes of docs/platforms.md into a project, as `recipes/`, without what was compiled here. */
export function copyRecipes(project: CloudletProject): void {
  cpSync(resolve(__dirname, "../../docs/recipes"), project.path("recipes"), {
    recursive: true,
    filter: (path) => !path.endsWith("/build"),
  });
}
