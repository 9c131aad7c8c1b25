import { assert, assertEquals } from "@std/assert";
import {
  Alert,
  engineFailure,
  judgeHello,
  notTls,
  refuse,
  rejected,
  TlsRefusal,
} from "../../../src/net/tls/tls_refusal.ts";
import type { KeyPair, TlsChoice } from "../../../src/net/tls/tls_choice.ts";
import { type HelloParts, helloRecord } from "../../support/client_hello.ts";

const PAIR: KeyPair = { cert: "cert", key: "key" };

const CHOICE: TlsChoice = {
  choose: (name) => name === "no.example" ? undefined : PAIR,
};

/** What a client says, and what it is refused with. */
const HELLOS: readonly (readonly [
  parts: HelloParts,
  alert: number | undefined,
  message?: string,
])[] = [
  [{ name: "a.example" }, undefined],
  [{}, undefined],
  [{ protocols: ["h2", "http/1.1"] }, undefined],
  [{ protocols: ["http/1.0"] }, undefined],
  [
    { protocols: ["h2"] },
    Alert.NoApplicationProtocol,
    "SSL_do_handshake() failed (SSL: no application protocol)",
  ],
  [{ protocols: [] }, Alert.NoApplicationProtocol],
  [{ name: "no.example" }, Alert.UnrecognizedName, "handshake rejected"],
  // nginx looks at the name first.
  [{ name: "no.example", protocols: ["h2"] }, Alert.UnrecognizedName],
  [
    { version: 0x0302 },
    Alert.ProtocolVersion,
    "SSL_do_handshake() failed (SSL: unsupported protocol)",
  ],
  [{ version: 0x0300, name: "no.example" }, Alert.ProtocolVersion],
  [{ version: 0x0301, versions: [0x0304] }, undefined],
];

Deno.test("judgeHello() refuses with the alert that says why", () => {
  for (const [parts, alert, message] of HELLOS) {
    const { refusal, pair } = judgeHello(helloRecord(parts), CHOICE);
    assertEquals(refusal?.alert, alert, JSON.stringify(parts));
    assertEquals(pair, alert === undefined ? PAIR : undefined);
    if (message !== undefined) assertEquals(refusal?.message, message);
  }
});

Deno.test("judgeHello() asks the certificate for its oldest version", () => {
  const pair = { ...PAIR, oldestVersion: 0x0304 };
  const choice = { choose: () => pair };
  for (
    const [parts, alert] of [
      [{ version: 0x0303 }, Alert.ProtocolVersion],
      [{ version: 0x0303, versions: [0x0303] }, Alert.ProtocolVersion],
      [{ version: 0x0303, versions: [0x0304, 0x0303] }, undefined],
    ] as const
  ) {
    const { refusal } = judgeHello(helloRecord(parts), choice);
    assertEquals(refusal?.alert, alert, JSON.stringify(parts));
  }
});

Deno.test("judgeHello() leaves to the engine what it cannot read", () => {
  assertEquals(judgeHello(Uint8Array.of(22, 3, 1, 0, 1, 1), CHOICE), {});
});

/** What the engine says, and the alert for it. */
const FAILURES: readonly (readonly [string, number | undefined])[] = [
  ["peer doesn't support any known protocol", Alert.NoApplicationProtocol],
  ["peer is incompatible: NoCipherSuitesInCommon", Alert.HandshakeFailure],
  ["peer is incompatible: NoKxGroupsInCommon", Alert.HandshakeFailure],
  ["peer is incompatible: Tls12NotOffered", Alert.ProtocolVersion],
  [
    'TLS accept error: received corrupt message of type MissingData("ProtocolVersion")',
    Alert.DecodeError,
  ],
  [
    "received unexpected handshake message: got Finished when expecting ClientHello",
    Alert.UnexpectedMessage,
  ],
  ["received fatal alert: UnknownCA", undefined],
  ["who knows", Alert.HandshakeFailure],
];

Deno.test("engineFailure() finds the alert in what the engine says", () => {
  for (const [text, alert] of FAILURES) {
    const failure = engineFailure(new Error(text));
    assertEquals(failure.alert, alert, text);
    assert(failure instanceof Deno.errors.InvalidData);
    assertEquals(
      failure.message,
      `SSL_do_handshake() failed (SSL: ${
        text.replace("TLS accept error: ", "")
      })`,
    );
  }
  assertEquals(
    engineFailure(new Error(rejected().message)).alert,
    Alert.UnrecognizedName,
  );
});

Deno.test("notTls() tells HTTP from the rest", () => {
  for (const byte of [0x47, 0x50, 0x67]) {
    assertEquals(
      notTls(Uint8Array.of(byte)).message,
      "client sent plain HTTP request to HTTPS port",
    );
  }
  for (const byte of [0, 0x80, 21, 23, 0x20, 0xff]) {
    assertEquals(
      notTls(Uint8Array.of(byte)).message,
      "SSL_do_handshake() failed (SSL: wrong version number)",
    );
  }
});

/** Both ends of a connection. */
async function pair(): Promise<[client: Deno.TcpConn, server: Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
}

Deno.test("refuse() sends the alert also to who sends on", async () => {
  const [client, server] = await pair();
  await client.write(new Uint8Array(30_000));
  const refused = refuse(server, rejected());
  const bytes = new Uint8Array(20);
  const count = await client.read(bytes);
  assertEquals([...bytes.subarray(0, count ?? 0)], [21, 3, 3, 0, 2, 2, 112]);
  assertEquals(await client.read(bytes), null);
  client.close();
  await refused;
});

Deno.test("refuse() says nothing to who has refused, and lets go of the silent", async () => {
  const [client, server] = await pair();
  await refuse(server, new TlsRefusal("received fatal alert", undefined));
  assertEquals(await client.read(new Uint8Array(1)), null);
  client.close();
  const [silent, end] = await pair();
  await refuse(end, rejected());
  silent.close();
});
