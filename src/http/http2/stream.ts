/** The life of one stream as a table (RFC 9113 §5.1), and its windows. */

import type { Priority } from "./priority.ts";

/**
 * Which states may follow which, by what happens. A stream that is idle has no
 * object yet, and pushes, which have states of their own, do not exist.
 */
const TRANSITIONS = {
  open: { received: "half_closed_remote", sent: "half_closed_local" },
  half_closed_remote: { received: undefined, sent: "closed" },
  half_closed_local: { received: "closed", sent: undefined },
  closed: { received: undefined, sent: undefined },
} as const;

/** Where a stream is in its life. */
export type StreamState = keyof typeof TRANSITIONS;

/** Who is told what becomes of a stream; all of it while bytes are given. */
export interface StreamUser {
  /** A piece of the request's body, valid in this call. */
  data(piece: Uint8Array): void;
  /** That body has come as a whole. */
  bodyEnded(): void;
  /** Nobody waits for the response any more. */
  abandoned(why: string): void;
  /** A response was sent before all of its request has come. */
  unread(): void;
  /** More may be sent, or something else is more urgent. */
  changed(): void;
}

/** One request and its response. */
export class Http2Stream {
  /** Who is told. */
  user: StreamUser | undefined = undefined;
  /** Its number: odd, larger than those before. */
  readonly id: number;
  /** Where it is in its life. */
  state: StreamState = "open";
  /** How much may be sent, in bytes; below 0 after a setting has changed. */
  sendWindow: number;
  /** How much may come, in bytes. */
  receiveWindow: number;
  /** How much has been read that its client was not told of, in bytes. */
  unsaid = 0;
  /** How urgent it is. */
  priority: Priority;
  /** How long the body is said to be, in bytes; `undefined` for anything. */
  contentLength: number | undefined = undefined;
  /** How much of the body has come, in bytes. */
  received = 0;
  /** How much of that has not been read, in bytes. */
  unread = 0;
  /** Whether it may be shorter than was said: its client has seen an answer
   * that makes it useless, and ends it (curl). */
  mayStop = false;

  constructor(
    id: number,
    windows: { readonly send: number; readonly receive: number },
    priority: Priority,
  ) {
    this.id = id;
    this.sendWindow = windows.send;
    this.receiveWindow = windows.receive;
    this.priority = priority;
  }

  /** Whether the client may still send. */
  get receives(): boolean {
    return this.state === "open" || this.state === "half_closed_local";
  }

  /** Whether something may be sent to the client. */
  get sends(): boolean {
    return this.state === "open" || this.state === "half_closed_remote";
  }

  /**
   * The last frame of one side has been received, or sent.
   *
   * @throws {Error} when there was one already: a fault of the program
   */
  end(side: "received" | "sent"): void {
    const next = TRANSITIONS[this.state][side];
    if (next === undefined) throw new Error(`${side} twice: ${this.state}`);
    this.state = next;
  }
}
