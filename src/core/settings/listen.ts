/** `listen`: where a server is. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { parseInteger } from "../../config/units.ts";
import { parseAddress as addressBytes } from "../../http/network_range.ts";
import type { Module } from "../module.ts";

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
  /^(?:reuseport|deferred|bind|multipath|setfib=\d+|fastopen=\d+|(?:rcv|snd)buf=\d+[kKmM]?|accept_filter=\w+|so_keepalive=(?:on|off|\w*:\w*:\w*))$/;

/** The addresses of a server. */
export const listenDirective: Directive<readonly ListenAddress[]> =
  defineDirective<readonly ListenAddress[]>({
    name: "listen",
    contexts: ["server"],
    args: [1, Infinity],
    repeatable: true,
    inherit: false,
    default: [],
    summary: "Where to listen: [address:]port[-port] [default_server] [ssl].",
    syntax:
      "[address:]port[-port] [default_server] [ssl] [backlog=number] [ipv6only=on|off]",
    defaultText: "80",
    differs:
      "IPv6 alone cannot be bound: an address [::] takes the port for IPv4 as well. The default of backlog is 4096 (nginx: 511).",
    parse: (statement, previous = [], { warn }) =>
      appended(previous, parseListen(statement, warn)),
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
): ListenAddress[] {
  const { args, place } = statement;
  const [text = "", ...options] = args;
  const { hostname, ports } = parseAddresses(text, place);
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
        throw new ConfigError(
          `invalid backlog "${option}"`,
          place,
          "expected a number of connections, at least 1",
        );
      }
    } else if (option === "http2" || option === "quic") {
      warn(`the "${option}" parameter of "listen": HTTP/1.1 is spoken`);
    } else if (option === "proxy_protocol") {
      throw new ConfigError(
        `the "${option}" parameter of "listen" is not supported by webserv`,
        place,
        "a client has the address of its own connection",
      );
    } else if (option === "ssl") {
      continue;
    } else if (!IGNORED_OPTIONS.test(option)) {
      throw invalidOption(option, place);
    }
  }
  return ports.map((port) => ({
    hostname,
    port,
    isDefault,
    ssl,
    quic,
    ipv6Only,
    backlog,
    place,
  }));
}

/** nginx's error of an option that is none, or has a value that is none. */
function invalidOption(option: string, place: SourcePlace): ConfigError {
  const [name = "", value = ""] = option.split("=");
  switch (name) {
    case "rcvbuf":
    case "sndbuf":
      return new ConfigError(
        `invalid ${name} "${option}"`,
        place,
        "expected bytes, or a number with k or m, as in 64k",
      );
    case "so_keepalive":
      return new ConfigError(
        `invalid so_keepalive value: "${value}"`,
        place,
        "expected on, off or idle:interval:count",
      );
  }
  return new ConfigError(
    `invalid parameter "${option}"`,
    place,
    "listen: expected [address:]port[-port] [default_server] [ssl] " +
      "[backlog=number] [ipv6only=on|off]",
  );
}

/** `port`, `address`, `address:port`, `[ipv6]` or `[ipv6]:port`. */
export function parseAddress(
  text: string,
  place: SourcePlace,
): { hostname: string; port: number } {
  const { hostname, ports } = parseAddresses(text, place);
  const [port, ...more] = ports;
  if (more.length > 0) throw invalidPort(text, place);
  return { hostname, port: port! };
}

/** As {@linkcode parseAddress}, and `first-last` for several ports. */
function parseAddresses(
  text: string,
  place: SourcePlace,
): { hostname: string; ports: number[] } {
  if (text.startsWith("unix:")) {
    throw new ConfigError(
      `"${text}": unix sockets are not supported by webserv`,
      place,
      "expected [address:]port; 127.0.0.1:port is for this machine alone",
    );
  }
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const hostname = ipv6Address(bracketed[1]!);
    if (hostname === undefined) throw invalidIpv6(text, place);
    return { hostname, ports: parsePorts(bracketed[2] ?? "80", text, place) };
  }
  if (text.startsWith("[")) {
    throw text.includes("]") ? invalidIpv6(text, place) : new ConfigError(
      `invalid host in "${text}" of the "listen" directive`,
      place,
      'expected "]" behind the address',
    );
  }
  if (/^\d+(?:-\d+)?$/.test(text)) {
    return { hostname: ANY_IPV4, ports: parsePorts(text, text, place) };
  }
  const [host = "", port, ...more] = text.split(":");
  if (more.length > 0) throw hostNotFound(text, place);
  const hostname = host === "*"
    ? ANY_IPV4
    : host === "localhost"
    ? "127.0.0.1"
    : host;
  if (addressBytes(hostname)?.length !== 4) throw hostNotFound(text, place);
  return { hostname, ports: parsePorts(port ?? "80", text, place) };
}

function invalidIpv6(text: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `invalid IPv6 address in "${text}" of the "listen" directive`,
    place,
    "expected an address in brackets, and a port behind them: [::1]:8080",
  );
}

function hostNotFound(text: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `host not found in "${text}" of the "listen" directive`,
    place,
    "expected a port, an IPv4 address, or an IPv6 address in brackets",
  );
}

function invalidPort(whole: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `invalid port in "${whole}" of the "listen" directive`,
    place,
    `a port is a number up to ${HIGHEST_PORT}, or two with - between them`,
  );
}

/** `port` or `first-last`. */
function parsePorts(text: string, whole: string, place: SourcePlace): number[] {
  const words = text.split("-");
  const first = parsePort(words[0]!);
  const last = parsePort(words.at(-1)!);
  if (first === undefined || last === undefined || words.length > 2) {
    throw invalidPort(whole, place);
  }
  if (last < first) {
    throw new ConfigError(
      `invalid port range in "${whole}" of the "listen" directive`,
      place,
      "expected the lower port first",
    );
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function parsePort(text: string): number | undefined {
  const port = parseInteger(text);
  return port !== undefined && port <= HIGHEST_PORT ? port : undefined;
}

/** The shortest form of an IPv6 address, `undefined` if it is none. */
function ipv6Address(text: string): string | undefined {
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
}

/** Addresses. */
export const listenModule: Module = {
  name: "listen",
  directives: [listenDirective],
};
