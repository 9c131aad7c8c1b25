/**
 * The host a request is for: `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986
 * §3.2.2).
 *
 * The name chooses the virtual host and may become part of a file path
 * (`root /srv/$host`), so it is held to the grammar and to more: as in nginx
 * there are no two dots in a row, and no dot in front, so that it is never
 * `.`, `..` or a hidden file. Percent-encoded octets are allowed by the
 * grammar and are kept as they are, since no name of the DNS needs them.
 * IPvFuture and zone identifiers are rejected: no client can mean them.
 */

import { parseAddress } from "./addresses/network_range.ts";

/** A host and the port beside it. */
export interface HostPort {
  /**
   * The name in lower case and without the trailing dot of a fully qualified
   * one, an IPv4 address, or an IPv6 address in brackets, not empty.
   */
  readonly host: string;
  /** 0 to 65535; undefined when none is given or it is empty (`a.example:`). */
  readonly port: number | undefined;
}

/** Longest host, in characters (RFC 1035 §2.3.4, RFC 3986 §3.2.2). */
export const MAX_HOST_LENGTH = 255;

const MAX_PORT = 65_535;

const DOT = 0x2e;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const PERCENT = 0x25;

/**
 * For each code below 128, whether it is unreserved or a sub-delim of
 * RFC 3986 §2: what a reg-name is made of beside percent-encoded octets.
 */
const IS_REG_NAME: readonly boolean[] = Array.from(
  { length: 128 },
  (_, code) => /[A-Za-z0-9\-._~!$&'()*+,;=]/.test(String.fromCharCode(code)),
);

/**
 * Parses the value of `Host` or the authority of a request target; `undefined`
 * when it is malformed. User information (`user@`) is malformed (RFC 9110
 * §4.2.4), as is an empty host.
 */
export function parseHost(value: string): HostPort | undefined {
  const hostEnd = value.charCodeAt(0) === OPEN_BRACKET
    ? ipv6LiteralEnd(value)
    : regNameEnd(value);
  if (hostEnd <= 0 || hostEnd > MAX_HOST_LENGTH) return undefined;
  let port: number | undefined;
  if (hostEnd < value.length) {
    if (value.charCodeAt(hostEnd) !== COLON) return undefined;
    if (hostEnd + 1 < value.length) {
      port = parsePort(value, hostEnd + 1);
      if (port === undefined) return undefined;
    }
  }
  const nameEnd = value.charCodeAt(hostEnd - 1) === DOT ? hostEnd - 1 : hostEnd;
  return { host: value.slice(0, nameEnd).toLowerCase(), port };
}

/** The position after the reg-name at the beginning, or -1 for a bad one. */
function regNameEnd(value: string): number {
  let i = 0;
  let previous = DOT;
  for (; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === COLON) break;
    if (code === DOT && previous === DOT) return -1;
    if (code === PERCENT) {
      if (!isHex(value.charCodeAt(i + 1))) return -1;
      if (!isHex(value.charCodeAt(i + 2))) return -1;
      i += 2;
    } else if (IS_REG_NAME[code] !== true) {
      return -1;
    }
    previous = code;
  }
  return i;
}

/** The position after the `]` of a valid IPv6 literal, or -1. */
function ipv6LiteralEnd(value: string): number {
  const close = value.indexOf("]");
  return close > 0 && parseAddress(value.slice(1, close))?.length === 16
    ? close + 1
    : -1;
}

/** The decimal number from `at` to the end, 0 to 65535, or `undefined`. */
function parsePort(text: string, at: number): number | undefined {
  if (at >= text.length) return undefined;
  let value = 0;
  for (let i = at; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
    if (value > MAX_PORT) return undefined;
  }
  return value;
}

/** HEXDIG of either case. */
function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) ||
    ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}
