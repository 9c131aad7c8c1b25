/** Variables of the connection: its ends, and what a proxy said of its client. */

import {
  ascii,
  bytes,
  type Variable,
  type VariableFamily,
} from "../config/variables.ts";
import { latin1 } from "../bytes/ascii.ts";
import {
  findTlv,
  type ProxiedEndpoint,
  type ProxyHeader,
} from "../http/addresses/proxy_protocol.ts";
import type { Exchange } from "./exchange.ts";

/** A port as text, empty for Unix sockets, which have none. */
export function portText(port: number | undefined): string {
  return port === undefined || port === 0 ? "" : String(port);
}

/** A part of one end of what was proxied; empty if the proxy did not say. */
function proxied(
  end: "client" | "server",
  part: (end: ProxiedEndpoint | undefined) => string,
): Variable<Exchange> {
  return ascii(({ connection }) => {
    const header = connection.proxied;
    return header === undefined ? undefined : part(header[end]);
  });
}

/** Variables by name. */
export const CONNECTION_VARIABLES: Readonly<
  Record<string, Variable<Exchange>>
> = {
  remote_addr: ascii((x) => x.remoteAddress),
  remote_port: ascii((x) => portText(x.remotePort)),
  server_addr: ascii((x) => x.connection.localAddress),
  server_port: ascii((x) => portText(x.connection.localPort)),
  proxy_protocol_addr: proxied("client", (end) => end?.address ?? ""),
  proxy_protocol_port: proxied("client", (end) => portText(end?.port)),
  proxy_protocol_server_addr: proxied("server", (end) => end?.address ?? ""),
  proxy_protocol_server_port: proxied("server", (end) => portText(end?.port)),
};

/** `PP2_TYPE_SSL`: what the proxy knows of its client's TLS. */
const SSL_TYPE = 0x20;

/** What precedes the TLVs in it: flags, and the result of the check. */
const SSL_FIXED_BYTES = 5;

/** The TLVs that have a name in nginx. */
const TLV_TYPES: Readonly<Record<string, number>> = {
  alpn: 0x01,
  authority: 0x02,
  unique_id: 0x05,
  ssl: SSL_TYPE,
  netns: 0x30,
};

/** Those within {@linkcode SSL_TYPE}. */
const SSL_TLV_TYPES: Readonly<Record<string, number>> = {
  version: 0x21,
  cn: 0x22,
  cipher: 0x23,
  sig_alg: 0x24,
  key_alg: 0x25,
};

/** `0x2a` as a number. */
function hexType(name: string): number | undefined {
  return /^0x[0-9a-f]{1,2}$/.test(name) ? Number(name) : undefined;
}

/** How a TLV is read, by what follows `$proxy_protocol_tlv_`. */
function tlvReader(
  name: string,
): (header: ProxyHeader) => Uint8Array | string | undefined {
  const ssl = /^ssl_(.*)$/.exec(name)?.[1];
  if (ssl === undefined) {
    const type = TLV_TYPES[name] ?? hexType(name);
    return ({ tlvs }) => type === undefined ? undefined : findTlv(tlvs, type);
  }
  if (ssl === "verify") {
    return ({ tlvs }) => {
      const value = findTlv(tlvs, SSL_TYPE);
      if (value === undefined || value.length < SSL_FIXED_BYTES) return;
      return String(
        new DataView(value.buffer, value.byteOffset).getUint32(1),
      );
    };
  }
  const type = SSL_TLV_TYPES[ssl] ?? hexType(ssl);
  return ({ tlvs }) => {
    const value = findTlv(tlvs, SSL_TYPE)?.subarray(SSL_FIXED_BYTES);
    return value === undefined || type === undefined
      ? undefined
      : findTlv(value, type);
  };
}

/** `$proxy_protocol_tlv_...`, by name (`alpn`) or by number (`0x01`). */
const tlvVariable: VariableFamily<Exchange> = (suffix) => {
  const read = tlvReader(suffix);
  return bytes(({ connection }) => {
    const header = connection.proxied;
    const value = header === undefined ? undefined : read(header);
    return value instanceof Uint8Array ? latin1(value, 0, value.length) : value;
  });
};

/** Families by prefix. */
export const CONNECTION_FAMILIES: Readonly<
  Record<string, VariableFamily<Exchange>>
> = { proxy_protocol_tlv_: tlvVariable };
