/** Threads that are none: what a worker would say, said by the test. */

import { emptySnapshot } from "../../src/core/statistics.ts";
import type { FromWorker, ToWorker } from "../../src/cluster/messages.ts";
import type { StartThread, Thread } from "../../src/cluster/thread.ts";

/** A thread that does what it is told at the next turn, unless it hangs. */
export class FakeThread implements Thread {
  /** Its number. */
  readonly id: number;
  /** The kinds of what it was told, in order. */
  readonly told: string[] = [];
  /** The statements' versions that it has committed. */
  requests = 0;
  /** Why it refuses orders. */
  refuses: string | undefined;
  /** Kinds of messages it does not react to. */
  hangsAt = "";
  /** Whether the master has ended it. */
  terminated = false;
  /** The last message with an order, or a total. */
  last: ToWorker | undefined;
  readonly #say: (message: FromWorker) => void;
  readonly #fail: (reason: string) => void;

  constructor(
    id: number,
    say: (message: FromWorker) => void,
    fail: (reason: string) => void,
  ) {
    this.id = id;
    this.#say = say;
    this.#fail = fail;
  }

  post(message: ToWorker): void {
    this.told.push(message.kind);
    this.last = message;
    if (message.kind !== this.hangsAt) queueMicrotask(() => this.#do(message));
  }

  terminate(): void {
    this.terminated = true;
  }

  /** Says something of its own accord. */
  say(message: FromWorker): void {
    this.#say(message);
  }

  /** Breaks without a word. */
  break(reason: string): void {
    this.#fail(reason);
  }

  /** What it has counted. */
  get snapshot() {
    const workers = { running: 1, restarts: 0 };
    return { ...emptySnapshot(), requests: this.requests, workers };
  }

  #do(message: ToWorker): void {
    if (this.terminated) return;
    const { snapshot } = this;
    switch (message.kind) {
      case "stage":
        return this.#say(
          this.refuses === undefined
            ? { kind: "staged" }
            : { kind: "refused", reason: this.refuses },
        );
      case "commit":
        return this.#say({ kind: "committed" });
      case "count":
        return this.#say({ kind: "counted", id: message.id, snapshot });
      case "drain":
      case "stop":
        return this.#say({ kind: "ended", snapshot });
    }
  }
}

/** Threads that are started, in order; `prepare` sees each one first. */
export function fakeThreads(prepare: (thread: FakeThread) => void = () => {}): {
  readonly threads: FakeThread[];
  readonly start: StartThread;
} {
  const threads: FakeThread[] = [];
  const start: StartThread = (id, { message, failed }) => {
    const thread = new FakeThread(id, message, failed);
    prepare(thread);
    threads.push(thread);
    return thread;
  };
  return { threads, start };
}
