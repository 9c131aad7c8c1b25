/**
 * How much memory one kind of thing may take, and takes. Whatever clients can
 * make grow is counted in one: a number of things says nothing about a memory
 * that is full. A budget belongs to its thread: each worker has its own.
 */

/** What a budget shows of itself. */
export interface MemoryUse {
  /** Bytes that are taken. */
  readonly bytes: number;
  /** Bytes that may be taken. */
  readonly budget: number;
}

/** A budget that several users share. */
export class MemoryBudget implements MemoryUse {
  /** See {@linkcode MemoryUse.budget}; what is above it stays until given. */
  budget: number;
  /** How often there was not enough of it. */
  refusals = 0;
  #bytes = 0;

  constructor(budget: number) {
    this.budget = budget;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes `bytes`.
   *
   * @returns whether they are there; if not, nothing is taken
   */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.budget) {
      this.refusals++;
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  /** Takes `bytes` whether they are there or not: it cannot be done without. */
  takeAnyway(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Gives back `bytes` that were taken. */
  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Several as one. */
export function sumOfUses(uses: Iterable<MemoryUse>): MemoryUse {
  let [bytes, budget] = [0, 0];
  for (const use of uses) {
    bytes += use.bytes;
    budget += use.budget;
  }
  return { bytes, budget };
}

/** What a string's characters and its header take, in bytes. */
export function stringBytes(text: string): number {
  return STRING_OVERHEAD_BYTES + text.length * (isLatin1(text) ? 1 : 2);
}

/** The engine's header of a string, and a pointer to it, in bytes. */
const STRING_OVERHEAD_BYTES = 32;

/** The engine keeps one byte for each character if all are below 256. */
function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) return false;
  }
  return true;
}
