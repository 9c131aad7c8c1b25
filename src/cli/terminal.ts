/**
 * The terminal that the program was started in. When it is closed the kernel
 * sends `HUP`, and so does whoever wants the configuration to be read again:
 * which of the two it was, the standard streams tell.
 */

import { fstatSync } from "node:fs";

/** A standard stream, as far as it matters here. */
export interface StandardStream {
  /** Whether it is a terminal that is still there. */
  isTerminal(): boolean;
}

/** The terminal that the process was started from, if there is one. */
export class Terminal {
  readonly #streams: readonly StandardStream[];
  readonly #hasReader: boolean;

  /** The terminal of `streams`; `hasReader` says whether any is a pipe. */
  constructor(streams: readonly StandardStream[], hasReader: boolean) {
    this.#streams = streams.filter((stream) => stream.isTerminal());
    this.#hasReader = hasReader;
  }

  /** Whether there was one, and it is closed. */
  get isGone(): boolean {
    return this.#streams.length > 0 &&
      this.#streams.every((stream) => !stream.isTerminal());
  }

  /**
   * Whether nobody is there to miss the program: it writes to files, as after
   * `nohup`, or to nothing.
   */
  get isDetached(): boolean {
    return this.#streams.length === 0 && !this.#hasReader;
  }
}

/** The terminal of this process, as it is now. */
export function ownTerminal(): Terminal {
  return new Terminal(
    [Deno.stdin, Deno.stdout, Deno.stderr],
    [1, 2].some(isPipe),
  );
}

function isPipe(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFIFO();
  } catch {
    return false; // It is closed.
  }
}
