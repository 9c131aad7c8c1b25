/** Random regular expressions, and texts that are hard for them. */

import type { Random } from "./random.ts";

const PLAIN = ["a", "b", "c", "a", "b", ".", "[ab]"];

// deno-fmt-ignore -- a list of words
const SPECIAL = [
  "A", "-", "1", "/", "\\.", ".", "\\d", "\\w", "\\W", "\\s", "\\h", "\\v",
  "\\R", "\\N", "\\x41", "\\x{62}", "\\141", "\\o{142}", "\\Qa.b\\E", "[^ab]",
  "[a-c]", "[]a]", "[^]a]", "[[:alpha:]]", "[[:^digit:]1]", "[[:upper:]]",
  "[\\w-]", "[a\\-c]", "[\\d/]", "^", "$", "\\A", "\\z", "\\Z", "\\b", "\\B",
  "\\G", "[[:<:]]", "[[:>:]]", "\n", "\\n", "\\r", "\\xe9", "[\\x80-\\xff]",
  "\\p{Lu}", "\\P{L}", "[\\p{Ll}b]", "\\1", "\\2", "\\g{-1}", "(?i)", "(?s)",
  "(?m)", "(?-i)", "(?x) ", "(?U)", "(?#c)", "\\E", "\\ca", "\\e", "{", "x{",
  "a{,2}",
];

// deno-fmt-ignore -- a list of words
const QUANTIFIERS = [
  "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{0,2}?",
  "{2,}", "{1,}+", "{0,1}",
];

// deno-fmt-ignore -- a list of words
const OPENINGS = [
  "(", "(", "(", "(?:", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?i:",
  "(?<n>", "(?|", "(?s-i:", "(?(1)", "(?(?=a)", "(*atomic:", "(?(?!b)",
];

/** Pieces of what is no pattern, or barely one. */
// deno-fmt-ignore -- a list of words
const SCRAPS = [
  "\\x", "\\x{", "\\o{", "\\c", "\\g{", "\\k<", "\\p{", "\\N{", "\\8", "[", "]",
  "[^", "[:", "[[:", ":]", "-", "(?", "(?<", "(?P", "(*", "(?(", "(?'", "(?xx)",
  "(?#", "{", "}", "{1", "{1,2}", ",", "*", "+", "?", "(", ")", "|", " ", "#",
  "\\", "\\E", "a", "1",
];

/** A pattern with groups up to `depth` deep; not each is a valid one. */
export function randomPattern(random: Random, depth = 3): string {
  let pattern = "";
  for (let items = 1 + random.below(4); items > 0; items--) {
    pattern += depth > 0 && random.below(3) === 0
      ? randomGroup(random, depth - 1)
      : random.pick(random.below(3) === 0 ? SPECIAL : PLAIN);
    if (random.below(3) === 0) pattern += random.pick(QUANTIFIERS);
    if (random.below(25) === 0) pattern += "|";
  }
  return pattern;
}

function randomGroup(random: Random, depth: number): string {
  let inside = randomPattern(random, depth);
  for (let others = random.below(3); others > 0; others--) {
    inside += `|${randomPattern(random, depth)}`;
  }
  return `${random.pick(OPENINGS)}${inside})`;
}

/** Something that mostly is no pattern. */
export function randomScraps(random: Random): string {
  return Array.from({ length: 1 + random.below(8) }, () => {
    switch (random.below(4)) {
      case 0:
        return `\\${String.fromCharCode(0x20 + random.below(95))}`;
      case 1:
        return String.fromCharCode(random.below(256));
      default:
        return random.pick(SCRAPS);
    }
  }).join("");
}

const BYTES = "ababcABC1-/.\n\r\t \xe9\xc3\x85";

/** A short text, one character for each byte. */
export function randomSubject(random: Random): string {
  const length = random.below(random.below(4) === 0 ? 25 : 9);
  return Array.from(
    { length },
    () =>
      random.below(4) === 0
        ? BYTES.charAt(random.below(BYTES.length))
        : random.pick(["a", "b", "c"]),
  ).join("");
}

/** A text of `length` that repeats something short, and ends otherwise. */
export function repeatedSubject(random: Random, length: number): string {
  const unit = randomSubject(random).slice(0, 1 + random.below(3)) || "a";
  const end = randomSubject(random).slice(0, random.below(3));
  return unit.repeat(length).slice(0, length - end.length) + end;
}
