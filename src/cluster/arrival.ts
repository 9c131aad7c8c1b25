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
  /** How many sockets each port of the other one has. */
  readonly #before: number;
  readonly #done = Promise.withResolvers<void>();
  #steering: Steering | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Nothing is listened on yet, beside `before` sockets of each port. */
  constructor(before: number) {
    this.#before = before;
  }

  /**
   * Some worker listens on everything, and nobody serves yet: new clients go
   * on coming to the other program, which would not wait for this one.
   */
  listens(): void {
    if (this.#steering !== undefined) return;
    try {
      this.#steering = new Steering(0, this.#before);
    } catch {
      // It is said when it matters.
    }
  }

  /**
   * Everything is served, each port with `copies` sockets: new clients come
   * here from now on.
   */
  serves(copies: number): void {
    const more = Math.max(copies - this.#before, 0);
    try {
      this.#steering ??= new Steering(this.#before, more + 1);
      this.#steering.send(this.#before, more + 1);
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

  /** The other one has closed its sockets, or goes on without this one. */
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
