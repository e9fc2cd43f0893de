import autocannon from "autocannon";

/** Nobody looks at a page that long: counted as a failure. */
const PATIENCE_SECONDS = 60;

/** What the users of a web address got, in a span of time. */
export interface Load {
  readonly users: number;
  readonly seconds: number;
  /** How long each answered question took, in milliseconds, from the shortest to the longest. */
  readonly times: readonly number[];
  /** Questions without an answer, or with one that is no success. */
  readonly failures: number;
}

/**
 * So many users at once, each with a connection of its own over which one question follows the other, at most one a second. Several addresses
 * are divided among the users. Questions that are still open at the end count for nothing.
 */
export async function putLoad(
  urls: readonly string[],
  users: number,
  seconds: number,
): Promise<Load> {
  const options: autocannon.Options = {
    url: [...urls] as unknown as string, // its types know of one only
    ...{ connections: users, connectionRate: 1, duration: seconds, timeout: PATIENCE_SECONDS },
    // A refused connection is tried again at once: more failures than there would be questions are enough.
    bailout: users * seconds,
  };
  const times: number[] = [];
  let failures = 0;
  return new Promise((resolve, reject) => {
    // Its own figures would correct for questions that slow answers held up; these users ask no sooner.
    const running = autocannon(options, (error: Error | null, { duration }) => {
      if (error) return reject(error);
      resolve({ users, seconds: duration, times: times.sort((a, b) => a - b), failures });
    });
    running.on("response", (_, status, __, milliseconds) => {
      if (status >= 200 && status < 300) times.push(milliseconds);
      else failures++;
    });
    running.on("reqError", () => failures++);
  });
}

/** The time that so many of a hundred answers took at most; in milliseconds. */
export function percentile(times: readonly number[], percent: number): number {
  return times[Math.max(0, Math.ceil((times.length * percent) / 100) - 1)] ?? NaN;
}
