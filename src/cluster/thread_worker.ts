/** A worker on a thread of its own, as the master knows it. */

import type { Level } from "../logging/level.ts";
import { log } from "../logging/logger.ts";
import { emptySnapshot, type StatisticsSnapshot } from "../core/statistics.ts";
import type { FromWorker, Order } from "./messages.ts";
import type { StartThread, Thread } from "./thread.ts";
import type { Worker } from "./worker.ts";
import type { WorkerLogs } from "./worker_logs.ts";

/** How long a thread may take to start and to prepare an order, in ms. */
const STAGE_TIMEOUT_MS = 30_000;

/** How long a worker may take to tell its counters, in ms. */
const COUNT_TIMEOUT_MS = 1000;

/**
 * How long a worker may take to stop, in ms. It closes sockets and sends its
 * log lines; one that takes longer hangs.
 */
const STOP_TIMEOUT_MS = 5000;

/** What a {@linkcode ThreadWorker} is made with. */
interface ThreadWorkerOptions {
  /** Its number in logs. */
  readonly id: number;
  readonly start: StartThread;
  /** Where its log lines go. */
  readonly logs: WorkerLogs;
  /** It has something for the error log. */
  diagnostic(level: Level, line: string): void;
  /** The counters of all workers, for a client of this one. */
  total(): StatisticsSnapshot | Promise<StatisticsSnapshot>;
  /**
   * It has ended, with its last counters. `reason` is why it died, if it was
   * not told to end; `served` is whether it ever served.
   */
  ended(
    worker: ThreadWorker,
    end: {
      readonly last: StatisticsSnapshot;
      readonly reason: string | undefined;
      readonly served: boolean;
    },
  ): void;
}

/** A worker on a thread of its own. */
export class ThreadWorker implements Worker {
  readonly kind = "thread";
  readonly id: number;
  readonly #options: ThreadWorkerOptions;
  readonly #thread: Thread;
  readonly #ended = Promise.withResolvers<void>();
  readonly #unbound = Promise.withResolvers<void>();
  readonly #counting = new Map<
    number,
    (snapshot: StatisticsSnapshot) => void
  >();
  #isEnded = false;
  #served = false;
  #staging: PromiseWithResolvers<void> | undefined;
  #committing: PromiseWithResolvers<void> | undefined;
  #lastCount = 0;
  #last = emptySnapshot();
  #stopTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ThreadWorkerOptions) {
    this.#options = options;
    this.id = options.id;
    this.#thread = options.start(options.id, {
      message: (message) => this.#heard(message),
      failed: (reason) => this.#end(reason),
    });
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get unbound(): Promise<void> {
    return this.#unbound.promise;
  }

  async stage(order: Order): Promise<void> {
    if (this.#isEnded) throw new Error("the worker has ended");
    const staging = this.#staging = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => this.#end(`it did not get ready in ${STAGE_TIMEOUT_MS} ms`),
      STAGE_TIMEOUT_MS,
    );
    this.#thread.post({ kind: "stage", order });
    try {
      await staging.promise;
    } finally {
      clearTimeout(timer);
      this.#staging = undefined;
    }
  }

  commit(): Promise<void> {
    if (this.#isEnded) return Promise.resolve();
    this.#served = true;
    this.#committing = Promise.withResolvers();
    this.#thread.post({ kind: "commit" });
    return this.#committing.promise;
  }

  abort(): void {
    if (!this.#isEnded) this.#thread.post({ kind: "abort" });
  }

  /** See {@linkcode Worker.snapshot}: at the latest after a second. */
  snapshot(): Promise<StatisticsSnapshot> {
    if (this.#isEnded) return Promise.resolve(this.#last);
    const id = ++this.#lastCount;
    const { promise, resolve } = Promise.withResolvers<StatisticsSnapshot>();
    const timer = setTimeout(
      () => this.#counted(id, this.#last),
      COUNT_TIMEOUT_MS,
    );
    this.#counting.set(id, (snapshot) => {
      clearTimeout(timer);
      resolve(snapshot);
    });
    this.#thread.post({ kind: "count", id });
    return promise;
  }

  drain(program: boolean): void {
    if (this.#isEnded) return;
    this.#thread.post({ kind: "drain", program });
  }

  stop(): void {
    if (this.#isEnded) return;
    this.#thread.post({ kind: "stop" });
    this.#stopTimer ??= setTimeout(
      () => this.#end(`it did not stop in ${STOP_TIMEOUT_MS} ms`),
      STOP_TIMEOUT_MS,
    );
  }

  #heard(message: FromWorker): void {
    if (this.#isEnded) return;
    const { logs } = this.#options;
    switch (message.kind) {
      case "staged":
        return this.#staging?.resolve();
      case "committed":
        return this.#committing?.resolve();
      case "unbound":
        return this.#unbound.resolve();
      case "refused":
        return this.#staging?.reject(new Error(message.reason));
      case "counted":
        this.#last = message.snapshot;
        return this.#counted(message.id, message.snapshot);
      case "ask":
        return void this.#answer(message.id);
      case "open_log":
        return logs.open(message.path);
      case "log":
        logs.append(message.path, message.lines);
        return this.#thread.post({ kind: "log_taken" });
      case "close_log":
        return logs.close(message.path);
      case "diagnostics":
        return this.#writeDiagnostics(message);
      case "ended":
        this.#last = message.snapshot;
        return this.#end(undefined);
      case "failed":
        this.#last = message.snapshot;
        return this.#end(message.reason);
    }
  }

  #writeDiagnostics(
    { lines, dropped }: Extract<FromWorker, { kind: "diagnostics" }>,
  ): void {
    for (const { level, line } of lines) {
      this.#options.diagnostic(level, line);
    }
    if (dropped > 0) {
      log.alert(`${dropped} lines of worker ${this.id} were dropped`);
    }
    this.#thread.post({ kind: "diagnostics_taken" });
  }

  #counted(id: number, snapshot: StatisticsSnapshot): void {
    this.#counting.get(id)?.(snapshot);
    this.#counting.delete(id);
  }

  async #answer(id: number): Promise<void> {
    const total = await this.#options.total();
    if (this.#isEnded) return;
    this.#thread.post({ kind: "total", id, total });
  }

  /** The thread has ended, or is ended for `reason`. */
  #end(reason: string | undefined): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#stopTimer);
    this.#thread.terminate();
    this.#options.logs.closeAll();
    this.#staging?.reject(new Error(reason ?? "the worker was stopped"));
    this.#committing?.resolve();
    this.#options.ended(this, {
      last: this.#last,
      reason,
      served: this.#served,
    });
    for (const id of [...this.#counting.keys()]) this.#counted(id, this.#last);
    this.#unbound.resolve();
    this.#ended.resolve();
  }
}
