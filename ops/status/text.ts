/** Breaks a text between words; a longer word, such as a command, stays whole so that it can be copied. */
export function wrap(text: string, width: number, first: string, following = first): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      [line, isEmpty] = [following, true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** How many there are of something: "1 phone", "2 phones". */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A length of time in its largest unit that fits twice: "90 s", "47 min", "30 h", "12 d". */
export function showDuration(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, "d"],
      [3600, "h"],
      [60, "min"],
      [1, "s"],
    ] as const
  ).find(([each]) => seconds >= 2 * each) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** How long ago something was, by two clocks that may differ a little; empty where that is not known. */
export function showAge(time: string | undefined, now: string): string {
  if (time === undefined) return "";
  return showDuration(Math.max(0, Date.parse(now) - Date.parse(time)) / 1000);
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** A part of memory or disk in the unit that fits the whole: "370/870 MiB", "0.9/1.9 GiB". */
export function showShare(part: number, whole: number): string {
  const [unit, name] = whole < GIB ? [MIB, "MiB"] : [GIB, "GiB"];
  const show = (bytes: number) => {
    const amount = bytes / unit;
    return unit === MIB || amount >= 100 ? String(Math.round(amount)) : amount.toFixed(1);
  };
  return `${show(part)}/${show(whole)} ${name}`;
}
