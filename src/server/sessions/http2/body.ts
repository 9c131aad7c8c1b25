/**
 * The body of a request of HTTP/2 as its consumer sees it. Its pieces come
 * whenever they come, as many as the stream's window allows, and wait here;
 * what is read makes room for more.
 */

import { MemoryBudget } from "../../../bytes/memory_budget.ts";
import { HttpError } from "../../../http/errors.ts";
import {
  type Discarded,
  type Expectation,
  LimitedBody,
} from "../request_body.ts";

/**
 * What has come of all bodies and nobody has read. One connection holds no more
 * than its window; this is for many connections.
 */
export const UNREAD_MEMORY = new MemoryBudget(64 * 1024 * 1024);

const TOO_MUCH =
  "too much of request bodies waits to be read (64m), the body is refused";

/** What a body asks of its stream. */
export interface Http2BodyOrigin {
  /** Until when a body is discarded, in ms of `performance.now()`. */
  discardUntil(): number;
  /** So many bytes have been read: as many may come. */
  consumed(bytes: number): void;
  /** Tells the client to send the body (`100 Continue`). */
  invite(): void;
  /** A piece is waited for, or no more. */
  waits(waiting: boolean): void;
}

/** A body on its way from its stream to its consumer. */
export class Http2Body extends LimitedBody {
  readonly #origin: Http2BodyOrigin;
  readonly #pieces: Uint8Array[] = [];
  #waitingBytes = 0;
  #state: "open" | "whole" | "lost" = "open";
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /** A body that is said to have `declared` bytes, 0 if nothing is said. */
  constructor(
    declared: number,
    expectation: Expectation,
    origin: Http2BodyOrigin,
  ) {
    super(declared, expectation);
    this.#origin = origin;
  }

  /** Whether all of it has been read. */
  get done(): boolean {
    return this.#state === "whole" && this.#pieces.length === 0;
  }

  /** Whether the client waits for a word before it sends anything. */
  get awaitsContinue(): boolean {
    return this.expectation === "continue" && this.#state === "open" &&
      this.#waitingBytes === 0;
  }

  /**
   * A piece has come, which is not kept by whoever gives it.
   *
   * @returns whether it waits to be read
   */
  push(piece: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    if (!UNREAD_MEMORY.take(piece.length)) {
      this.close("lost", new HttpError(503, TOO_MUCH));
      return false;
    }
    this.#pieces.push(piece.slice());
    this.#waitingBytes += piece.length;
    this.#wake?.();
    return true;
  }

  /** All of it has come, or no more will; `error` is thrown at who reads. */
  close(state: "whole" | "lost", error?: Error): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#error = error;
    if (state === "lost") this.#drop();
    this.#wake?.();
  }

  /** Nobody will read any more. */
  release(): void {
    this.close("lost");
    this.#drop();
  }

  #drop(): void {
    UNREAD_MEMORY.give(this.#waitingBytes);
    this.#waitingBytes = 0;
    this.#pieces.length = 0;
  }

  /** The next piece. */
  async read(): Promise<Uint8Array | undefined> {
    while (!this.done) {
      const piece = this.#take();
      if (piece !== undefined) return piece;
      if (!await this.#more()) return undefined;
    }
    return undefined;
  }

  /** Reads and drops what is left, for as long as a client is waited for. */
  async discard(): Promise<Discarded> {
    const until = this.#origin.discardUntil();
    for (;;) {
      while (this.#take() !== undefined);
      if (this.done) return "whole";
      if (performance.now() > until) return "late";
      if (!await this.#more()) return "lost";
    }
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    this.#waitingBytes -= piece.length;
    UNREAD_MEMORY.give(piece.length);
    this.count(piece.length);
    this.#origin.consumed(piece.length);
    return piece;
  }

  /** Waits for more; whether there will be some. */
  async #more(): Promise<boolean> {
    if (this.#state === "open") {
      if (this.expectation === "continue") {
        this.expectation = "none";
        this.#origin.invite();
      }
      this.#origin.waits(true);
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
      this.#origin.waits(false);
    }
    if (this.#error !== undefined) throw this.#error;
    return this.#state !== "lost";
  }
}
