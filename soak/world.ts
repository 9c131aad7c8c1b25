/** What all good clients of a soak share. */

import type { EventMethod } from "../src/core/settings/event_method.ts";
import type { Random } from "../fuzz/random.ts";
import type { Ports } from "./configurations.ts";
import type { FileChanges } from "./file_changes.ts";
import type { Latencies } from "./latencies.ts";
import type { LogAudit } from "./log_audit.ts";
import type { Reloads } from "./reloads.ts";

/** How many problems are kept in words. */
const MAX_WORDED = 50;

/** What went wrong, counted and, the first ones, in words. */
export class Problems {
  /** The first ones. */
  readonly texts: string[] = [];
  /** How many there were. */
  count = 0;
  readonly #tell: (text: string) => void;

  /** Each of those that are put into words is told at once. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Adds one. */
  add(text: string): void {
    this.count++;
    if (this.texts.length >= MAX_WORDED) return;
    this.texts.push(text);
    this.#tell(text);
  }
}

/** What good clients have done, by what. */
export interface Counts {
  /** Answers that were right. */
  answers: number;
  /** Connections that rightly ended because a file changed. */
  cuts: number;
  /** Right answers by scenario. */
  readonly byScenario: Map<string, number>;
  /** Right answers by what the client speaks. */
  readonly byWay: Map<string, number>;
}

/** What all scenarios of a soak share. */
export interface World {
  /** Where the server listens. */
  readonly ports: Ports;
  /** What the server's certificate is, as PEM. */
  readonly certificate: string;
  /** How many processes or threads serve. */
  readonly workers: number;
  /** Whose sockets it has. */
  readonly use: EventMethod;
  /** When clients stop, in ms of `performance.now()`. */
  readonly until: number;
  /** Chooses. */
  readonly random: Random;
  /** The configurations. */
  readonly reloads: Reloads;
  /** The files. */
  readonly changes: FileChanges;
  /** Requests and their lines in the log. */
  readonly audit: LogAudit;
  /** What went wrong. */
  readonly problems: Problems;
  /** What went right. */
  readonly counts: Counts;
  /** How long it took. */
  readonly latencies: Latencies;
}
