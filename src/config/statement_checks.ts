/**
 * What can be checked of a statement before its directive reads it, in the
 * order and the words of nginx's `ngx_conf_handler()`.
 */

import { type AnyDirective, type ContextName, isContext } from "./directive.ts";
import { ConfigError, type SourcePlace } from "./errors.ts";
import type { Statement } from "./syntax/parser.ts";
import { VariableError } from "./configured_variables.ts";

/**
 * Whether `directive` may stand in `context`. At the top of the file stands
 * also what may stand in `http`.
 */
export function isAllowedIn(
  { contexts }: Pick<AnyDirective, "contexts">,
  context: ContextName,
): boolean {
  return contexts.some((kind) => isContext(context, kind)) ||
    (context === "main" && contexts.includes("http"));
}

/** A statement that is wrong only because of the block it stands in. */
export class MisplacedError extends ConfigError {}

/** The error of a directive in a block where it may not stand. */
export function notAllowedHere(
  { name, contexts }: Pick<AnyDirective, "name" | "contexts">,
  { place }: Statement,
): ConfigError {
  return new MisplacedError(
    `"${name}" directive is not allowed here`,
    place,
    `it may stand in: ${contexts.join(", ")}`,
  );
}

/**
 * Checks what ends a statement.
 *
 * @throws {ConfigError} when it is a `;` instead of a `{`, or the reverse
 */
export function checkEnd(statement: Statement, wantsBlock: boolean): void {
  const { name, place } = statement;
  const hasBlock = statement.block !== undefined;
  if (hasBlock === wantsBlock) return;
  throw new ConfigError(
    wantsBlock
      ? `directive "${name}" has no opening "{"`
      : `directive "${name}" is not terminated by ";"`,
    place,
  );
}

/**
 * Checks the number of arguments.
 *
 * @throws {ConfigError} when there are too few or too many
 */
export function checkArguments(
  statement: Statement,
  [min, max]: readonly [number, number],
): void {
  const count = statement.args.length;
  if (count >= min && count <= max) return;
  throw new ConfigError(
    `invalid number of arguments in "${statement.name}" directive`,
    statement.place,
    `${expectedCount(min, max)}, not ${count}`,
  );
}

function expectedCount(min: number, max: number): string {
  if (min === max) return `it takes ${min}`;
  if (max === Infinity) return `it takes at least ${min}`;
  return `it takes ${min} to ${max}`;
}

/**
 * Checks a block of entries, which has no blocks inside.
 *
 * @throws {ConfigError} when it has
 */
export function checkEntries(statement: Statement): void {
  for (const entry of statement.block ?? []) {
    if (entry.block !== undefined) {
      throw new ConfigError(
        'unexpected "{"',
        entry.place,
        `"${statement.name}" in line ${statement.place.line} has no blocks ` +
          'inside: is a "}" missing before?',
      );
    }
  }
}

/** The error of a directive that stands a second time in one block. */
export function duplicate(
  { name, place }: Statement,
  first: SourcePlace,
): ConfigError {
  return new MisplacedError(
    `"${name}" directive is duplicate`,
    place,
    `the first one is in ${first.file}:${first.line}`,
  );
}

/** An error that does not even name its directive says what that takes. */
export function withSummary(
  error: ConfigError,
  { name, summary }: AnyDirective,
  { place }: Statement,
): ConfigError {
  const isSelfContained = error.hint !== undefined || summary === "" ||
    error.what.includes(name) || error.place !== place ||
    error.what.startsWith("invalid regular expression") ||
    error instanceof VariableError;
  if (isSelfContained) return error;
  const text = summary.slice(0, 1).toLowerCase() +
    summary.slice(1).replace(/\.$/, "");
  return new ConfigError(error.what, place, `${name}: ${text}`);
}
