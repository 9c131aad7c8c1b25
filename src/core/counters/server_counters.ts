/**
 * What one virtual server has counted. Each configuration has counters of its
 * own, which a request finds where its server is, so that it costs a few
 * additions in one array; sums over servers are made when somebody asks.
 */

/**
 * The upper bounds of the latency histogram, in seconds, ascending. They are
 * those of Prometheus's client libraries with two finer ones in front: a file
 * from memory takes less than a millisecond.
 */
export const DURATION_BOUNDS: readonly number[] = [
  0.0005,
  0.001,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** Classes of status; the first is of what is none of HTTP (`return 999`). */
const CLASSES = 6;

/** Where the buckets of durations begin. */
const BUCKETS_AT = CLASSES;

/** Where the sum of durations is, in ms. */
const DURATION_AT = BUCKETS_AT + DURATION_BOUNDS.length + 1;

/** Where the bytes sent are. */
const BYTES_AT = DURATION_AT + 1;

/** How many numbers there are. */
const LENGTH = BYTES_AT + 1;

/** What is counted of requests that have ended. */
export interface RequestCounts {
  /** How many by class of status: index 2 is 2xx. */
  readonly statusClasses: readonly number[];
  /** Bytes of their answers, heads included. */
  readonly answerBytes: number;
  /** How long they took, from the first byte to the last write. */
  readonly durations: {
    /** How many in each bucket; one more than bounds. */
    readonly counts: readonly number[];
    /** All of them together, in seconds. */
    readonly seconds: number;
  };
}

/** Which server it is, by what the configuration says. */
export interface ServerLabel {
  /** Its first name; `_` without one. */
  readonly name: string;
  /** The first address it listens on; empty for several servers together. */
  readonly listen: string;
}

/** A server and what it has counted. */
export interface ServerSnapshot extends ServerLabel, RequestCounts {}

/** What has counted nothing. */
export function noRequests(): RequestCounts {
  return {
    statusClasses: Array(CLASSES).fill(0),
    answerBytes: 0,
    durations: {
      counts: Array(DURATION_BOUNDS.length + 1).fill(0),
      seconds: 0,
    },
  };
}

function sumArrays(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + b[i]!);
}

/** Both together. */
export function addRequests(a: RequestCounts, b: RequestCounts): RequestCounts {
  return {
    statusClasses: sumArrays(a.statusClasses, b.statusClasses),
    answerBytes: a.answerBytes + b.answerBytes,
    durations: {
      counts: sumArrays(a.durations.counts, b.durations.counts),
      seconds: a.durations.seconds + b.durations.seconds,
    },
  };
}

/** A text that no other label has. */
export function labelKey({ name, listen }: ServerLabel): string {
  return `${listen} ${name}`;
}

/** The servers of all lists, those of one label together. */
export function addServers(
  ...lists: readonly (readonly ServerSnapshot[])[]
): ServerSnapshot[] {
  const sums = new Map<string, ServerSnapshot>();
  for (const server of lists.flat()) {
    const key = labelKey(server);
    const known = sums.get(key);
    sums.set(
      key,
      known === undefined
        ? server
        : { ...known, ...addRequests(known, server) },
    );
  }
  return [...sums.values()];
}

/** The counters of one server of one configuration. */
export class ServerCounters {
  /** Whose they are. */
  readonly label: ServerLabel;
  /** None before the first request: most of thousands of servers are idle. */
  #numbers: Float64Array | undefined;

  constructor(label: ServerLabel) {
    this.label = label;
  }

  /**
   * A request has ended with `status`, `ms` after its head came, with `bytes`
   * sent. Those that end without an answer have status 444 or 400.
   */
  ended(status: number, ms: number, bytes: number): void {
    const numbers = this.#numbers ??= new Float64Array(LENGTH);
    const first = Math.floor(status / 100);
    numbers[first < CLASSES ? first : 0]!++;
    const seconds = ms / 1000;
    let bucket = 0;
    while (seconds > (DURATION_BOUNDS[bucket] ?? Infinity)) bucket++;
    numbers[BUCKETS_AT + bucket]!++;
    numbers[DURATION_AT]! += ms;
    numbers[BYTES_AT]! += bytes;
  }

  /** What was counted. */
  snapshot(): ServerSnapshot {
    const numbers = this.#numbers;
    if (numbers === undefined) return { ...this.label, ...noRequests() };
    return {
      ...this.label,
      statusClasses: [...numbers.subarray(0, CLASSES)],
      answerBytes: numbers[BYTES_AT]!,
      durations: {
        counts: [...numbers.subarray(BUCKETS_AT, DURATION_AT)],
        seconds: numbers[DURATION_AT]! / 1000,
      },
    };
  }
}
