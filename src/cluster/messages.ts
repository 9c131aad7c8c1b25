/**
 * What the master and a worker's thread say to each other. The master has
 * read the configuration and owns signals, logs and the pid file; a worker
 * accepts and answers. Messages arrive in the order they were sent, so what a
 * worker says last (its counters, its log lines) is complete when it ends.
 */

import type { Level } from "../logging/level.ts";
import type { StatisticsSnapshot } from "../core/statistics.ts";
import type { EventMethod } from "../core/settings/event_method.ts";
import type { ZoneMemory } from "../core/zones.ts";
import type { Shared } from "../server/listeners.ts";
import type { ConfigurationSource } from "../server/setup/configuration.ts";

/** What a worker is to serve. */
export interface Order extends Shared {
  /** The same in every worker, over reloads too: none is closed by them. */
  readonly copies: number;
  /** The configuration and its files: workers read none of them. */
  readonly source: ConfigurationSource;
  /** The name of the machine, which a thread may not ask for. */
  readonly hostname: string | undefined;
  /** Whose sockets the master's plan has. */
  readonly events: EventMethod;
  /** The least severe level of diagnostics that anybody reads. */
  readonly level: Level;
  /** The zones of the configuration: their memory is one for all threads. */
  readonly zones: ReadonlyMap<string, ZoneMemory>;
}

/** From the master to a worker. */
export type ToWorker =
  /** Compile and bind what is new, change nothing; answered by `staged` or
   * `refused`. */
  | { readonly kind: "stage"; readonly order: Order }
  /** Serve what was staged; answered by `committed`. */
  | { readonly kind: "commit" }
  /** Forget what was staged. */
  | { readonly kind: "abort" }
  /** Tell the counters; answered by `counted`. */
  | { readonly kind: "count"; readonly id: number }
  /** The answer to `ask`. */
  | {
    readonly kind: "total";
    readonly id: number;
    readonly total: StatisticsSnapshot;
  }
  /** The oldest lines of a log were taken. */
  | { readonly kind: "log_taken" }
  /** The lines for the error log were taken. */
  | { readonly kind: "diagnostics_taken" }
  /** Finish what is in flight and end; `program` if everybody does. */
  | { readonly kind: "drain"; readonly program: boolean }
  /** End now. */
  | { readonly kind: "stop" };

/** From a worker to the master. */
export type FromWorker =
  /** The order is ready to be committed. */
  | { readonly kind: "staged" }
  /** What was staged is served from now on. */
  | { readonly kind: "committed" }
  /** It cannot be served, and why. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It listens on nothing any more; what it has accepted goes on. */
  | { readonly kind: "unbound" }
  /** The answer to `count`. */
  | {
    readonly kind: "counted";
    readonly id: number;
    readonly snapshot: StatisticsSnapshot;
  }
  /** A client wants the counters of all workers; answered by `total`. */
  | { readonly kind: "ask"; readonly id: number }
  /** A log is opened. */
  | { readonly kind: "open_log"; readonly path: string }
  /** Whole lines for an open log; answered by `log_taken`. */
  | {
    readonly kind: "log";
    readonly path: string;
    readonly lines: Uint8Array<ArrayBuffer>;
  }
  /** A log is closed. */
  | { readonly kind: "close_log"; readonly path: string }
  /** Lines for the error log, and how many were lost; answered by
   * `diagnostics_taken`. */
  | {
    readonly kind: "diagnostics";
    readonly lines: readonly {
      readonly level: Level;
      readonly line: string;
    }[];
    readonly dropped: number;
  }
  /** It has ended as it was told. */
  | { readonly kind: "ended"; readonly snapshot: StatisticsSnapshot }
  /** It ends because of an error that nobody caught. */
  | {
    readonly kind: "failed";
    readonly reason: string;
    readonly snapshot: StatisticsSnapshot;
  };
