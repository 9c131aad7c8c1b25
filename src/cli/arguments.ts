/** The command line: nginx's options, and a folder to serve. */

import { parseArgs } from "@std/cli/parse-args";
import { nearestName } from "../config/nearest.ts";
import { checkedDomains } from "./folder/domains.ts";
import { UsageError } from "./usage_error.ts";

/** The signals of `-s`. `USR1` reopens too, but Deno has a use for it. */
export const SIGNALS = {
  stop: "SIGTERM",
  quit: "SIGQUIT",
  reload: "SIGHUP",
  reopen: "SIGUSR2",
} as const satisfies Record<string, Deno.Signal>;

/** What `-s` may say. */
export type SignalName = keyof typeof SIGNALS;

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
  /** `--host`: the address to serve it at; every one if left out. */
  readonly host: string | undefined;
  /** `--port`. */
  readonly port: string | undefined;
  /**
   * `--autoindex` or `--no-autoindex`: whether its folders are listed;
   * `undefined` if nothing is said.
   */
  readonly autoindex: boolean | undefined;
  /** `--spa`: whether `index.html` answers for paths that are no file. */
  readonly spa: boolean;
  /** `--cors`: whether scripts of every origin may read. */
  readonly cors: boolean;
  /** `--live`: whether pages are loaded again when a file changes. */
  readonly live: boolean;
  /** `--open`: whether the browser is shown it. */
  readonly open: boolean;
  /** `--tls` or `-d`: how it is served by https; `undefined` if it is not. */
  readonly https: HttpsArguments | undefined;
  /** `--lint`: which rules a test of the configuration follows. */
  readonly lint: string | undefined;
}

/** Where the certificate of a folder comes from. */
export type HttpsArguments = SelfMadeArguments | AuthorityArguments;

/** `--tls`: it is made here, for this machine. */
export interface SelfMadeArguments {
  readonly kind: "self-made";
  /** `--state`. */
  readonly state: string | undefined;
}

/** `-d`: an authority is asked for it. */
export interface AuthorityArguments {
  readonly kind: "authority";
  /** `-d`: the names, as ASCII; at least one. */
  readonly domains: readonly string[];
  /** `--email`: where the authority writes to. */
  readonly email: string | undefined;
  /** `--issuer`: the URL of the authority's directory. */
  readonly issuer: string | undefined;
  /** `--issuer-ca`: the PEM file by which that server is trusted. */
  readonly issuerCa: string | undefined;
  /** `--staging`: whether it is only to be tried. */
  readonly staging: boolean;
  /** `--http`: where plain HTTP is answered. */
  readonly http: string | undefined;
  /** `--state`. */
  readonly state: string | undefined;
}

/** Flags that only mean something for a folder. */
const FOLDER_FLAGS = [
  "autoindex",
  "no-autoindex",
  "spa",
  "cors",
  "live",
  "open",
  "tls",
  "staging",
];

/** Those that are for whoever has started the program, and not with `-d`. */
const PREVIEW_FLAGS = ["live", "open"];

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

/** Options with a value that only mean something for a folder. */
const FOLDER_VALUES = [
  "l",
  "host",
  "port",
  "d",
  "state",
  "email",
  "http",
  "issuer",
]
  .concat("issuer-ca");

const VALUES = ["c", "p", "g", "e", "s", "lint", ...FOLDER_VALUES];

/** The options that only mean something with `-d`. */
const AUTHORITY_OPTIONS = ["staging", "email", "http", "issuer", "issuer-ca"];

/** The options that may be given more than once. */
const REPEATABLE = ["d"];

/** What each option's value is, for messages. */
const VALUE_NAMES: Readonly<Record<string, string>> = {
  c: "a file name",
  p: "a folder",
  g: "directives",
  e: "a file name",
  s: `one of ${Object.keys(SIGNALS).join(", ")}`,
  l: "[address:]port",
  host: "an address",
  port: "a number",
  d: "a name",
  state: "a folder",
  email: "an address",
  http: "[address:]port",
  issuer: "the URL of a directory",
  "issuer-ca": "a PEM file",
  lint: "on, off, or names of rules",
};

/** The text of `-h`. */
export const USAGE = `Usage: webserv [-tTqvVh] [-s signal] [-p prefix]
               [-e filename] [-c filename] [-g directives]
               [--lint=off | --lint=[-]rule,...]
       webserv explain URL ...  (see "webserv explain -h")
       webserv DIR [--port number] [--host address] [--open] [--live]
               [--spa] [--cors] [--no-autoindex]
       webserv DIR --tls [-l [address:]port] ...
       webserv DIR -d name [-d name ...] [--email address] [--staging] ...

Options:
  -h            : this help
  -v            : show version and exit
  -V            : show version and what it runs on, then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  --lint=...    : with -t, what to warn of that is right and mostly not meant:
                  off, only these rules (rule,rule), or all but these
                  (-rule,-rule)
  -s signal     : send signal to a running server: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: the folder of the configuration)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: webserv.conf, or if there is
                  none /etc/webserv/webserv.conf)
  -g directives : set global directives out of configuration file

Serving a folder without a configuration:
  --port number : where to listen (default: 8080, or the next one that is free)
  --host address: only there (default: every address of this machine)
  -l            : both in one: [address:]port
  --no-autoindex: do not list folders that have no index.html (--autoindex lists
                  them with -d too)
  --spa         : answer paths without extension that are no file with
                  index.html
  --cors        : let scripts of other origins read
  --live        : load pages again in the browser when a file changes
  --open        : open it in the browser

Serving it by https on this machine:
  --tls         : with a certificate that is made here and kept (default port:
                  8443); browsers ask once whether to trust it

Serving it by https to everybody:
  -d name       : get a certificate for this name, and renew it; once for each
                  name. You accept the terms of service of Let's Encrypt.
                  443 serves the folder, 80 sends everybody there.
  --email addr  : where the authority may write to
  --staging     : try it, with certificates that nobody trusts
  --issuer url  : the directory of another authority, whose terms you accept
  --issuer-ca f : the PEM file by which that authority's server is trusted
  -l            : where to listen for https (default: 443)
  --http        : where to listen for http (default: 80)

  --state dir   : where certificates and keys are kept (default:
                  ~/.local/share/webserv; /var/lib/webserv for root)
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
      /^-([tTqvVh]*)([cpgesld])(.*)$/s.exec(word) ?? [];
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
  const given = words.slice(0, words.indexOf("--") >>> 0)
    .map((word) => /^--?([^=]+)=/.exec(word)?.[1])
    .find((name) => name !== undefined && FLAGS.includes(name));
  if (given !== undefined) {
    throw new UsageError(`option "${optionOf(given)}" takes no value`);
  }
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
    const option = optionOf(key);
    if (given.length > 1 && !REPEATABLE.includes(key)) {
      throw new UsageError(`option "${option}" is given twice`);
    }
    if (given.includes("")) {
      throw new UsageError(`option "${option}" requires ${VALUE_NAMES[key]}`);
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
  const isGiven = (key: string) =>
    FLAGS.includes(key) ? values[key] === true : text(key) !== undefined;
  const folderOption = [...FOLDER_VALUES, ...FOLDER_FLAGS].find(isGiven);
  if (folder === undefined && folderOption !== undefined) {
    throw new UsageError(
      `option "${optionOf(folderOption)}" goes with a folder to serve`,
    );
  }
  const other = text("host") ?? text("port");
  if (text("l") !== undefined && other !== undefined) {
    throw new UsageError(
      'option "-l" says the port, and perhaps the address: leave out --host ' +
        "and --port",
    );
  }
  const prefix = text("p");
  if (folder !== undefined && prefix !== undefined) {
    const isPort = /^(?:.*:)?\d+$/.test(prefix);
    throw new UsageError(
      `a folder ("${folder}") is served without a prefix: leave out -p` +
        (isPort
          ? `; for a port write "${
            prefix.includes(":") ? "-l" : "--port"
          } ${prefix}"`
          : ""),
    );
  }
  if (folder !== undefined && (text("c") ?? signal) !== undefined) {
    throw new UsageError(
      `a folder ("${folder}") is served without configuration: ` +
        "leave out -c and -s",
    );
  }
  const command = commandOf(values, signal);
  if (text("lint") !== undefined && command !== "test" && command !== "dump") {
    throw new UsageError('option "--lint" goes with -t');
  }
  return {
    command,
    file: text("c"),
    prefix: text("p"),
    globals: text("g"),
    errorLog: text("e"),
    signal: signal as SignalName | undefined,
    quiet: values["q"] === true,
    folder,
    listen: text("l"),
    host: text("host"),
    port: text("port"),
    autoindex: autoindexOf(isGiven),
    spa: values["spa"] === true,
    cors: values["cors"] === true,
    live: values["live"] === true,
    open: values["open"] === true,
    https: httpsArguments(values as Record<string, string[]>, text, isGiven),
    lint: text("lint"),
  };
}

/** @throws {UsageError} for options that do not go together, or a wrong name */
function httpsArguments(
  values: Record<string, string[]>,
  text: (key: string) => string | undefined,
  isGiven: (key: string) => boolean,
): HttpsArguments | undefined {
  const state = text("state");
  const words = values["d"] ?? [];
  if (words.length === 0) {
    const option = AUTHORITY_OPTIONS.find(isGiven);
    if (option !== undefined) {
      throw new UsageError(
        `option "${optionOf(option)}" goes with "-d name": without a name ` +
          "no authority is asked for a certificate",
      );
    }
    if (isGiven("tls")) return { kind: "self-made", state };
    if (state === undefined) return undefined;
    throw new UsageError('option "--state" goes with "-d name" or "--tls"');
  }
  if (isGiven("tls")) {
    throw new UsageError(
      'options "--tls" and "-d" do not go together: the one makes a ' +
        "certificate for this machine, the other gets one that everybody trusts",
    );
  }
  const preview = PREVIEW_FLAGS.find(isGiven);
  if (preview !== undefined) {
    throw new UsageError(
      `options "--${preview}" and "-d" do not go together: what everybody ` +
        'finds is no preview; leave it out, or write "--tls" instead of -d',
    );
  }
  const issuer = text("issuer");
  const staging = isGiven("staging");
  if (issuer !== undefined && staging) {
    throw new UsageError(
      'options "--issuer" and "--staging" do not go together: the URL says ' +
        "which authority it is",
    );
  }
  return {
    kind: "authority",
    domains: checkedDomains(words, issuer !== undefined),
    email: text("email"),
    issuer,
    issuerCa: text("issuer-ca"),
    staging,
    http: text("http"),
    state,
  };
}

/** @throws {UsageError} when both are said */
function autoindexOf(isGiven: (key: string) => boolean): boolean | undefined {
  if (!isGiven("no-autoindex")) return isGiven("autoindex") ? true : undefined;
  if (!isGiven("autoindex")) return false;
  throw new UsageError(
    'options "--autoindex" and "--no-autoindex" do not go together',
  );
}

/** How an option is written. */
function optionOf(key: string): string {
  return key.length === 1 ? `-${key}` : `--${key}`;
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
  const name = key.replace(/=$/, "");
  if (name !== key && VALUES.includes(name)) {
    return new UsageError(`option "--${name}" requires ${VALUE_NAMES[name]}`);
  }
  const known = [...FLAGS, ...VALUES].filter((name) => name.length > 1);
  const nearest = key.length > 1 ? nearestName(key, known) : undefined;
  const hint = nearest === undefined
    ? 'see "webserv -h"'
    : `did you mean "--${nearest}"?`;
  return new UsageError(`invalid option: "${word}" (${hint})`);
}
