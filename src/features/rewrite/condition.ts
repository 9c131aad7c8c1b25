/**
 * The conditions of `if`: a variable that is neither empty nor `0`, a
 * comparison with a text or a regular expression, or a look at a file.
 */

import type { ParseContext } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { compileRegex } from "../../config/regex.ts";
import type { AnyVariables } from "../../config/configured_variables.ts";
import { identityOf } from "../../files/cache/file_identity.ts";
import { checkSymlinks } from "../../files/cache/symlinks.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import { log } from "../../logging/logger.ts";
import {
  failureReason,
  GUARDED_REMEDY,
  isGuarded,
  osErrorCode,
} from "../../os_error.ts";
import { leadsUp } from "../../routing/path_map.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  disableSymlinks,
  trustedLength,
} from "../../core/settings/file_settings.ts";
import { noteMatch } from "./rewrite_log.ts";

/** A compiled condition. */
export type Condition = (exchange: Exchange) => boolean;

/** What nginx takes for false. */
export function isFalse(value: string): boolean {
  return value === "" || value === "0";
}

/** What `-f`, `-d`, `-e` and `-x` ask. */
const FILE_TESTS: Readonly<Record<string, (info: Deno.FileInfo) => boolean>> = {
  f: ({ isFile }) => isFile,
  d: ({ isDirectory }) => isDirectory,
  e: () => true,
  x: ({ mode }) => mode !== null && (mode & 0o100) !== 0,
};

/**
 * Compiles the arguments of an `if`, with its parentheses.
 *
 * @throws {ConfigError} when they are no condition
 */
export function compileCondition(
  statement: Statement,
  context: ParseContext,
): Condition {
  const words = wordsOf(statement);
  const { place } = statement;
  const { variables } = context;
  const [first = "", second, third] = words;
  if (first.startsWith("$") && first.length > 1) {
    checkSubject(first, place);
    if (second === undefined) {
      const subject = variables.byteTemplate(first, place);
      return (exchange) => !isFalse(subject.evaluate(exchange));
    }
    if (words.length === 3) {
      return comparison(first, second, third!, { place, variables });
    }
  }
  const test = /^(!?)-([fdex])$/.exec(first);
  if (test === null || second === undefined || words.length > 2) {
    throw invalidCondition(words, place);
  }
  const wanted = test[1] === "";
  const check = FILE_TESTS[test[2]!]!;
  const path = variables.textTemplate(second, place);
  return (exchange) => {
    const value = path.evaluate(exchange);
    // A client that brings `..` along must not learn what there is elsewhere.
    const isThere = value !== "" && !leadsUp(path, value) &&
      fileIs(exchange, context.resolvePath(value), check);
    return isThere === wanted;
  };
}

/**
 * As in nginx one variable is asked for, by its name: `$a=b` without blanks
 * would be a text that is never empty.
 */
function checkSubject(subject: string, place: SourcePlace): void {
  if (/^\$[A-Za-z0-9_]+$/.test(subject)) return;
  throw new ConfigError(
    `unknown "${subject.slice(1).toLowerCase()}" variable`,
    place,
    "expected one variable, and blanks around what it is compared by",
  );
}

function invalidCondition(
  words: readonly string[],
  place: SourcePlace,
): ConfigError {
  return new ConfigError(
    `invalid condition "${words.join(" ")}"`,
    place,
    "expected ($variable), ($variable = text), ($variable ~ pattern) " +
      "or (-f path), with -d, -e, -x or ! too",
  );
}

/** The words between the parentheses. */
function wordsOf({ args, place }: Statement): readonly string[] {
  const words = [...args];
  const [first = ""] = words;
  const last = words.at(-1) ?? "";
  if (!first.startsWith("(") || !last.endsWith(")")) {
    throw invalidCondition(words, place);
  }
  words[0] = words[0]!.slice(1);
  words[words.length - 1] = words.at(-1)!.slice(0, -1);
  // The parentheses may stand alone.
  if (words[0] === "") words.shift();
  if (words.at(-1) === "" && last === ")") words.pop();
  return words;
}

/** Bytes are compared, by regular expressions too. */
function comparison(
  subject: string,
  operator: string,
  operand: string,
  { place, variables }: {
    readonly place: SourcePlace;
    readonly variables: AnyVariables;
  },
): Condition {
  switch (operator) {
    case "=":
    case "!=": {
      const one = variables.byteTemplate(subject, place);
      const other = variables.byteTemplate(operand, place);
      const wanted = operator === "=";
      return (exchange) =>
        (one.evaluate(exchange) === other.evaluate(exchange)) === wanted;
    }
    case "~":
    case "~*":
    case "!~":
    case "!~*": {
      const regex = compileRegex(operand, {
        ignoreCase: operator.endsWith("*"),
        place,
        variables,
      });
      const value = variables.textTemplate(subject, place);
      const wanted = !operator.startsWith("!");
      return (exchange) => {
        const text = value.evaluate(exchange);
        const match = regex.exec(text);
        noteMatch(exchange, regex, text, match !== null);
        if (match !== null) regex.keep(match, exchange);
        // As in nginx, one that does not match forgets what others took.
        else exchange.captures = undefined;
        return (match !== null) === wanted;
      };
    }
  }
  throw new ConfigError(
    `unexpected "${operator}" in condition`,
    place,
    "expected =, !=, ~, ~*, !~ or !~*",
  );
}

/**
 * What cannot be looked at is not there, nor what no text names: the runtime
 * would look at another file.
 */
function fileIs(
  exchange: Exchange,
  path: string,
  check: (info: Deno.FileInfo) => boolean,
): boolean {
  if (!path.isWellFormed()) return false;
  const { policy, from } = exchange.location.scope.get(disableSymlinks);
  try {
    const info = Deno.statSync(path);
    if (policy !== "off") {
      const trusted = trustedLength(from, exchange, path);
      checkSymlinks(path, trusted, policy, identityOf(info));
    }
    return check(info);
  } catch (error) {
    logUnlessMissing(path, error);
    return false;
  }
}

/** As nginx: that nothing is there is an answer, all else is trouble. */
function logUnlessMissing(path: string, error: unknown): void {
  const code = osErrorCode(error) ?? "";
  if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(code)) return;
  log.error(() => {
    const remedy = isGuarded(error) ? `: ${GUARDED_REMEDY}` : "";
    return `stat() ${quote(path)} failed (${failureReason(error)})${remedy}`;
  });
}
