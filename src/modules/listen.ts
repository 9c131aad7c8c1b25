/** `listen` and `server_name`: where a server is, and what it is called. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../config/directive.ts";
import { ConfigError, type SourcePlace } from "../config/errors.ts";
import type { Statement } from "../config/parser.ts";
import { parseInteger } from "../config/units.ts";
import type { HostPattern } from "../routing/host_table.ts";
import { parseHost } from "../http/host.ts";
import { parseAddress as addressBytes } from "../http/network_range.ts";
import type { Module } from "./module.ts";

/** One address a server listens on. */
export interface ListenAddress {
  /** An IPv4 address, or an IPv6 address without brackets. */
  readonly hostname: string;
  /** 1 to 65535; 0 lets the system choose (for tests). */
  readonly port: number;
  /** Whether the server answers hosts that no server on the address claims. */
  readonly isDefault: boolean;
  /** Whether it speaks TLS; one `ssl` is enough for all of an address. */
  readonly ssl: boolean;
  /** Whether it is QUIC's, which is not listened to. */
  readonly quic: boolean;
  /** Whether an IPv6 wildcard leaves IPv4 alone (`ipv6only`, on in nginx). */
  readonly ipv6Only: boolean;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/**
 * Connections waiting to be accepted. nginx takes 511; with 4096 a burst of
 * 5,000 connects takes 0.12 s instead of 1 s (measured).
 */
export const DEFAULT_BACKLOG = 4096;

const ANY_IPV4 = "0.0.0.0";
const HIGHEST_PORT = 65_535;

/** Options of nginx's `listen` that tune a socket and change no answer. */
const IGNORED_OPTIONS =
  /^(?:reuseport|deferred|bind|setfib=\d+|fastopen=\d+|rcvbuf=\w+|sndbuf=\w+|accept_filter=\w+|so_keepalive=\S+)$/;

/** The addresses of a server. */
export const listenDirective: Directive<readonly ListenAddress[]> =
  defineDirective<readonly ListenAddress[]>({
    name: "listen",
    contexts: ["server"],
    args: [1, Infinity],
    repeatable: true,
    inherit: false,
    default: [],
    summary: "An address and port: [address:]port [default_server] [ssl].",
    parse(statement, previous = [], { warn }) {
      const address = parseListen(statement, warn);
      const same = previous.find((other) =>
        other.hostname === address.hostname && other.port === address.port &&
        other.quic === address.quic
      );
      if (same !== undefined && address.port !== 0) {
        throw new ConfigError(
          `a duplicate listen ${addressText(address)}`,
          statement.place,
        );
      }
      return [...previous, address];
    },
  });

/** Where a server without `listen` is (nginx as root: port 80). */
export function defaultListen(place: SourcePlace): ListenAddress {
  return {
    hostname: ANY_IPV4,
    port: 80,
    isDefault: false,
    ssl: false,
    quic: false,
    ipv6Only: true,
    backlog: DEFAULT_BACKLOG,
    place,
  };
}

/** `address:port` as it is written in URLs and messages. */
export function addressText(
  { hostname, port }: { readonly hostname: string; readonly port: number },
): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

function parseListen(
  statement: Statement,
  warn: (what: string) => void,
): ListenAddress {
  const { args, place } = statement;
  const [text = "", ...options] = args;
  const { hostname, port } = parseAddress(text, place);
  const ssl = options.includes("ssl");
  const quic = options.includes("quic");
  let isDefault = false;
  let ipv6Only = true;
  let backlog = DEFAULT_BACKLOG;
  for (const option of options) {
    const [name = "", value = ""] = option.split("=");
    if (option === "default_server" || option === "default") isDefault = true;
    else if (name === "ipv6only" && (value === "on" || value === "off")) {
      ipv6Only = value === "on";
    } else if (name === "backlog") {
      backlog = parseInteger(value) ?? 0;
      if (backlog === 0) {
        throw new ConfigError(`invalid backlog "${value}"`, place);
      }
    } else if (option === "http2" || option === "quic") {
      warn(`the "${option}" parameter of "listen": HTTP/1.1 is spoken`);
    } else if (option === "proxy_protocol") {
      throw new ConfigError(
        `the "${option}" parameter of "listen" is not supported by webserv`,
        place,
      );
    } else if (option === "ssl") {
      continue;
    } else if (!IGNORED_OPTIONS.test(option)) {
      throw new ConfigError(`invalid parameter "${option}"`, place);
    }
  }
  return { hostname, port, isDefault, ssl, quic, ipv6Only, backlog, place };
}

/** `port`, `address`, `address:port`, `[ipv6]` or `[ipv6]:port`. */
export function parseAddress(
  text: string,
  place: SourcePlace,
): { hostname: string; port: number } {
  if (text.startsWith("unix:")) {
    throw new ConfigError(
      `"${text}": unix sockets are not supported by webserv`,
      place,
    );
  }
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const hostname = ipv6Address(bracketed[1]!);
    if (hostname === undefined) throw hostNotFound(text, place);
    return { hostname, port: parsePort(bracketed[2] ?? "80", text, place) };
  }
  if (/^\d+$/.test(text)) {
    return { hostname: ANY_IPV4, port: parsePort(text, text, place) };
  }
  const [host = "", port, ...more] = text.split(":");
  if (more.length > 0) throw hostNotFound(text, place);
  const hostname = host === "*"
    ? ANY_IPV4
    : host === "localhost"
    ? "127.0.0.1"
    : host;
  if (addressBytes(hostname)?.length !== 4) throw hostNotFound(text, place);
  return { hostname, port: parsePort(port ?? "80", text, place) };
}

function hostNotFound(text: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `host not found in "${text}" of the "listen" directive`,
    place,
    "expected a port, an IPv4 address, or an IPv6 address in brackets",
  );
}

function parsePort(text: string, whole: string, place: SourcePlace): number {
  const port = parseInteger(text);
  if (port !== undefined && port <= HIGHEST_PORT) return port;
  throw new ConfigError(
    `invalid port in "${whole}" of the "listen" directive`,
    place,
  );
}

/** The shortest form of an IPv6 address, `undefined` if it is none. */
function ipv6Address(text: string): string | undefined {
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
}

/** The names of a server. */
export const serverNameDirective: Directive<readonly ServerName[]> =
  defineDirective<readonly ServerName[]>({
    name: "server_name",
    contexts: ["server"],
    args: [1, Infinity],
    repeatable: true,
    inherit: false,
    default: [],
    summary: "The hosts a server is for: names, wildcards, ~regex.",
    parse: (statement, previous = []) =>
      appended(
        previous,
        statement.args.flatMap((text) =>
          parseServerName(text, statement.place)
        ),
      ),
  });

/** One name of a server as it was written, and what it matches. */
export interface ServerName {
  /** As written, in lower case. */
  readonly text: string;
  /** What it matches. */
  readonly pattern: HostPattern;
}

/**
 * What a `server_name` stands for. `.example.org` is two patterns; the empty
 * name is for requests without `Host`.
 *
 * @throws {ConfigError} when it is no name
 */
export function parseServerName(
  written: string,
  place: SourcePlace,
): ServerName[] {
  if (written.startsWith("~")) {
    return [{
      text: written,
      pattern: { kind: "regex", regex: nameRegex(written, place) },
    }];
  }
  const text = written.toLowerCase();
  const name = text.replace(/\.$/, "");
  const stars = name.split("*").length - 1;
  const invalid = new ConfigError(
    `invalid server name or wildcard "${written}"`,
    place,
  );
  if (/[\s/]/.test(name) || name.includes("..")) throw invalid;
  if (stars === 0 && name.startsWith(".")) {
    return [
      { text, pattern: { kind: "exact", name: name.slice(1) } },
      { text, pattern: { kind: "leading", name } },
    ];
  }
  if (stars === 0) return [{ text, pattern: { kind: "exact", name } }];
  if (stars === 1 && name.startsWith("*.") && name.length > 2) {
    return [{ text, pattern: { kind: "leading", name: name.slice(1) } }];
  }
  if (stars === 1 && name.endsWith(".*") && name.length > 2) {
    return [{ text, pattern: { kind: "trailing", name: name.slice(0, -1) } }];
  }
  throw invalid;
}

/** nginx's `$server_name`: the first name, of `.example.org` what follows. */
export function primaryName(names: readonly ServerName[]): string {
  const text = names[0]?.text ?? "";
  return text.startsWith(".") ? text.slice(1) : text;
}

/**
 * The first name that clients can be sent to: no wildcard, no expression, and
 * more than the `_` or the empty name that stand for "any".
 */
export function hostName(names: readonly ServerName[]): string | undefined {
  for (const { pattern } of names) {
    if (pattern.kind !== "exact") continue;
    const { name } = pattern;
    if (/[a-z0-9]/.test(name) && parseHost(name)?.host === name) return name;
  }
  return undefined;
}

function nameRegex(written: string, place: SourcePlace): RegExp {
  try {
    return new RegExp(written.slice(1), "i");
  } catch (error) {
    throw new ConfigError(
      `invalid regular expression "${written}": ${(error as Error).message}`,
      place,
    );
  }
}

/** Addresses and names. */
export const listenModule: Module = {
  name: "listen",
  directives: [listenDirective, serverNameDirective],
};
