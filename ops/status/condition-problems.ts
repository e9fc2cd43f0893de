import type { PhoneStatus, StatusProblem } from "./status-shape";

/** Phones slow themselves down from here on, and switch off soon after. */
const HOT_CELSIUS = 85;
/** A lithium battery that stays hotter than this swells. */
const HOT_BATTERY_CELSIUS = 50;
const LOW_BATTERY_PERCENT = 15;
/** The kernel's words for a battery that does no harm. */
const HARMLESS = ["Good", "Cool", "Cold", "Warm"];

/** What a phone's sensors and its battery say against it. Its disk, memory and clock are judged before every `up` too, and not here. */
export function conditionProblems({ key, temperatures, battery }: PhoneStatus): StatusProblem[] {
  const hottest = temperatures[0];
  const tooHot = (hottest?.celsius ?? 0) >= HOT_CELSIUS;
  const { percent = 100, status, celsius = 0, health = "Good" } = battery ?? {};
  const problems = [
    tooHot && {
      message: `it is ${hottest?.celsius} °C hot inside (${hottest?.sensor})`,
      fix: "give it air: out of its case, screen off, apart from the others",
    },
    celsius >= HOT_BATTERY_CELSIUS && {
      message: `its battery is ${celsius} °C hot`,
      fix: "let it cool down, charge it less, and look whether the battery swells",
    },
    // A gauge without a battery says zero for ever.
    status === "Discharging" &&
      percent > 0 &&
      percent <= LOW_BATTERY_PERCENT && {
        message: `its battery has ${percent} % left, and is not charging`,
        fix: "look at its cable and charger",
      },
    !HARMLESS.includes(health) && {
      message: `its battery's health is "${health}"`,
      fix: "look at the battery: one that swells has to go, at once",
    },
  ];
  return problems.flatMap((problem) => (problem === false ? [] : [{ where: key, ...problem }]));
}
