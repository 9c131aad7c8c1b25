/**
 * A `;` that was forgotten: then the next directive reads like parameters of
 * the one before, and is blamed for what it is not.
 */

import { ConfigError } from "../errors.ts";
import type { Statement } from "./parser.ts";

/** A statement that goes on in another one. */
interface SwallowedStatement {
  /** The statement as it was meant. */
  readonly first: Statement;
  /** The one after it. */
  readonly rest: Statement;
}

/**
 * The two statements that `statement` may have been meant to be: a word that
 * begins a line, without quotes, and is the name of a directive begins another
 * one. `undefined` if there is no such word.
 */
export function swallowedStatement(
  statement: Statement,
  isDirective: (name: string) => boolean,
): SwallowedStatement | undefined {
  const { name, args, block, place, lineStarts } = statement;
  const start = lineStarts?.find(({ index }) => isDirective(args[index]!));
  if (start === undefined) return undefined;
  const { index, line } = start;
  const later = (lineStarts ?? []).filter((other) => other.index > index)
    .map((other) => ({ ...other, index: other.index - index - 1 }));
  return {
    first: { name, args: args.slice(0, index), place },
    rest: {
      name: args[index]!,
      args: args.slice(index + 1),
      place: { file: place.file, line },
      ...(block === undefined ? {} : { block }),
      ...(later.length === 0 ? {} : { lineStarts: later }),
    },
  };
}

/** Blames the statement that was not ended. */
export function missingSemicolon(
  { first, rest }: SwallowedStatement,
): ConfigError {
  return new ConfigError(
    `directive "${first.name}" is not terminated by ";"`,
    first.place,
    `"${rest.name}" in line ${rest.place.line} is read as a parameter of it`,
  );
}
