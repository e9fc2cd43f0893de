import type { Lab } from "../../sim/lab";

/** What a simulated phone's sensors shall say. */
export interface SimulatedSensors {
  readonly celsius: number;
  readonly battery: {
    readonly percent: number;
    readonly celsius: number;
    /** In the kernel's words. */
    readonly status: "Charging" | "Discharging";
  };
}

const folder = (name: string, files: object) =>
  Object.entries(files).map(([file, text]) => `echo '${String(text)}' > ${name}/${file}`);

/**
 * Gives a simulated phone sensors: files in memory over the folders of its /sys, which on a machine that simulates phones are empty
 * or tell of that machine. Gone with the next boot.
 */
export async function simulateSensors(
  lab: Lab,
  phone: string,
  { celsius, battery }: SimulatedSensors,
): Promise<void> {
  const [thermal, supplies] = ["/sys/class/thermal", "/sys/class/power_supply"];
  const [zone, supply] = [`${thermal}/thermal_zone0`, `${supplies}/battery`];
  const script = [
    "set -eu",
    ...[thermal, supplies].map(
      (path) => `mountpoint -q ${path} || mount -t tmpfs -o mode=755 simulated ${path}`,
    ),
    `mkdir -p ${zone} ${supply}`,
    ...folder(zone, { type: "simulated", policy: "none", temp: celsius * 1000 }),
    ...folder(supply, {
      type: "Battery",
      scope: "System",
      present: 1,
      health: "Good",
      voltage_now: 3_800_000,
      status: battery.status,
      capacity: battery.percent,
      temp: battery.celsius * 10,
    }),
  ];
  await lab.exec(phone, ["sh", "-c", script.join("\n")]);
}
