/**
 * The body of a request of HTTP/2 as its consumer sees it. Its pieces come
 * whenever they come, as many as the stream's window allows, and wait here;
 * what is read makes room for more.
 */

import type { BudgetShare } from "../../../bytes/budget_share.ts";
import { MemoryBudget } from "../../../bytes/memory_budget.ts";
import { HttpError } from "../../../http/errors.ts";
import { type Expectation, LimitedBody } from "../request_body.ts";

/**
 * What has come of all bodies and nobody has read. One connection holds no more
 * than its window, and than its share of this.
 */
export const UNREAD_MEMORY = new MemoryBudget(64 * 1024 * 1024);

const TOO_MUCH =
  "too much of request bodies waits to be read (64m), the body is lost";

/** What a body asks of its stream. */
export interface Http2BodyOrigin {
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
  #state: "open" | "unwanted" | "whole" | "lost" = "open";
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  readonly #memory: BudgetShare;

  /**
   * A body that is said to have `declared` bytes, 0 if nothing is said. What
   * waits to be read is in `memory`, of which its connection has a share.
   */
  constructor(
    declared: number,
    expectation: Expectation,
    origin: Http2BodyOrigin,
    memory: BudgetShare,
  ) {
    super(declared, expectation);
    this.#origin = origin;
    this.#memory = memory;
  }

  /** Whether all of it has been read. */
  get done(): boolean {
    return this.#state === "whole" && this.#pieces.length === 0;
  }

  /**
   * A piece has come, which is not kept by whoever gives it. It waits to be
   * read, or is dropped: then more may come, unless no more is taken.
   *
   * @returns what has become of it
   */
  push(piece: Uint8Array): "waits" | "dropped" | "refused" {
    if (this.#state === "unwanted") return this.#dropOne(piece);
    if (this.#state !== "open") return "refused";
    if (!this.#memory.take(piece.length)) {
      this.close("lost", new HttpError(503, TOO_MUCH));
      return "refused";
    }
    this.#pieces.push(piece.slice());
    this.#waitingBytes += piece.length;
    this.#wake?.();
    return "waits";
  }

  #dropOne(piece: Uint8Array): "dropped" | "refused" {
    try {
      this.count(piece.length);
      return "dropped";
    } catch {
      // It is larger than it may be, and has had its answer.
      this.#state = "lost";
      return "refused";
    }
  }

  /**
   * The request has its answer: what has come or comes is dropped, also if it
   * was lost for want of memory and nobody missed it.
   */
  answered(): void {
    if (this.#state === "whole") return;
    this.#state = "unwanted";
    this.#drop();
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

  /** Whether its client was neither asked for it nor has begun to send it. */
  get isUnasked(): boolean {
    return this.expectation === "continue" && this.received === 0;
  }

  #drop(): void {
    this.#memory.give(this.#waitingBytes);
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

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    this.#waitingBytes -= piece.length;
    this.#memory.give(piece.length);
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
