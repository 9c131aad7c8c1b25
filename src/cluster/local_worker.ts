/** The worker on the program's own thread: a server, and nothing between. */

import type { StatisticsSnapshot } from "../core/statistics.ts";
import type { Generation } from "../server/setup/configuration.ts";
import { readyToServe } from "../server/setup/start_modules.ts";
import { Server, type Staged } from "../server/server.ts";
import type { Order } from "./messages.ts";
import type { Worker } from "./worker.ts";

/** The one worker that has no thread of its own. */
export class LocalWorker implements Worker {
  readonly kind = "local";
  readonly id = 0;
  /** What serves. */
  readonly server: Server = new Server();
  readonly #ended = Promise.withResolvers<void>();
  readonly #onEnd: (last: StatisticsSnapshot) => void;
  #staged: Staged | undefined;
  #isEnded = false;

  constructor(onEnd: (last: StatisticsSnapshot) => void) {
    this.#onEnd = onEnd;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get unbound(): Promise<void> {
    return this.server.unbound;
  }

  async stage(order: Order, generation: Generation): Promise<void> {
    this.#staged = this.server.stage(generation, order);
    await readyToServe(generation);
  }

  commit(): Promise<void> {
    this.#staged?.commit();
    this.#staged = undefined;
    return Promise.resolve();
  }

  abort(): void {
    this.#staged?.abort();
    this.#staged = undefined;
  }

  snapshot(): StatisticsSnapshot {
    return this.server.statistics.snapshot();
  }

  drain(program: boolean): void {
    this.#endAfter(this.server.drain({ othersGoOn: !program }));
  }

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
