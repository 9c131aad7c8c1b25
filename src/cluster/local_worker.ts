/** The worker on the program's own thread: a server, and nothing between. */

import type { StatisticsSnapshot } from "../core/statistics.ts";
import type { Generation } from "../server/setup/configuration.ts";
import { Server, type Staged } from "../server/server.ts";
import type { Order } from "./messages.ts";
import type { Worker } from "./worker.ts";

/** The one worker that has no thread of its own. */
export class LocalWorker implements Worker {
  /** See {@linkcode Worker.kind}. */
  readonly kind = "local";
  /** See {@linkcode Worker.id}. */
  readonly id = 0;
  /** What serves. */
  readonly server: Server = new Server();
  readonly #ended = Promise.withResolvers<void>();
  readonly #onEnd: (last: StatisticsSnapshot) => void;
  #staged: Staged | undefined;
  #isEnded = false;

  /** `onEnd` gets its last counters. */
  constructor(onEnd: (last: StatisticsSnapshot) => void) {
    this.#onEnd = onEnd;
  }

  /** See {@linkcode Worker.ended}. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** See {@linkcode Worker.stage}. */
  // deno-lint-ignore require-await -- it fails as others do: by rejecting
  async stage(order: Order, generation: Generation): Promise<void> {
    this.#staged = this.server.stage(generation, order);
  }

  /** See {@linkcode Worker.commit}. */
  commit(): Promise<void> {
    this.#staged?.commit();
    this.#staged = undefined;
    return Promise.resolve();
  }

  /** See {@linkcode Worker.abort}. */
  abort(): void {
    this.#staged?.abort();
    this.#staged = undefined;
  }

  /** See {@linkcode Worker.snapshot}. */
  snapshot(): StatisticsSnapshot {
    return this.server.statistics.snapshot();
  }

  /** See {@linkcode Worker.drain}. */
  drain(program: boolean): void {
    this.#endAfter(this.server.drain({ othersGoOn: !program }));
  }

  /** See {@linkcode Worker.stop}. */
  stop(): void {
    this.#endAfter(this.server.stop());
  }

  #endAfter(end: Promise<void>): void {
    end.finally(() => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      this.#onEnd(this.snapshot());
      this.#ended.resolve();
    });
  }
}
