/** The flags that `(?i)` and the like set, from there to the group's end. */

import type { Cursor } from "./cursor.ts";
import { PatternError } from "../pattern_error.ts";

/** What is in force at a place of a pattern. */
export interface Flags {
  /** `i`: the case of ASCII letters does not matter. */
  readonly ignoreCase: boolean;
  /** `m`: `^` and `$` are about lines. */
  readonly multiline: boolean;
  /** `s`: `.` is also a newline. */
  readonly dotAll: boolean;
  /** `x` is 1, `xx` is 2: spaces and comments mean nothing. */
  readonly extended: 0 | 1 | 2;
  /** `n`: groups without a name remember nothing. */
  readonly noCapture: boolean;
  /** `U`: quantifiers are lazy, and greedy with `?`. */
  readonly ungreedy: boolean;
  /** `J`: groups may have the same name. */
  readonly duplicateNames: boolean;
}

/** What a letter says when it is switched on or off. */
const LETTERS: Readonly<Record<string, (on: boolean) => Partial<Flags>>> = {
  i: (ignoreCase) => ({ ignoreCase }),
  m: (multiline) => ({ multiline }),
  s: (dotAll) => ({ dotAll }),
  x: (on) => ({ extended: on ? 1 : 0 }),
  xx: (on) => ({ extended: on ? 2 : 0 }),
  n: (noCapture) => ({ noCapture }),
  U: (ungreedy) => ({ ungreedy }),
  J: (duplicateNames) => ({ duplicateNames }),
};

/** What `(?^)` sets back. */
const ALL_OFF: Partial<Flags> = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  extended: 0,
  noCapture: false,
};

/**
 * The flags after the letters that stand here, such as `i-sm`.
 *
 * @throws {PatternError} when there are two hyphens
 */
export function readFlags(cursor: Cursor, flags: Flags): Flags {
  const isReset = cursor.take("^");
  let result = isReset ? { ...flags, ...ALL_OFF } : flags;
  let on = true;
  for (;;) {
    const letter = cursor.match(/xx|[imsxnUJ]/y)?.[0];
    if (letter !== undefined) {
      result = { ...result, ...LETTERS[letter]?.(on) };
    } else if (!cursor.take("-")) return result;
    else if (!on || isReset) {
      throw new PatternError('a second "-" among the flags of a group');
    } else on = false;
  }
}
