/**
 * The PROXY protocol (HAProxy's specification of 2020, versions 1 and 2): what
 * a proxy says of its client before the first byte of the connection proper.
 *
 * Where nginx is lenient this keeps to the specification: addresses of
 * version 1 must be ones of their family, ports have no zeros in front, a line
 * has at most 107 bytes, and a command or family that nobody has defined ends
 * the connection. Behind a proxy none of this comes up.
 */

import { CR, latin1, LF } from "../../bytes/ascii.ts";
import { addressText, parseAddress } from "./network_range.ts";

/** Most bytes of a header: `NGX_PROXY_PROTOCOL_MAX_HEADER` of nginx. */
export const MAX_PROXY_HEADER_BYTES = 4096;

/** Most bytes of a line of version 1, `\r\n` included (§2.1). */
const MAX_LINE_BYTES = 107;

/** What version 2 begins with (§2.2). */
const SIGNATURE = Uint8Array.of(
  0x0d,
  0x0a,
  0x0d,
  0x0a,
  0x00,
  0x0d,
  0x0a,
  0x51,
  0x55,
  0x49,
  0x54,
  0x0a,
);

/** What version 1 begins with (§2.1). */
const WORD = new TextEncoder().encode("PROXY ");

/** Signature, version and command, family and transport, length. */
const FIXED_BYTES = 16;

const NO_BYTES = new Uint8Array();

/** One end of a proxied connection. */
export interface ProxiedEndpoint {
  /** An IPv4 or IPv6 address, without brackets. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** What a proxy has said. */
export interface ProxyHeader {
  /** Its client; `undefined` if it did not say, or speaks for itself. */
  readonly client: ProxiedEndpoint | undefined;
  /** Where its client connected to. */
  readonly server: ProxiedEndpoint | undefined;
  /** What else it said, as a sequence of type, length and value (§2.2.6). */
  readonly tlvs: Uint8Array;
}

/** What the first bytes of a connection are. */
export type ProxyHeaderResult =
  /** The beginning of a header. */
  | { readonly kind: "incomplete" }
  /** A header of `length` bytes; what follows is the connection proper. */
  | {
    readonly kind: "complete";
    readonly header: ProxyHeader;
    readonly length: number;
  }
  /** No header; `reason` as nginx logs it. */
  | { readonly kind: "broken"; readonly reason: string };

const INCOMPLETE: ProxyHeaderResult = { kind: "incomplete" };

/** A proxy that says nothing of a client. */
const UNSAID: ProxyHeader = {
  client: undefined,
  server: undefined,
  tlvs: NO_BYTES,
};

/** Reads the header that `bytes`, all that has come so far, begin with. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeaderResult {
  if (bytes.length === 0) return INCOMPLETE;
  if (agrees(bytes, SIGNATURE)) return readBinary(bytes);
  if (agrees(bytes, WORD)) return readLine(bytes);
  return brokenHeader(bytes);
}

/** What a connection that ends within its header is logged with. */
export function brokenHeader(
  bytes: Uint8Array,
): ProxyHeaderResult & { readonly kind: "broken" } {
  const end = bytes.findIndex((byte) => byte === CR || byte === LF);
  const line = bytes.subarray(0, end < 0 ? MAX_LINE_BYTES : end);
  return {
    kind: "broken",
    reason: `broken header: "${latin1(line, 0, line.length)}"`,
  };
}

/** Whether `bytes` begin as `start` does, as far as they go. */
function agrees(bytes: Uint8Array, start: Uint8Array): boolean {
  const length = Math.min(bytes.length, start.length);
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== start[i]) return false;
  }
  return true;
}

/** Version 1: `PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\r\n`. */
function readLine(bytes: Uint8Array): ProxyHeaderResult {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(LF);
  if (end < 0) {
    return bytes.length < MAX_LINE_BYTES ? INCOMPLETE : brokenHeader(bytes);
  }
  if (bytes[end - 1] !== CR) return brokenHeader(bytes);
  const line = latin1(bytes, WORD.length, end - 1);
  const length = end + 1;
  if (/^UNKNOWN(?: |$)/.test(line)) {
    return { kind: "complete", header: UNSAID, length };
  }
  const [family, from = "", to = "", fromPort, toPort, ...more] = line
    .split(" ");
  const client = endpoint(from, fromPort, family);
  const server = endpoint(to, toPort, family);
  if (client === undefined || server === undefined || more.length > 0) {
    return brokenHeader(bytes);
  }
  const header = { client, server, tlvs: NO_BYTES };
  return { kind: "complete", header, length };
}

function endpoint(
  address: string,
  port: string | undefined,
  family: string | undefined,
): ProxiedEndpoint | undefined {
  const bytes = family === "TCP4" ? 4 : family === "TCP6" ? 16 : NaN;
  if (parseAddress(address)?.length !== bytes) return undefined;
  if (!/^(?:0|[1-9]\d{0,4})$/.test(port ?? "")) return undefined;
  const number = Number(port);
  return number <= 0xffff ? { address, port: number } : undefined;
}

/** Version 2: fields in network byte order. */
function readBinary(bytes: Uint8Array): ProxyHeaderResult {
  if (bytes.length < FIXED_BYTES) return INCOMPLETE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const versionAndCommand = view.getUint8(12);
  const version = versionAndCommand >> 4;
  if (version !== 2) {
    return broken(`unknown PROXY protocol version: ${version}`);
  }
  const length = FIXED_BYTES + view.getUint16(14);
  if (length > MAX_PROXY_HEADER_BYTES) return broken("header is too large");
  if (bytes.length < length) return INCOMPLETE;
  const done = (header: ProxyHeader): ProxyHeaderResult => ({
    kind: "complete",
    header,
    length,
  });
  switch (versionAndCommand & 0x0f) {
    case 0: // LOCAL: the proxy speaks for itself, and asks how we are.
      return done(UNSAID);
    case 1:
      break;
    default:
      return broken(
        `unknown PROXY protocol command: ${versionAndCommand & 0x0f}`,
      );
  }
  const family = view.getUint8(13) >> 4;
  const transport = view.getUint8(13) & 0x0f;
  if (family > 3 || transport > 2) {
    return broken(
      `unknown PROXY protocol address family: ${view.getUint8(13)}`,
    );
  }
  // Unix sockets have no addresses that could be told, and of what is no
  // stream nginx takes none.
  if (family === 0 || family === 3 || transport !== 1) return done(UNSAID);
  const size = family === 1 ? 4 : 16;
  const addressesEnd = FIXED_BYTES + 2 * size + 4;
  if (length < addressesEnd) {
    return broken(
      `broken header: ${length - FIXED_BYTES} bytes of addresses, expected ${
        2 * size + 4
      }`,
    );
  }
  const at = (index: number): ProxiedEndpoint => {
    const start = FIXED_BYTES + index * size;
    return {
      address: addressText(bytes.subarray(start, start + size)),
      port: view.getUint16(FIXED_BYTES + 2 * size + 2 * index),
    };
  };
  return done({
    client: at(0),
    server: at(1),
    tlvs: bytes.slice(addressesEnd, length),
  });
}

function broken(reason: string): ProxyHeaderResult {
  return { kind: "broken", reason };
}

/**
 * The value of the first TLV of `type` in a sequence of them; `undefined` if
 * there is none, or the sequence is broken before it.
 */
export function findTlv(
  tlvs: Uint8Array,
  type: number,
): Uint8Array | undefined {
  for (let at = 0; at + 3 <= tlvs.length;) {
    const start = at + 3;
    const end = start + (tlvs[at + 1]! << 8 | tlvs[at + 2]!);
    if (end > tlvs.length) return undefined;
    if (tlvs[at] === type) return tlvs.subarray(start, end);
    at = end;
  }
  return undefined;
}
