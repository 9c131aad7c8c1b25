/** Simple assertions (pcrepattern(3)): places in a text, such as `^` and `\b`. */

import { WORD } from "./char_set.ts";
import type { Assertion } from "./syntax.ts";

const NEWLINE = 0x0a;

/** Whether `at` is such a place in the bytes of a text. */
export function isAt(
  assertion: Assertion,
  text: Uint8Array,
  at: number,
): boolean {
  const { length } = text;
  switch (assertion) {
    case "start":
      return at === 0;
    case "end":
      return at === length;
    case "endOrNewline":
      return at === length ||
        (at === length - 1 && text[at]! === NEWLINE);
    case "lineStart":
      return at === 0 ||
        (at < length && text[at - 1] === NEWLINE);
    case "lineEnd":
      return at === length || text[at]! === NEWLINE;
    case "wordBoundary":
      return isWord(text, at - 1) !== isWord(text, at);
    case "noWordBoundary":
      return isWord(text, at - 1) === isWord(text, at);
  }
}

function isWord(text: Uint8Array, at: number): boolean {
  return at >= 0 && at < text.length && WORD[text[at]!] === 1;
}
