import { assertEquals } from "@std/assert";
import {
  CONNECTION_FAMILIES,
  CONNECTION_VARIABLES,
} from "../../src/core/connection_variables.ts";
import type { ConnectionInfo, Exchange } from "../../src/core/exchange.ts";
import type { ProxyHeader } from "../../src/http/addresses/proxy_protocol.ts";
import { bytesOf } from "../support/latin1.ts";

function read(name: string, connection: Partial<ConnectionInfo>) {
  const family = name.startsWith("proxy_protocol_tlv_")
    ? CONNECTION_FAMILIES["proxy_protocol_tlv_"]!(name.slice(19))
    : CONNECTION_VARIABLES[name]!;
  const { remoteAddress, remotePort } = connection;
  return family.read({ connection, remoteAddress, remotePort } as Exchange);
}

const SAID: ProxyHeader = {
  client: { address: "192.0.2.9", port: 5 },
  server: { address: "2001:db8::1", port: 443 },
  tlvs: bytesOf(""),
};
const UNSAID: ProxyHeader = {
  client: undefined,
  server: undefined,
  tlvs: bytesOf(""),
};

Deno.test("variables tell both ends of a connection", () => {
  const unix = {
    remoteAddress: "unix:",
    remotePort: 0,
    localAddress: "unix:/x",
    localPort: 0,
  };
  const tcp = {
    remoteAddress: "192.0.2.1",
    remotePort: 4711,
    localAddress: "::1",
    localPort: 80,
  };
  const rows: [name: string, ofTcp: string, ofUnix: string][] = [
    ["remote_addr", "192.0.2.1", "unix:"],
    ["remote_port", "4711", ""],
    ["server_addr", "::1", "unix:/x"],
    ["server_port", "80", ""],
  ];
  for (const [name, ofTcp, ofUnix] of rows) {
    assertEquals([read(name, tcp), read(name, unix)], [ofTcp, ofUnix], name);
  }
});

Deno.test("variables tell what a proxy has said", () => {
  const rows: [name: string, said: string][] = [
    ["proxy_protocol_addr", "192.0.2.9"],
    ["proxy_protocol_port", "5"],
    ["proxy_protocol_server_addr", "2001:db8::1"],
    ["proxy_protocol_server_port", "443"],
  ];
  for (const [name, said] of rows) {
    assertEquals(
      [SAID, UNSAID, undefined].map((proxied) => read(name, { proxied })),
      [said, "", undefined],
      name,
    );
  }
});

Deno.test("variables tell the TLVs of a proxy, by name or number", () => {
  const ssl = "\x05\0\0\x01\x02" + "\x21\0\x07TLSv1.3" + "\x22\0\x01c" +
    "\x25\0\x03RSA";
  const tlvs = bytesOf(
    "\x01\0\x02h2" + "\x02\0\x09a.example" + "\x05\0\x02\x00\xff" +
      `\x20\0${String.fromCharCode(ssl.length)}${ssl}` + "\xea\0\x01x",
  );
  const proxied = { ...SAID, tlvs };
  const rows: [name: string, value: string | undefined][] = [
    ["alpn", "h2"],
    ["authority", "a.example"],
    ["unique_id", "\x00\xff"],
    ["netns", undefined],
    ["ssl", ssl],
    ["ssl_version", "TLSv1.3"],
    ["ssl_cn", "c"],
    ["ssl_cipher", undefined],
    ["ssl_key_alg", "RSA"],
    ["ssl_verify", "258"],
    ["ssl_0x22", "c"],
    ["0x01", "h2"],
    ["0xea", "x"],
    ["0xEA", undefined],
    ["nope", undefined],
  ];
  for (const [name, value] of rows) {
    const variable = `proxy_protocol_tlv_${name}`;
    assertEquals(read(variable, { proxied }), value, name);
    assertEquals(read(variable, { proxied: UNSAID }), undefined, name);
    assertEquals(read(variable, { proxied: undefined }), undefined, name);
  }
  const cut = { ...SAID, tlvs: bytesOf("\x20\0\x02ab") };
  for (const name of ["ssl_verify", "ssl_version"]) {
    const variable = `proxy_protocol_tlv_${name}`;
    assertEquals(read(variable, { proxied: cut }), undefined);
  }
});
