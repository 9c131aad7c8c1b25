/**
 * What all workers have counted together, those that are no more included,
 * and what only the master knows.
 */

import { faultsOf } from "../config/errors.ts";
import { labelKey } from "../core/counters/server_counters.ts";
import {
  emptySnapshot,
  type LastReload,
  type Statistics,
  type StatisticsSnapshot,
} from "../core/statistics.ts";
import { diagnosticsMemory } from "../logging/diagnostics.ts";
import { addSnapshots, countersOf } from "./counters.ts";
import type { Worker } from "./worker.ts";

/** How much is kept of why a reload was refused, in characters. */
const MAX_FAULT_LENGTH = 2000;

/** What all workers have counted. */
export class ClusterStatistics implements Statistics {
  /** Whether the program finishes what it has and ends. */
  draining = false;
  /** How often a worker has died and was started again. */
  restarts = 0;
  readonly #startedAt = Date.now() / 1000;
  #reloads = { done: 0, refused: 0 };
  #lastReload: LastReload = {
    servedSince: this.#startedAt,
    at: 0,
    fault: "",
  };
  readonly #workers: ReadonlySet<Worker>;
  #past = emptySnapshot();

  /** Counts for `workers`: those that have not ended. */
  constructor(workers: ReadonlySet<Worker>) {
    this.#workers = workers;
  }

  /** Another configuration is served from now on. */
  reloaded(): void {
    const now = Date.now() / 1000;
    this.#reloads.done++;
    this.#lastReload = { servedSince: now, at: now, fault: "" };
  }

  /** A reload was refused, and the old configuration is still served. */
  reloadRefused(error: unknown): void {
    this.#reloads.refused++;
    const fault = faultsOf(error)
      .map((each) => each instanceof Error ? each.message : String(each))
      .join("\n");
    this.#lastReload = {
      servedSince: this.#lastReload.servedSince,
      at: Date.now() / 1000,
      fault: fault.length > MAX_FAULT_LENGTH
        ? `${fault.slice(0, MAX_FAULT_LENGTH)}\u2026`
        : fault,
    };
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
      const living = snapshots.flatMap((snapshot, i) => {
        const { id } = workers[i]!;
        if (!this.#workers.has(workers[i]!)) return [];
        return {
          ...snapshot,
          each: snapshot.each.map((one) => ({ ...one, id })),
        };
      });
      const all = [this.#past, ...living].reduce(addSnapshots, this.#own());
      return {
        ...all,
        servers: served(all.servers, living),
        // A worker that has started later serves the same.
        lastReload: this.#lastReload,
      };
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
      reloads: { ...this.#reloads },
      workers: { running: 0, restarts: this.restarts },
      memory: isLocal
        // The same heap, which that worker has told of.
        ? { resident: rss, ...none }
        : { resident: rss, heap: heapTotal, heapUsed, external },
    };
  }
}

/** Those of `all` that a living worker has, so that there is no end of none. */
function served(
  all: StatisticsSnapshot["servers"],
  living: readonly StatisticsSnapshot[],
): StatisticsSnapshot["servers"] {
  const known = new Set(living.flatMap(({ servers }) => servers.map(labelKey)));
  return all.filter((server) => known.has(labelKey(server)));
}
