/**
 * `deno task fuzz:pcre [--seconds N] [--seed N]`: random patterns and texts,
 * asked of PCRE2 and of the program. What PCRE refuses must be refused, what
 * is accepted must match the same.
 */

import { parseArgs } from "@std/cli/parse-args";
import { compile } from "../../src/regex/engine/compile.ts";
import { run } from "../../src/regex/engine/machine.ts";
import { nativeRegex } from "../../src/regex/engine/native.ts";
import { parsePattern } from "../../src/regex/syntax/parser.ts";
import { PatternError } from "../../src/regex/pattern_error.ts";
import type { Syntax } from "../../src/regex/syntax/syntax.ts";
import { randomPattern, randomScraps, randomSubject } from "../patterns.ts";
import { Random } from "../random.ts";
import { Pcre, type Taken } from "./library.ts";

/** Texts for each pattern. */
const SUBJECTS = 8;

/**
 * Optimisations of PCRE2 10.42 that change what some patterns match, as
 * `(?:.*?)++a` does not match in " a".
 */
const AS_DOCUMENTED = "(*NO_AUTO_POSSESS)(*NO_DOTSTAR_ANCHOR)(*NO_START_OPT)";

const args = parseArgs(Deno.args, { string: ["seconds", "seed"] }) as {
  seconds?: string;
  seed?: string;
};
const until = performance.now() + Number(args.seconds ?? 60) * 1000;
const firstSeed = Number(
  args.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!,
);

const pcre = new Pcre();
let accepted = 0;
let compared = 0;

/** The pattern as it is read here; a string says why it is not. */
function read(pattern: string, ignoreCase: boolean): Syntax | string {
  try {
    return parsePattern(pattern, ignoreCase);
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/** What the machine takes of a text, remembering failures from the start. */
function taken(
  program: ReturnType<typeof compile>,
  text: string,
  rememberAfter: number,
): Taken | null | "limit" {
  const outcome = run(program, text, rememberAfter);
  if (outcome === "none") return null;
  if (outcome === "limit") return outcome;
  return Array.from({ length: outcome.length / 2 }, (_, group) => {
    const end = outcome[2 * group + 1]!;
    return end < 0 ? undefined : text.slice(outcome[2 * group]!, end);
  });
}

function textOf(taken: unknown): string {
  return JSON.stringify(
    Array.isArray(taken) ? taken.map((part) => part ?? null) : taken,
  );
}

function fail(what: string, ...details: readonly unknown[]): never {
  console.error(what, ...details.map((detail) => JSON.stringify(detail)));
  Deno.exit(1);
}

function compare(random: Random): void {
  const pattern = random.below(3) === 0
    ? randomScraps(random)
    : randomPattern(random);
  // It moves the start of the match, which nothing in nginx asks for.
  if (pattern.includes("\\K")) return;
  const ignoreCase = random.below(4) === 0;
  const theirs = pcre.compile(AS_DOCUMENTED + pattern, ignoreCase);
  const syntax = read(pattern, ignoreCase);
  if (theirs === undefined) {
    // PCRE is stricter about repetitions within a look behind.
    if (typeof syntax === "string" || pattern.includes("(?<")) return;
    fail("accepted, and not by PCRE:", pattern, ignoreCase);
  }
  if (typeof syntax === "string") {
    theirs.free();
    if (/not supported|no fixed length/.test(syntax)) return;
    fail("refused, and not by PCRE:", pattern, ignoreCase, syntax);
  }
  accepted++;
  const program = compile(syntax);
  const native = nativeRegex(syntax);
  for (let index = 0; index < SUBJECTS; index++) {
    const text = randomSubject(random);
    const expected = theirs.exec(text);
    const ours = taken(program, text, index % 2 === 0 ? 0 : 2000);
    if (typeof expected === "number" || ours === "limit") continue;
    compared++;
    const details = [pattern, ignoreCase, text, expected] as const;
    if (textOf(ours) !== textOf(expected)) fail("differs:", ...details, ours);
    if (native === undefined || text.includes("\n")) continue;
    const match = native.exec(text);
    if (textOf(match) !== textOf(expected)) {
      fail("differs in V8:", ...details, match);
    }
  }
  theirs.free();
}

for (let seed = firstSeed; performance.now() < until; seed = (seed + 1) >>> 0) {
  compare(new Random(seed));
}
console.log(`${accepted} patterns, ${compared} texts, all as in PCRE`);
