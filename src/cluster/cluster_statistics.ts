/**
 * What all workers have counted together, those that are no more included,
 * and what only the master knows.
 */

import {
  emptySnapshot,
  type Statistics,
  type StatisticsSnapshot,
} from "../core/statistics.ts";
import { diagnosticsMemory } from "../logging/diagnostics.ts";
import { addSnapshots, countersOf } from "./counters.ts";
import type { Worker } from "./worker.ts";

/** What all workers have counted. */
export class ClusterStatistics implements Statistics {
  /** Whether the program finishes what it has and ends. */
  draining = false;
  /** Reloads that succeeded. */
  reloadsDone = 0;
  /** Reloads that were refused. */
  reloadsRefused = 0;
  /** How often a worker has died and was started again. */
  restarts = 0;
  readonly #startedAt = Date.now() / 1000;
  readonly #workers: ReadonlySet<Worker>;
  #past = emptySnapshot();

  /** Counts for `workers`: those that have not ended. */
  constructor(workers: ReadonlySet<Worker>) {
    this.#workers = workers;
  }

  /** A worker has ended, and is none of the set any more. */
  close(last: StatisticsSnapshot): void {
    this.#past = addSnapshots(this.#past, countersOf(last));
  }

  /** The program now. A worker on its own thread is asked without waiting. */
  snapshot(): StatisticsSnapshot | Promise<StatisticsSnapshot> {
    const workers = [...this.#workers];
    const asked = workers.map((worker) => worker.snapshot());
    const add = (snapshots: readonly StatisticsSnapshot[]) => {
      // Those that have ended meanwhile are in the past already.
      const living = snapshots.filter((_, i) => this.#workers.has(workers[i]!));
      return [this.#past, ...living].reduce(addSnapshots, this.#own());
    };
    return asked.some((snapshot) => snapshot instanceof Promise)
      ? Promise.all(asked).then(add)
      : add(asked as StatisticsSnapshot[]);
  }

  /** What the master itself knows. */
  #own(): StatisticsSnapshot {
    const { rss, heapTotal, heapUsed, external } = Deno.memoryUsage();
    const isLocal = [...this.#workers].some(({ kind }) => kind === "local");
    const none = { heap: 0, heapUsed: 0, external: 0 };
    const empty = emptySnapshot();
    return {
      ...empty,
      // Workers on threads have their lines written by this one.
      held: isLocal ? empty.held : { ...empty.held, logs: diagnosticsMemory() },
      draining: this.draining,
      startedAt: this.#startedAt,
      reloads: { done: this.reloadsDone, refused: this.reloadsRefused },
      workers: { running: 0, restarts: this.restarts },
      memory: isLocal
        // The same heap, which that worker has told of.
        ? { resident: rss, ...none }
        : { resident: rss, heap: heapTotal, heapUsed, external },
    };
  }
}
