/** `webserv completions SHELL`: what completes the command line there. */

import { RULE_NAMES } from "../../lint/lint.ts";
import { COMMANDS, COMPLETIONS } from "../options/commands.ts";
import type { OptionValue } from "../options/option.ts";
import { OPTIONS } from "../options/program.ts";
import { readCommand } from "../options/usage.ts";
import { UsageError } from "../usage_error.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import type { CommandLine } from "./line.ts";
import { zshScript } from "./zsh.ts";

/** What writes the script of each shell. */
const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
} as const satisfies Record<string, (line: CommandLine) => string>;

/** A shell that there is a script for. */
export type Shell = keyof typeof SCRIPTS;

/** The words that a value may be; empty when it is something else. */
function wordsOf({ kind, words = [] }: OptionValue): readonly string[] {
  return kind === "rules" ? ["on", "off", ...RULE_NAMES] : words;
}

/** The script that completes webserv's command line in a shell. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]({ options: OPTIONS, commands: COMMANDS, wordsOf });
}

/**
 * Prints the script for a shell.
 *
 * @throws {UsageError} when the command line cannot be understood
 */
export function printCompletions(words: readonly string[]): number {
  const given = readCommand(COMPLETIONS, words);
  if (given === undefined) return 0;
  const [shell, ...others] = given.operands;
  if (
    shell === undefined || others.length > 0 || !Object.hasOwn(SCRIPTS, shell)
  ) {
    throw new UsageError(
      `completions: expected one shell of ${Object.keys(SCRIPTS).join(", ")}`,
    );
  }
  console.log(completionScript(shell as Shell).trimEnd());
  return 0;
}
