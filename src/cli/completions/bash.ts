/** Completion in bash, from 3.2 (that of macOS) on. */

import type { Option } from "../options/option.ts";
import { type CommandLine, quoted, spellings } from "./line.ts";

const HEAD = `# bash completion for webserv, made by "webserv completions bash".

_webserv_files() {
  # A name of a file is one word, whatever blanks it has.
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$@"))
}

_webserv() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  # Bash takes the "=" of "--option=value" for a word of its own.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
`;

const TAIL = `}

complete -F _webserv webserv
`;

function wordList(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(words.join(" "))} -- "$cur"))`;
}

/** What completes the value of an option; empty when nothing does. */
function valueOf(option: Option, line: CommandLine): string {
  const value = option.value!;
  const words = line.wordsOf(value);
  if (words.length > 0) return wordList(words);
  if (value.kind === "file") return '_webserv_files -f -- "$cur"';
  if (value.kind === "folder") return '_webserv_files -d -- "$cur"';
  return ":";
}

/** The values of some options, then what stands where no value is due. */
function cases(
  options: readonly Option[],
  line: CommandLine,
  operand: string,
): string[] {
  const valued = options.filter(({ value }) => value !== undefined);
  return [
    ...(valued.length === 0 ? [] : [
      "case $prev in",
      ...valued.map((option) =>
        `  ${spellings(option).join("|")}) ${valueOf(option, line)}; return ;;`
      ),
      "esac",
    ]),
    "if [[ $cur == -* ]]; then",
    `  ${wordList(options.flatMap(spellings))}`,
    "else",
    `  ${operand}`,
    "fi",
  ];
}

/** The script for bash. */
export function bashScript(line: CommandLine): string {
  const { commands, options } = line;
  const names = commands.map(({ name }) => name);
  const lines = [
    "if ((COMP_CWORD > 1)); then",
    "  case ${COMP_WORDS[1]} in",
    ...commands.flatMap((command) => {
      const words = line.wordsOf(command.operand);
      const operand = words.length === 0 ? ":" : wordList(words);
      return [
        `    ${command.name})`,
        ...cases(command.options, line, operand).map((text) => `      ${text}`),
        "      return ;;",
      ];
    }),
    "  esac",
    "fi",
    ...cases(options, line, '_webserv_files -d -- "$cur"'),
    // The word that may be a command is the first one.
    "if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then",
    `  COMPREPLY+=($(compgen -W ${quoted(names.join(" "))} -- "$cur"))`,
    "fi",
  ];
  return HEAD + lines.map((text) => `  ${text}\n`).join("") + TAIL;
}
