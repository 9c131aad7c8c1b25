/** Completion in fish. */

import type { Option, OptionValue } from "../options/option.ts";
import { namesOf } from "../options/option.ts";
import { type CommandLine } from "./line.ts";

/** Text between single quotes of fish. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** What completes a value. */
function completes(value: OptionValue, line: CommandLine): string {
  const words = line.wordsOf(value);
  if (words.length > 0) return `-x -a ${quoted(words.join(" "))}`;
  if (value.kind === "file") return "-r -F";
  if (value.kind === "folder") {
    return "-x -a '(__fish_complete_directories)'";
  }
  return "-x";
}

function optionLine(
  option: Option,
  condition: string,
  line: CommandLine,
): string {
  const names = namesOf(option)
    .map((name) => name.length === 1 ? `-s ${name}` : `-l ${name}`);
  const value = option.value === undefined
    ? []
    : [completes(option.value, line)];
  return [
    `complete -c webserv -n ${quoted(condition)}`,
    ...names,
    ...value,
    `-d ${quoted(option.text)}`,
  ].join(" ");
}

/** The script for fish. */
export function fishScript(line: CommandLine): string {
  const { commands, options } = line;
  const serves = "__webserv_serves";
  const lines = [
    '# fish completion for webserv, made by "webserv completions fish".',
    "",
    "function __webserv_first",
    "    test (count (commandline -opc)) -eq 1",
    "end",
    "",
    "function __webserv_command",
    "    set -l words (commandline -opc)",
    '    test (count $words) -gt 1; and test "$words[2]" = $argv[1]',
    "end",
    "",
    `function ${serves}`,
    ...commands.map(({ name }) =>
      `    __webserv_command ${name}; and return 1`
    ),
    "    return 0",
    "end",
    "",
    "complete -c webserv -f",
    `complete -c webserv -n ${serves} -a '(__fish_complete_directories)'`,
    ...commands.map(({ name, text }) =>
      `complete -c webserv -n __webserv_first -a ${name} -d ${quoted(text)}`
    ),
    ...options.map((option) => optionLine(option, serves, line)),
    ...commands.flatMap((command) => {
      const condition = `__webserv_command ${command.name}`;
      const words = line.wordsOf(command.operand);
      return [
        ...(words.length === 0 ? [] : [
          `complete -c webserv -n ${quoted(condition)} -a ${
            quoted(words.join(" "))
          }`,
        ]),
        ...command.options.map((option) => optionLine(option, condition, line)),
      ];
    }),
  ];
  return lines.join("\n") + "\n";
}
