/**
 * Compares passwords with slow hashes on a thread of its own, one at a time,
 * so that nobody waits for it but who needs it.
 *
 * Clients take turns. Who waits is counted, for all and for each client, and
 * comparisons that are the same are made once: a browser that asks for many
 * files of a page at once takes one place.
 */

import { HttpError } from "../../http/errors.ts";
import { NO_RESPONSE } from "../../http/semantics/status.ts";
import { log } from "../../logging/logger.ts";

/** Most comparisons that wait: some ten seconds of bcrypt. */
const MAX_WAITING = 256;

/** Most comparisons of one client that wait. */
const MAX_WAITING_OF_CLIENT = 64;

/** What is compared, as byte strings. */
export interface Comparison {
  /** The password of a client. */
  readonly password: string;
  /** A hash. */
  readonly stored: string;
}

/** A comparison that somebody wants. */
export interface Wish extends Comparison {
  /** Comparisons with the same key are the same. */
  readonly key: string;
  /** Whose it is. */
  readonly client: string;
}

interface Task extends Wish {
  /** How many requests wait for it. */
  waiting: number;
  readonly matches: PromiseWithResolvers<boolean>;
}

/** A thread that compares. */
export interface VerifierThread {
  /** Compares; answered by `heard`. */
  post(comparison: Comparison): void;
  /** Ends it where it is. */
  terminate(): void;
}

/** What a thread tells. */
export interface VerifierEvents {
  /** It has loaded what it needs. */
  ready(): void;
  /** What has come of a comparison. */
  heard(matches: boolean): void;
  /** There is none any more. */
  failed(reason: string): void;
}

/** Starts a thread. */
export type StartVerifierThread = (events: VerifierEvents) => VerifierThread;

/** What a thread says: that it is ready, or what has come of a comparison. */
export type FromVerifier = "ready" | boolean;

/** What the thread runs: it is beside this module, also in a bundle. */
const THREAD_MODULE = new URL(
  import.meta.url.replace(/[^/]*(\.[jt]s)$/, "verifier_thread$1"),
);

const startThread: StartVerifierThread = (events) => {
  const worker = new Worker(THREAD_MODULE, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<FromVerifier>) =>
    data === "ready" ? events.ready() : events.heard(data);
  worker.onerror = (event) => {
    // The error ends the thread, not the program.
    event.preventDefault();
    events.failed(event.message);
  };
  return {
    post: (comparison) => worker.postMessage(comparison),
    terminate: () => worker.terminate(),
  };
};

/** The comparisons that requests need. */
export class Verifier {
  readonly #startThread: StartVerifierThread;
  #thread: VerifierThread | undefined;
  #ready = Promise.withResolvers<void>();
  #running: Task | undefined;
  /** All that wait or run, by key. */
  readonly #tasks = new Map<string, Task>();
  /** Those that wait, by client; the client whose turn it is comes first. */
  readonly #lines = new Map<string, Task[]>();

  /** A verifier without a thread, until there is something to compare. */
  constructor(start: StartVerifierThread = startThread) {
    this.#startThread = start;
  }

  /**
   * Compares. `signal` tells that nobody waits for it any more: then it is
   * forgotten, unless it is being made.
   *
   * @throws {HttpError} 503 when too many wait, 500 without a thread
   */
  async matches(wish: Wish, signal: AbortSignal): Promise<boolean> {
    const task = this.#tasks.get(wish.key) ?? this.#add(wish);
    task.waiting++;
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(new HttpError(NO_RESPONSE, "client left"));
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave);
    try {
      return await Promise.race([task.matches.promise, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      if (--task.waiting === 0) this.#forget(task);
    }
  }

  /**
   * Settles when its thread runs, which it starts now if there is none: later
   * the process may not be allowed to read what that runs.
   *
   * @throws {Error} when it cannot run
   */
  start(): Promise<void> {
    this.#thread ??= this.#open();
    return this.#ready.promise;
  }

  /** Ends the thread; what waits fails. */
  close(): void {
    this.#fail();
  }

  #open(): VerifierThread {
    this.#ready = Promise.withResolvers();
    // Who waits for it has it too.
    this.#ready.promise.catch(() => {});
    return this.#startThread({
      ready: () => this.#ready.resolve(),
      heard: (matches) => this.#heard(matches),
      failed: (reason) => {
        const message = "the thread that verifies passwords has failed";
        log.alert(message, { error: new Error(reason) });
        this.#ready.reject(new Error(`${message}: ${reason}`));
        this.#fail();
      },
    });
  }

  #add(wish: Wish): Task {
    const { client, key } = wish;
    const line = this.#lines.get(client) ?? [];
    if (
      this.#tasks.size >= MAX_WAITING || line.length >= MAX_WAITING_OF_CLIENT
    ) {
      throw new HttpError(503, "too many passwords wait to be verified");
    }
    const matches = Promise.withResolvers<boolean>();
    // Who waits has it too, unless all have left.
    matches.promise.catch(() => {});
    const task = { ...wish, waiting: 0, matches };
    this.#tasks.set(key, task);
    line.push(task);
    this.#lines.set(client, line);
    this.#next();
    return task;
  }

  #next(): void {
    if (this.#running !== undefined) return;
    for (const [client, line] of this.#lines) {
      const task = line.shift()!;
      this.#lines.delete(client);
      if (line.length > 0) this.#lines.set(client, line);
      this.#running = task;
      this.#thread ??= this.#open();
      this.#thread.post({ password: task.password, stored: task.stored });
      return;
    }
  }

  #heard(matches: boolean): void {
    const task = this.#running;
    this.#running = undefined;
    if (task !== undefined) {
      this.#tasks.delete(task.key);
      task.matches.resolve(matches);
    }
    this.#next();
  }

  /** Nobody waits for it any more. */
  #forget(task: Task): void {
    const line = this.#lines.get(task.client);
    const index = line?.indexOf(task) ?? -1;
    if (line === undefined || index < 0) return;
    line.splice(index, 1);
    if (line.length === 0) this.#lines.delete(task.client);
    this.#tasks.delete(task.key);
  }

  #fail(): void {
    this.#thread?.terminate();
    this.#thread = undefined;
    this.#running = undefined;
    const failed = [...this.#tasks.values()];
    this.#tasks.clear();
    this.#lines.clear();
    for (const { matches } of failed) {
      matches.reject(new HttpError(500, "the password could not be verified"));
    }
  }
}
