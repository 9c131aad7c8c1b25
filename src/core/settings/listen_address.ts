/** Addresses as `listen` has them: of an interface, or of a Unix socket. */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { parseInteger } from "../../config/units.ts";
import { parseAddress as addressBytes } from "../../http/addresses/network_range.ts";

/** What a server without an address listens on. */
export const ANY_IPV4 = "0.0.0.0";

const HIGHEST_PORT = 65_535;

/** What the address of a Unix socket begins with; nginx takes either case. */
const UNIX_PREFIX = /^unix:/i;

/** Longest path of a Unix socket, in bytes (Linux: `sun_path`, and a NUL). */
const MAX_SOCKET_PATH_BYTES = 107;

const UTF8 = new TextEncoder();

/** An address and a port; of a Unix socket `unix:/path`, and 0. */
export interface HostAndPort {
  /** An IPv4 or IPv6 address without brackets, or `unix:` and a path. */
  readonly hostname: string;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
}

/** `address:port` as it is written in URLs and messages, or `unix:/path`. */
export function addressText({ hostname, port }: HostAndPort): string {
  if (socketPath(hostname) !== undefined) return hostname;
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/** The path of `unix:/path`; `undefined` of other addresses. */
export function socketPath(hostname: string): string | undefined {
  return hostname.startsWith("unix:") ? hostname.slice(5) : undefined;
}

/** `port`, `address`, `address:port`, `[ipv6]` or `[ipv6]:port`. */
export function parseAddress(
  text: string,
  place: SourcePlace,
): HostAndPort {
  const { hostname, ports } = parseAddresses(text, place);
  const [port, ...more] = ports;
  if (more.length > 0) throw invalidPort(text, place);
  return { hostname, port: port! };
}

/** As {@linkcode parseAddress}, and `first-last` for several ports. */
export function parseAddresses(
  text: string,
  place: SourcePlace,
): { hostname: string; ports: number[] } {
  if (UNIX_PREFIX.test(text)) {
    return { hostname: unixAddress(text, place), ports: [0] };
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

/** `unix:/path`; a path that begins otherwise is one from the working folder. */
function unixAddress(text: string, place: SourcePlace): string {
  const path = text.replace(UNIX_PREFIX, "");
  if (path === "") {
    throw new ConfigError(
      `no path in the unix domain socket in "${text}" of the "listen" directive`,
      place,
      "expected a path, as in unix:/run/webserv/site.sock",
    );
  }
  const bytes = UTF8.encode(path).length;
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new ConfigError(
      `too long path in the unix domain socket in "${text}" of the "listen" ` +
        "directive",
      place,
      `it has ${bytes} bytes, and the system takes ${MAX_SOCKET_PATH_BYTES}`,
    );
  }
  return `unix:${path}`;
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
    "expected a port, an IPv4 address, an IPv6 address in brackets, or " +
      "unix:/path",
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
