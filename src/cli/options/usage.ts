/** The text of `-h`, made of the table of options. */

import { COMMANDS } from "./commands.ts";
import { type Command, namesOf, type Option, spelled } from "./option.ts";
import { SECTIONS, SYNOPSIS } from "./program.ts";
import { type Given, readOptions } from "./read.ts";

/** How wide a line may be, in characters: that of a terminal. */
const WIDTH = 80;

/** Where the text behind an option begins. */
const COLUMN = 22;

/** `text` in lines of at most `width`; what is in brackets stays in one. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.match(/\[(?:[^[\]]|\[[^\]]*\])*\]\S*|\S+/g) ?? []) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) {
      lines.push(word);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** An option as the help names it: `-c filename`. */
function left(option: Option): string {
  const names = namesOf(option).map(spelled).join(", ");
  return option.value === undefined ? names : `${names} ${option.value.name}`;
}

function row(name: string, text: string): string {
  const indent = " ".repeat(COLUMN);
  const lines = wrapped(text, WIDTH - COLUMN);
  const head = `  ${name}`;
  return head.length < COLUMN
    ? head.padEnd(COLUMN) + lines.join(`\n${indent}`)
    : [head, ...lines.map((line) => indent + line)].join("\n");
}

function rows(options: readonly Option[]): string[] {
  return options.map((option) =>
    row(left(option), option.text + (option.more ?? ""))
  );
}

function synopsis(forms: readonly string[]): string[] {
  const start = "webserv ";
  const indent = " ".repeat("Usage: ".length);
  return forms.flatMap((form) =>
    wrapped(form, WIDTH - indent.length - start.length).map((line, i) =>
      indent + (i === 0 ? start : " ".repeat(start.length)) + line
    )
  ).map((line, i) => i === 0 ? line.replace(indent, "Usage: ") : line);
}

/** What `webserv -h` prints. */
export function usage(): string {
  return [
    ...synopsis([
      ...SYNOPSIS,
      ...COMMANDS.map(({ name }) => `${name} ...`),
    ]),
    ...SECTIONS.flatMap(({ title, options }) => [
      "",
      `${title}:`,
      ...rows(options),
    ]),
    "",
    'Something else ("webserv COMMAND -h" says more of it):',
    ...COMMANDS.map(({ name, text }) => row(name, text)),
  ].join("\n");
}

/**
 * What follows the name of a command; `undefined` when it asks for help, which
 * is printed.
 *
 * @throws {UsageError} when it cannot be understood
 */
export function readCommand(
  command: Command,
  words: readonly string[],
): Given | undefined {
  const { name, options } = command;
  const given = readOptions(words, { options, help: `webserv ${name} -h` });
  if (!given.has("h")) return given;
  console.log(commandUsage(command));
  return undefined;
}

/** What `webserv NAME -h` prints. */
function commandUsage(command: Command): string {
  const { about, operand, options } = command;
  return [
    ...synopsis(command.synopsis),
    "",
    ...about.flatMap((text) => [...wrapped(text, WIDTH), ""]),
    row(operand.name, operand.text),
    ...rows(options),
  ].join("\n");
}
