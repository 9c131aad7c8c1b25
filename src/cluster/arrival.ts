/** The other side of an upgrade: a program that takes another one's place. */

import { log } from "../logging/logger.ts";
import { Steering } from "../net/native/steering.ts";

/**
 * How long the sockets of the other program are waited for at most, in ms,
 * before the system shares out clients again.
 */
const LONGEST_MS = 30_000;

/** A program that serves, beside the one whose place it takes. */
export class Arrival {
  readonly #done = Promise.withResolvers<void>();
  #steering: Steering | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Everything is listened on and served, each port with `copies` sockets
   * beside `before` of the other program: new clients come here from now on.
   */
  constructor(before: number, copies: number) {
    try {
      this.#steering = new Steering(before, Math.max(copies - before, 0) + 1);
    } catch (error) {
      log.warn(
        "the old process may lose clients when it closes its sockets, because " +
          "the C library cannot be loaded (--allow-ffi)",
        { error },
      );
    }
    this.#timer = setTimeout(() => this.alone(), LONGEST_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** The other one has closed its sockets. */
  alone(): void {
    clearTimeout(this.#timer);
    this.#steering?.end();
    this.#steering = undefined;
    this.#done.resolve();
  }

  /** Settles when nobody else listens on the same addresses. */
  get done(): Promise<void> {
    return this.#done.promise;
  }
}
