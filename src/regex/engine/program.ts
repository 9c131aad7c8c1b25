/** The program that a pattern is compiled to, for the machine that runs it. */

import type { CharSet } from "../syntax/char_set.ts";

/** What the machine can do. The operands stand behind each in the code. */
export const Op = {
  /** Notes that a choice has failed, and fails. */
  Failed: -1,
  /** The end: it fits. */
  Match: 0,
  /** `set`: takes one byte of a set. */
  Set: 1,
  /**
   * `first second choice guard loops`: goes on at `first`, and at `second`
   * if that fails. `guard` is the set of the bytes that `first` can begin
   * with, or -1.
   */
  Split: 2,
  /** `target`. */
  Jump: 3,
  /** `register`: keeps the position. */
  Save: 4,
  /** `group register`: the group took what lies since `register`. */
  Close: 5,
  /** `register target`: jumps if nothing was taken since `register`. */
  IfEmpty: 6,
  /** `assertion`: an index in {@linkcode ASSERTIONS}. */
  Assertion: 7,
  /** `ignoreCase count group...`. */
  Reference: 8,
  /** `register`: keeps how many ways are open, and the position. */
  Enter: 9,
  /** `register`: gives up the ways that were opened since. */
  Commit: 10,
  /** `register`: as `Commit`, and goes back to the position. */
  Return: 11,
  /** `target`: goes on there if what follows fails. */
  Try: 12,
  Fail: 13,
  /** `length`: goes back in the text. */
  Back: 14,
  /** `target count group...`: jumps if none of the groups has taken part. */
  IfUnset: 15,
  /** `choice loops`: remembers if what follows fails from here. */
  Note: 16,
} as const;

/** Where {@linkcode Op.Failed} is in every program. */
export const FAILED = 0;

/** Where every program begins. */
export const ENTRY = 1;

/** The assertions in the order of their numbers in the code. */
export const ASSERTIONS = [
  "start",
  "end",
  "endOrNewline",
  "lineStart",
  "lineEnd",
  "wordBoundary",
  "noWordBoundary",
] as const;

/** A compiled pattern. */
export interface Program {
  /** The operations with their operands. */
  readonly code: Int32Array;
  /** The flags of all sets, 256 for each. */
  readonly sets: Uint8Array;
  /**
   * How many registers it uses. The first two of each group, and of the whole
   * match, are where it begins and ends.
   */
  readonly registers: number;
  /** How many groups it has. */
  readonly groupCount: number;
  /**
   * How many things can be remembered to have failed at a position; 0 if
   * that can depend on more than the position.
   */
  readonly memoSlots: number;
  /** Lists of registers of loops, which `loops` operands are indexes of. */
  readonly loops: readonly (readonly number[])[];
  /** What a match can begin with; `undefined` if it can be empty. */
  readonly first: CharSet | undefined;
  /** Whether a match can only begin at the start of the text. */
  readonly anchored: boolean;
}
