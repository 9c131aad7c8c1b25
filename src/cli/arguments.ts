/** The command line: nginx's options, and a folder to serve. */

import { checkedDomains } from "./folder/domains.ts";
import { spelled } from "./options/option.ts";
import {
  AUTHORITY_NAMES,
  FOLDER_NAMES,
  OPTIONS,
  PREVIEW_NAMES,
} from "./options/program.ts";
import { type Given, readOptions } from "./options/read.ts";
import { SIGNAL_NAMES, type SignalName } from "./options/signals.ts";
import { UsageError } from "./usage_error.ts";

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
  const given = readOptions(separated(words), {
    options: OPTIONS,
    help: "webserv -h",
  });
  const { text } = given;
  const signal = signalIn(given);
  const { operands: folders } = given;
  if (folders.length > 1) {
    throw new UsageError(
      `one folder at most, but there are ${folders.length}: ${
        folders.map((folder) => `"${folder}"`).join(" ")
      }`,
    );
  }
  const [folder] = folders;
  const folderOption = FOLDER_NAMES.find(given.has);
  if (folder === undefined && folderOption !== undefined) {
    throw new UsageError(
      `option "${spelled(folderOption)}" goes with a folder to serve`,
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
  const command = commandOf(given, signal);
  if (text("lint") !== undefined && command !== "test" && command !== "dump") {
    throw new UsageError('option "--lint" goes with -t');
  }
  return {
    command,
    file: text("c"),
    prefix: text("p"),
    globals: text("g"),
    errorLog: text("e"),
    signal,
    quiet: given.has("q"),
    folder,
    listen: text("l"),
    host: text("host"),
    port: text("port"),
    autoindex: autoindexOf(given),
    spa: given.has("spa"),
    cors: given.has("cors"),
    live: given.has("live"),
    open: given.has("open"),
    https: httpsArguments(given),
    lint: text("lint"),
  };
}

/** @throws {UsageError} for options that do not go together, or a wrong name */
function httpsArguments(
  { text, all, has }: Given,
): HttpsArguments | undefined {
  const state = text("state");
  const words = all("d");
  if (words.length === 0) {
    const option = AUTHORITY_NAMES.find(has);
    if (option !== undefined) {
      throw new UsageError(
        `option "${spelled(option)}" goes with "-d name": without a name ` +
          "no authority is asked for a certificate",
      );
    }
    if (has("tls")) return { kind: "self-made", state };
    if (state === undefined) return undefined;
    throw new UsageError('option "--state" goes with "-d name" or "--tls"');
  }
  if (has("tls")) {
    throw new UsageError(
      'options "--tls" and "-d" do not go together: the one makes a ' +
        "certificate for this machine, the other gets one that everybody trusts",
    );
  }
  const preview = PREVIEW_NAMES.find(has);
  if (preview !== undefined) {
    throw new UsageError(
      `options "--${preview}" and "-d" do not go together: what everybody ` +
        'finds is no preview; leave it out, or write "--tls" instead of -d',
    );
  }
  const issuer = text("issuer");
  const staging = has("staging");
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
function autoindexOf({ has }: Given): boolean | undefined {
  if (!has("no-autoindex")) return has("autoindex") ? true : undefined;
  if (!has("autoindex")) return false;
  throw new UsageError(
    'options "--autoindex" and "--no-autoindex" do not go together',
  );
}

/** @throws {UsageError} when there is no such signal */
function signalIn({ text }: Given): SignalName | undefined {
  const name = text("s");
  const signal = SIGNAL_NAMES.find((known) => known === name);
  if (name === undefined || signal !== undefined) return signal;
  throw new UsageError(
    `invalid option: "-s ${name}", expected one of ${SIGNAL_NAMES.join(", ")}`,
  );
}

function commandOf(
  { has }: Given,
  signal: SignalName | undefined,
): Arguments["command"] {
  if (has("h")) return "help";
  if (has("V")) return "configuration";
  if (has("v")) return "version";
  if (signal !== undefined) return "signal";
  if (has("T")) return "dump";
  if (has("t")) return "test";
  return "serve";
}
