/** Completion in zsh. */

import type { Option, OptionValue } from "../options/option.ts";
import { type CommandLine, quoted, spellings } from "./line.ts";

/** Text in the brackets of a specification of `_arguments`. */
function inBrackets(text: string): string {
  return text.replace(/[[\]\\:]/g, "\\$&");
}

/** What completes a value, for `_arguments`. */
function action(value: OptionValue, line: CommandLine): string {
  const words = line.wordsOf(value);
  if (words.length > 0) return `(${words.join(" ")})`;
  if (value.kind === "file") return "_files";
  if (value.kind === "folder") return "_files -/";
  return " ";
}

/** The specifications of an option, one for each of its names. */
function specifications(option: Option, line: CommandLine): string[] {
  const { value, text } = option;
  const names = spellings(option);
  const ahead = option.isRepeatable === true
    ? "*"
    : names.length > 1
    ? `(${names.join(" ")})`
    : "";
  return names.map((name) => {
    // A value may follow as the next word or in the same one.
    const joint = value === undefined ? "" : name.startsWith("--") ? "=" : "+";
    const behind = value === undefined
      ? ""
      : `:${inBrackets(value.name)}:${action(value, line)}`;
    return quoted(`${ahead}${name}${joint}[${inBrackets(text)}]${behind}`);
  });
}

function argumentsCall(
  options: readonly Option[],
  operand: string,
  line: CommandLine,
): string {
  const all = options.flatMap((option) => specifications(option, line));
  return ["_arguments -s -S", ...all, operand].join(" \\\n      ");
}

/** The script for zsh. */
export function zshScript(line: CommandLine): string {
  const { commands, options } = line;
  const names = commands.map(({ name, text }) =>
    quoted(`${name.replaceAll(":", "\\:")}:${text}`)
  );
  return `#compdef webserv
# zsh completion for webserv, made by "webserv completions zsh".

_webserv_first() {
  local -a commands=(
    ${names.join("\n    ")}
  )
  _alternative 'folders:folder:_files -/' \\
    "commands:command:{ _describe -t commands command commands }"
}

_webserv() {
  if (( CURRENT > 2 )); then
    case \${words[2]} in
${
    commands.map((command) =>
      `    ${command.name})
      shift words
      (( CURRENT-- ))
      ${
        argumentsCall(
          command.options,
          quoted(
            `1:${inBrackets(command.operand.name)}:${
              action(command.operand, line)
            }`,
          ),
          line,
        )
      }
      return
      ;;`
    ).join("\n")
  }
    esac
  fi
  ${argumentsCall(options, quoted("1: :_webserv_first"), line)}
}

if [[ \${funcstack[1]} == _webserv ]]; then
  _webserv "$@"
else
  compdef _webserv webserv
fi
`;
}
