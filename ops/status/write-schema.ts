import { writeFileSync } from "node:fs";
import { z } from "zod";
import { statusShape } from "./status-shape";

/** Where the schema of `npm run status -- --json` is written. */
export const SCHEMA_PATH = "docs/status.schema.json";

/** The JSON schema of a status, as a file has it. */
export function schemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(statusShape), null, 2)}\n`;
}

if (require.main === module) writeFileSync(SCHEMA_PATH, schemaText());
