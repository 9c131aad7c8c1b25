/** The command line, as what completes it knows it. */

import {
  type Command,
  namesOf,
  type Option,
  type OptionValue,
  spelled,
} from "../options/option.ts";

/** What can be completed. */
export interface CommandLine {
  /** The options of the program. */
  readonly options: readonly Option[];
  /** The words that do something else than to serve. */
  readonly commands: readonly Command[];
  /** The words that a value may be; empty when it is something else. */
  wordsOf(value: OptionValue): readonly string[];
}

/** Every way to write an option. */
export function spellings(option: Option): string[] {
  return namesOf(option).map(spelled);
}

/** Text between single quotes of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
