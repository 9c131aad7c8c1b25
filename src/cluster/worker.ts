/** A worker as the supervisor knows it, on whatever thread it runs. */

import type { StatisticsSnapshot } from "../core/statistics.ts";
import type { Generation } from "../server/setup/configuration.ts";
import type { Order } from "./messages.ts";

/** Where a worker runs: on the program's own thread, or on one of its own. */
export type WorkerKind = "local" | "thread";

/** One worker, as its supervisor sees it. Nothing throws once it has ended. */
export interface Worker {
  /** Where it runs. */
  readonly kind: WorkerKind;
  /** Its number in logs; 0 on the program's own thread. */
  readonly id: number;
  /** Settles when it has ended, in whatever way. */
  readonly ended: Promise<void>;
  /** Settles when it listens on nothing any more. */
  readonly unbound: Promise<void>;
  /**
   * Prepares to serve an order and changes nothing. `generation` is the order
   * as the master has compiled it.
   *
   * @throws {Error} when it cannot be served; then the old one still is
   */
  stage(order: Order, generation: Generation): Promise<void>;
  /** Serves what was staged; settles when it does, or has ended. */
  commit(): Promise<void>;
  /** Forgets what was staged. */
  abort(): void;
  /** Its counters now, or soon. */
  snapshot(): StatisticsSnapshot | Promise<StatisticsSnapshot>;
  /**
   * Finishes what is in flight and ends. `program` says whether the whole
   * program does; if not, others go on with its addresses.
   */
  drain(program: boolean): void;
  /** Ends now. */
  stop(): void;
}
