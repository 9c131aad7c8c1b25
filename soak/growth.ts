/** Whether a process has grown: samples of it, and what is made of them. */

/** What the server's process holds at one time. */
export interface Sample {
  /** When, in seconds from the beginning of the soak. */
  readonly seconds: number;
  /** Resident memory, in MB. */
  readonly residentMb: number;
  /** The part of the JavaScript heap in use, with garbage, in MB. */
  readonly heapMb: number;
  /** Buffers outside of the heap, in MB. */
  readonly externalMb: number;
  /** Open file descriptors, `NaN` where the system does not tell. */
  readonly descriptors: number;
  /** Files that the cache holds open: a part of the descriptors. */
  readonly cachedFiles: number;
  /** Connections, without the one that asks. */
  readonly connections: number;
}

/** Which numbers of a sample are compared. */
export type Quantity = Exclude<keyof Sample, "seconds">;

/**
 * By how much the median of the last third may be above that of the first one,
 * in MB. Resident memory keeps what a burst once took, and the heap is looked
 * at with its garbage: both go up and down by about so much within a run.
 *
 * Descriptors and connections are shown and have no bound here: on a busy
 * machine closed ones wait to be noticed. They must come back in the end; see
 * {@linkcode leftOver}.
 */
export const GROWTH_BOUNDS: Readonly<Record<Quantity, number>> = {
  residentMb: 48,
  heapMb: 16,
  externalMb: 32,
  descriptors: Infinity,
  cachedFiles: Infinity,
  connections: Infinity,
};

/** The beginning that does not count: caches and the compiler fill up. */
export function warmUpSeconds(seconds: number): number {
  return Math.min(60, seconds / 4);
}

/** Shorter soaks show what warms up, not what grows, in seconds. */
export const SHORTEST_JUDGED_SECONDS = 30;

/** Fewest samples in a third that say something. */
const FEWEST_SAMPLES = 5;

/** The median of a quantity in the first and last third after the warm-up. */
export interface Growth {
  /** What was compared. */
  readonly quantity: Quantity;
  /** Its median in the first third. */
  readonly first: number;
  /** Its median in the last third. */
  readonly last: number;
  /** Whether it has grown by more than its bound. */
  readonly grows: boolean;
}

/**
 * Compares the first and last third of a soak of `seconds`, after the warm-up.
 * Empty when there is too little to compare.
 */
export function growthOf(
  samples: readonly Sample[],
  seconds: number,
): Growth[] {
  if (seconds < SHORTEST_JUDGED_SECONDS) return [];
  const begin = warmUpSeconds(seconds);
  const third = (seconds - begin) / 3;
  const first = samples.filter(({ seconds: at }) =>
    at >= begin && at < begin + third
  );
  const last = samples.filter(({ seconds: at }) =>
    at >= seconds - third && at <= seconds
  );
  if (Math.min(first.length, last.length) < FEWEST_SAMPLES) return [];
  const quantities = Object.keys(GROWTH_BOUNDS) as Quantity[];
  return quantities.map((quantity) => {
    const before = median(first.map((sample) => sample[quantity]));
    const after = median(last.map((sample) => sample[quantity]));
    return {
      quantity,
      first: before,
      last: after,
      grows: after - before > GROWTH_BOUNDS[quantity],
    };
  });
}

/**
 * What has not come back when all clients are gone: connections, and
 * descriptors but for the files that the cache holds open.
 */
export function leftOver(before: Sample, after: Sample): string[] {
  const problems: string[] = [];
  if (after.connections > before.connections) {
    problems.push(`${after.connections} connections are left`);
  }
  const own = (sample: Sample) => sample.descriptors - sample.cachedFiles;
  if (own(after) > own(before)) {
    problems.push(
      `${own(after)} descriptors are left, there were ${own(before)}`,
    );
  }
  return problems;
}

/**
 * How many descriptors `ls -l` lists, but for copies of bodies in memory of the
 * system: they are a cache, with a budget and a number in the metrics.
 */
export function countDescriptors(lines: readonly string[]): number {
  return lines.filter((line) =>
    line.includes(" -> ") && !line.includes(" -> /memfd:webserv-body")
  ).length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}
