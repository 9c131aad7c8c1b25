/** Addresses as the system has them: `struct sockaddr` of each family. */

import {
  addressText,
  parseAddress,
} from "../../http/addresses/network_range.ts";

/** Families of addresses, on Linux. */
export const FAMILY = { unix: 1, ipv4: 2, ipv6: 10 } as const;

/** How long each is, in bytes; of a Unix socket the path comes behind. */
const SIZES = { unix: 2, ipv4: 16, ipv6: 28 } as const;

/** The longest path of a Unix socket, in bytes, with a zero behind it. */
const MAX_PATH_BYTES = 108;

/** Where the address itself is, in bytes. */
const ADDRESS_AT = { ipv4: 4, ipv6: 8 } as const;

const PORT_AT = 2;

/** The family of an address as text. */
export function familyOf(hostname: string): number {
  return hostname.includes(":") ? FAMILY.ipv6 : FAMILY.ipv4;
}

/**
 * An address of IPv4 or IPv6 and a port.
 *
 * @throws {RangeError} when it is none
 */
export function encodeAddress(
  hostname: string,
  port: number,
): Uint8Array<ArrayBuffer> {
  const bytes = parseAddress(hostname);
  if (bytes === undefined) throw new RangeError(`${hostname} is no address`);
  const kind = familyOf(hostname) === FAMILY.ipv6 ? "ipv6" : "ipv4";
  const encoded = new Uint8Array(SIZES[kind]);
  const view = new DataView(encoded.buffer);
  view.setUint16(0, FAMILY[kind], true);
  view.setUint16(PORT_AT, port);
  encoded.set(bytes, ADDRESS_AT[kind]);
  return encoded;
}

/**
 * The path of a Unix socket.
 *
 * @throws {RangeError} when it is too long
 */
export function encodePath(path: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(path);
  if (bytes.length >= MAX_PATH_BYTES || bytes.includes(0)) {
    throw new RangeError("path must be shorter than SUN_LEN");
  }
  const encoded = new Uint8Array(SIZES.unix + bytes.length + 1);
  encoded[0] = FAMILY.unix;
  encoded.set(bytes, SIZES.unix);
  return encoded;
}

/** An address of a socket, as the runtime says it. */
export type SocketAddress = Deno.NetAddr | Deno.UnixAddr;

/** What the system has written, as the runtime says it. */
export function decodeAddress(encoded: Uint8Array): SocketAddress {
  // Linux runs with the lowest byte first wherever this does.
  const family = encoded.length < 2
    ? FAMILY.unix
    : encoded[0]! | encoded[1]! << 8;
  if (family !== FAMILY.ipv4 && family !== FAMILY.ipv6) {
    return { transport: "unix", path: "" };
  }
  const kind = family === FAMILY.ipv6 ? "ipv6" : "ipv4";
  const at = ADDRESS_AT[kind];
  const length = kind === "ipv6" ? 16 : 4;
  return {
    transport: "tcp",
    hostname: addressText(encoded.subarray(at, at + length)),
    port: encoded[PORT_AT]! << 8 | encoded[PORT_AT + 1]!,
  };
}
