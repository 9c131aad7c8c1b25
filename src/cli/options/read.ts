/** Reading a command line by the table of its options. */

import { parseArgs } from "@std/cli/parse-args";
import { nearestName } from "../../config/nearest.ts";
import { UsageError } from "../usage_error.ts";
import { namesOf, type Option, spelled } from "./option.ts";

/** What a command line says. */
export interface Given {
  /** The words that are no options. */
  readonly operands: readonly string[];
  /** Whether an option is given. */
  has(name: string): boolean;
  /** The value of an option that may be given once. */
  text(name: string): string | undefined;
  /** The values of an option that may be given more than once. */
  all(name: string): readonly string[];
}

/** What {@linkcode readOptions} needs to know. */
export interface ReadOptions {
  /** The options that there are. */
  readonly options: readonly Option[];
  /** What shows the help. */
  readonly help: string;
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} for an unknown option, one that is given twice, without
 * its value, or with one that it has not
 */
export function readOptions(
  words: readonly string[],
  { options, help }: ReadOptions,
): Given {
  const valued = options.filter(({ value }) => value !== undefined);
  const texts = valued.flatMap(namesOf);
  const flags = options.filter(({ value }) => value === undefined)
    .flatMap(namesOf);
  const filled = words.slice(0, words.indexOf("--") >>> 0)
    .map((word) => /^--?([^=]+)=/.exec(word)?.[1])
    .find((name) => name !== undefined && flags.includes(name));
  if (filled !== undefined) {
    throw new UsageError(`option "${spelled(filled)}" takes no value`);
  }
  const values = parseArgs([...words], {
    boolean: flags,
    // A folder called "007" is not the number 7.
    string: [...texts, "_"],
    collect: texts,
    unknown: (word: string, key?: string) => {
      if (key !== undefined) throw unknownOption(word, key, options, help);
      return true;
    },
  }) as Record<string, unknown> & { _: (string | number)[] };
  const all = (name: string) => values[name] as readonly string[];
  for (const { name, value, isRepeatable } of valued) {
    const given = all(name);
    if (given.length > 1 && isRepeatable !== true) {
      throw new UsageError(`option "${spelled(name)}" is given twice`);
    }
    if (given.includes("")) {
      throw new UsageError(
        `option "${spelled(name)}" requires ${value!.needed}`,
      );
    }
  }
  const aliases = new Map(
    options.map((option) => [option.name, namesOf(option)]),
  );
  return {
    operands: values._.map(String),
    all,
    text: (name) => all(name)[0],
    has: (name) =>
      texts.includes(name)
        ? all(name).length > 0
        : aliases.get(name)!.some((one) => values[one] === true),
  };
}

function unknownOption(
  word: string,
  key: string,
  options: readonly Option[],
  help: string,
): UsageError {
  const name = key.replace(/=$/, "");
  const valued = options.find((option) => option.name === name)?.value;
  if (name !== key && valued !== undefined) {
    return new UsageError(
      `option "${spelled(name)}" requires ${valued.needed}`,
    );
  }
  const known = options.flatMap(namesOf).filter((name) => name.length > 1);
  const nearest = key.length > 1 ? nearestName(key, known) : undefined;
  const hint = nearest === undefined
    ? `see "${help}"`
    : `did you mean "--${nearest}"?`;
  return new UsageError(`invalid option: "${word}" (${hint})`);
}
