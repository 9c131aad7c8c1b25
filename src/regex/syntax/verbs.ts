/** What may stand before everything else: `(*UTF)`, `(*NO_JIT)`, ... */

import type { Cursor } from "./cursor.ts";
import { unsupported } from "../pattern_error.ts";

/** What the verbs at the beginning say. */
interface LeadingVerbs {
  /** `(*BSR_ANYCRLF)`: `\R` is CR, LF or CRLF and nothing else. */
  readonly plainLineEnds: boolean;
}

/** Verbs that say how to match, not what, or what is so anyway. */
const WITHOUT_EFFECT =
  /\(\*(?:NO_JIT|NO_START_OPT|NO_AUTO_POSSESS|NO_DOTSTAR_ANCHOR|LF|BSR_UNICODE)\)/y;

/** Verbs that change the meaning of what follows. */
const OTHERS =
  /\(\*(?:UTF8?|UCP|CR|CRLF|ANY|ANYCRLF|NUL|NOTEMPTY|NOTEMPTY_ATSTART|LIMIT_[A-Z]+=\d+)\)/y;

/**
 * Reads the verbs at the beginning of a pattern.
 *
 * @throws {PatternError} when one is not supported
 */
export function readLeadingVerbs(cursor: Cursor): LeadingVerbs {
  let plainLineEnds = false;
  for (;;) {
    if (cursor.take("(*BSR_ANYCRLF)")) plainLineEnds = true;
    else if (cursor.take("(*BSR_UNICODE)")) plainLineEnds = false;
    else if (cursor.match(WITHOUT_EFFECT) === undefined) break;
  }
  const other = cursor.match(OTHERS)?.[0];
  if (other === undefined) return { plainLineEnds };
  throw unsupported(
    "the verb",
    other,
    other.includes("U")
      ? "leave it out: letters beyond ASCII match as they are, in one case"
      : "leave it out",
  );
}
