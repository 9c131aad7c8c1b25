/** The version of what is looked at, which all threads know. */

import type { SharedZone } from "../../core/zones.ts";

/** How long the number of a version is, in bytes. */
export const VERSION_BYTES = 8;

/**
 * A number that another one follows when something has changed: the time of
 * the change in ms since 1970, so that it is another one after a new start.
 */
export class Version {
  readonly #number: BigInt64Array;

  /** The version in `zone`. */
  constructor({ bytes }: Pick<SharedZone, "bytes">) {
    this.#number = new BigInt64Array(bytes.buffer, bytes.byteOffset, 1);
  }

  /** The version now; 0 before the first one. */
  get current(): number {
    return Number(Atomics.load(this.#number, 0));
  }

  /** Something has changed. */
  advance(now = Date.now()): void {
    const next = Math.max(now, this.current + 1);
    Atomics.store(this.#number, 0, BigInt(next));
  }
}
