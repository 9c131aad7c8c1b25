/** The command line: nginx's options, and a folder to serve. */

import { parseArgs } from "@std/cli/parse-args";
import { nearestName } from "../config/nearest.ts";

/** The signals of `-s`. `USR1` reopens too, but Deno has a use for it. */
export const SIGNALS = {
  stop: "SIGTERM",
  quit: "SIGQUIT",
  reload: "SIGHUP",
  reopen: "SIGUSR2",
} as const satisfies Record<string, Deno.Signal>;

/** What `-s` may say. */
export type SignalName = keyof typeof SIGNALS;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "UsageError";
}

/** What the command line says. */
export interface Arguments {
  /** `serve` unless an option asks for something else. */
  readonly command:
    | "serve"
    | "test"
    | "dump"
    | "signal"
    | "version"
    | "configuration"
    | "help";
  /** `-c`. */
  readonly file: string | undefined;
  /** `-p`. */
  readonly prefix: string | undefined;
  /** `-g`. */
  readonly globals: string | undefined;
  /** `-e`. */
  readonly errorLog: string | undefined;
  /** `-s`. */
  readonly signal: SignalName | undefined;
  /** `-q`. */
  readonly quiet: boolean;
  /** The folder to serve without a configuration. */
  readonly folder: string | undefined;
  /** `-l`: where to serve it. */
  readonly listen: string | undefined;
  /** `--autoindex`: whether its folders are listed. */
  readonly autoindex: boolean;
  /** `--spa`: whether `index.html` answers for paths that are no file. */
  readonly spa: boolean;
  /** `--cors`: whether scripts of every origin may read. */
  readonly cors: boolean;
}

/** Flags that only mean something for a folder. */
const FOLDER_FLAGS = ["autoindex", "spa", "cors"];

const FLAGS = [
  "t",
  "T",
  "q",
  "v",
  "V",
  "h",
  "help",
  "version",
  ...FOLDER_FLAGS,
];
const VALUES = ["c", "p", "g", "e", "s", "l"];

/** What each option's value is, for messages. */
const VALUE_NAMES: Readonly<Record<string, string>> = {
  c: "a file name",
  p: "a folder",
  g: "directives",
  e: "a file name",
  s: `one of ${Object.keys(SIGNALS).join(", ")}`,
  l: "[address:]port",
};

/** The text of `-h`. */
export const USAGE = `Usage: webserv [-tTqvVh] [-s signal] [-p prefix]
               [-e filename] [-c filename] [-g directives]
       webserv DIR [-l [address:]port] [--autoindex] [--spa] [--cors]

Options:
  -h            : this help
  -v            : show version and exit
  -V            : show version and what it runs on, then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a running server: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: the folder of the configuration)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: webserv.conf, or if there is
                  none /etc/webserv/webserv.conf)
  -g directives : set global directives out of configuration file

Serving a folder without a configuration:
  -l            : where to listen (default: 8080)
  --autoindex   : list folders that have no index.html
  --spa         : answer paths without extension that are no file with
                  index.html
  --cors        : let scripts of other origins read
`;

/**
 * The words with every option on its own, because nginx takes `-sreload` and
 * `-tc file` too. What follows an option that takes a value is left alone.
 */
function separated(words: readonly string[]): string[] {
  const apart: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...apart, ...words.slice(i)];
    const [whole, flags = "", option = "", value = ""] =
      /^-([tTqvVh]*)([cpgesl])(.*)$/s.exec(word) ?? [];
    if (whole === undefined) {
      apart.push(word === "-?" ? "-h" : word);
      continue;
    }
    apart.push(...Array.from(flags, (flag) => `-${flag}`), `-${option}`);
    const next = words[i + 1];
    if (value !== "") apart.push(value);
    else if (next !== undefined) {
      apart.push(next);
      i++;
    }
  }
  return apart;
}

/**
 * Understands the command line.
 *
 * @throws {UsageError} for an unknown option, or a value that is missing or
 * wrong
 */
export function parseArguments(words: readonly string[]): Arguments {
  const values = parseArgs(
    separated(words),
    {
      boolean: FLAGS,
      // A folder called "007" is not the number 7.
      string: [...VALUES, "_"],
      collect: VALUES,
      unknown: (word: string, key?: string) => {
        if (key !== undefined) throw unknownOption(word, key);
        return true;
      },
    },
  ) as Record<string, unknown> & { _: (string | number)[] };
  for (const key of VALUES) {
    const given = values[key] as string[];
    if (given.length > 1) {
      throw new UsageError(`option "-${key}" is given twice`);
    }
    if (given[0] === "") {
      throw new UsageError(`option "-${key}" requires ${VALUE_NAMES[key]}`);
    }
  }
  const text = (key: string) => (values[key] as string[])[0];
  const signal = text("s");
  if (signal !== undefined && !Object.hasOwn(SIGNALS, signal)) {
    throw new UsageError(
      `invalid option: "-s ${signal}", expected ${VALUE_NAMES["s"]}`,
    );
  }
  const folders = values._.map(String);
  if (folders.length > 1) {
    throw new UsageError(
      `one folder at most, but there are ${folders.length}: ${
        folders.map((folder) => `"${folder}"`).join(" ")
      }`,
    );
  }
  const [folder] = folders;
  if (folder === undefined && text("l") !== undefined) {
    throw new UsageError('option "-l" goes with a folder to serve');
  }
  const prefix = text("p");
  if (folder !== undefined && prefix !== undefined) {
    const isPort = /^(?:.*:)?\d+$/.test(prefix);
    throw new UsageError(
      `a folder ("${folder}") is served without a prefix: leave out -p` +
        (isPort ? `; for a port write "-l ${prefix}"` : ""),
    );
  }
  const flag = FOLDER_FLAGS.find((name) => values[name] === true);
  if (folder === undefined && flag !== undefined) {
    throw new UsageError(`option "--${flag}" goes with a folder to serve`);
  }
  if (folder !== undefined && (text("c") ?? signal) !== undefined) {
    throw new UsageError(
      `a folder ("${folder}") is served without configuration: ` +
        "leave out -c and -s",
    );
  }
  return {
    command: commandOf(values, signal),
    file: text("c"),
    prefix: text("p"),
    globals: text("g"),
    errorLog: text("e"),
    signal: signal as SignalName | undefined,
    quiet: values["q"] === true,
    folder,
    listen: text("l"),
    autoindex: values["autoindex"] === true,
    spa: values["spa"] === true,
    cors: values["cors"] === true,
  };
}

function commandOf(
  values: Record<string, unknown>,
  signal: string | undefined,
): Arguments["command"] {
  if (values["h"] === true || values["help"] === true) return "help";
  if (values["V"] === true) return "configuration";
  if (values["v"] === true || values["version"] === true) return "version";
  if (signal !== undefined) return "signal";
  if (values["T"] === true) return "dump";
  if (values["t"] === true) return "test";
  return "serve";
}

function unknownOption(word: string, key: string): UsageError {
  const known = [...FLAGS, ...VALUES].filter((name) => name.length > 1);
  const nearest = key.length > 1 ? nearestName(key, known) : undefined;
  const hint = nearest === undefined
    ? 'see "webserv -h"'
    : `did you mean "--${nearest}"?`;
  return new UsageError(`invalid option: "${word}" (${hint})`);
}
