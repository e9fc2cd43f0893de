import { ensureTools } from "./install";

const usage = "usage: tsx toolchain/cli.ts [--build]";

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.filter((arg) => arg !== "--build");
  if (unknown.length > 0) throw new Error(`${usage}, got ${unknown.join(" ")}`);
  const build = args.includes("--build") || undefined;
  const report = await ensureTools({ log: console.log, ...(build && { build }) });
  for (const { title, file, outcome } of report.tools)
    console.log(`${title}: ${outcome} (${file})`);
}

main(process.argv.slice(2)).catch((problem: unknown) => {
  console.error(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = 1;
});
