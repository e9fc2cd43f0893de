import { phoneColumns } from "./phone-columns";
import { serviceColumns } from "./service-columns";
import type { ServiceStatus, Status, StatusProblem } from "./status-shape";
import { tableLines } from "./table";
import { count, wrap } from "./text";

/** How a status is shown. */
export interface Display {
  readonly width: number;
  readonly colour: boolean;
}

/** A status for people: what is wrong first, each with its fix, then phones and services. */
export function renderStatus(status: Status, { width, colour }: Display): string {
  const bold = colour ? (text: string) => `\x1b[1m${text}\x1b[22m` : (text: string) => text;
  const red = colour ? (text: string) => `\x1b[31m${text}\x1b[39m` : (text: string) => text;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", bold(title), ...lines];
  const { problems, phones, services, at } = status;
  const table = tableLines(phoneColumns(phones), width - 2).map(indent);
  return [
    ...headline(status).map(problems.length === 0 ? bold : red),
    ...problems.flatMap((problem) => problemLines(problem, width)),
    ...section("Phones", table),
    ...(services === undefined
      ? section("Services", ["  not known: no master answers for the swarm"])
      : stacksOf(services).flatMap(([stack, own]) =>
          section(
            `${stack === "" ? "Of no stack" : `Stack ${stack}`}: ${summary(own)}`,
            tableLines(serviceColumns(own, { now: at, phones: phones.length }), width - 2).map(
              indent,
            ),
          ),
        )),
    "",
  ].join("\n");
}

function headline({ problems, phones, services = [], stack }: Status): string[] {
  const what = `${stack}: ${count(phones.length, "phone")}, ${count(services.length, "service")}`;
  return [`${what}, ${problems.length === 0 ? "all is well" : count(problems.length, "problem")}`];
}

function problemLines({ where, message, fix }: StatusProblem, width: number): string[] {
  return [
    ...wrap(`${where}: ${message}`, width, "  ", "    "),
    ...(fix === "" ? [] : wrap(`fix: ${fix}`, width, "    ", "         ")),
  ];
}

function stacksOf(services: readonly ServiceStatus[]): [string, ServiceStatus[]][] {
  const stacks = new Map<string, ServiceStatus[]>();
  for (const service of services) {
    const { stack = "" } = service;
    stacks.set(stack, [...(stacks.get(stack) ?? []), service]);
  }
  // Those of no stack come last: most of them were made by hand.
  return [...stacks].sort(([a], [b]) => Number(a === "") - Number(b === ""));
}

function summary(services: readonly ServiceStatus[]): string {
  const lacking = services.filter(({ running, wanted }) => running < wanted).length;
  const rest =
    lacking === 0 ? "all tasks run" : `${lacking} ${lacking === 1 ? "lacks" : "lack"} tasks`;
  return `${count(services.length, "service")}, ${rest}`;
}

const indent = (line: string) => (line === "" ? "" : `  ${line}`);
