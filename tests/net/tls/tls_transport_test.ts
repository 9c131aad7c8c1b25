/** TLS on accepted connections. */

import { connect, type TLSSocket } from "node:tls";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Transport } from "../../../src/net/transport.ts";
import { TlsTransport } from "../../../src/net/tls/tls_transport.ts";
import type { KeyPair, TlsChoice } from "../../../src/net/tls/tls_choice.ts";
import { Alert } from "../../../src/net/tls/tls_refusal.ts";
import { Authority } from "../../support/certificates.ts";
import { helloRecord } from "../../support/client_hello.ts";

/** Accepts one connection after the other, with TLS on them. */
class TlsFixture implements Disposable {
  readonly ca: Authority;
  readonly listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  /** The names that were asked for. */
  readonly names: string[] = [];
  readonly #pairs: ReadonlyMap<string, KeyPair>;

  constructor(ca: Authority, protocols?: readonly string[]) {
    this.ca = ca;
    if (protocols !== undefined) this.#choice.protocolsOf = () => protocols;
    const pair = (file: string): KeyPair => ({
      cert: Deno.readTextFileSync(ca.path(`${file}.crt`)),
      key: Deno.readTextFileSync(ca.path(`${file}.key`)),
    });
    this.#pairs = new Map([["", pair("a")], ["a.test", pair("a")], [
      "b.test",
      pair("b"),
    ]]);
  }

  readonly #choice: TlsChoice & { protocolsOf?: () => readonly string[] } = {
    choose: (name) => {
      this.names.push(name);
      return this.#pairs.get(name);
    },
  };

  secure(accepted: Transport): TlsTransport {
    return new TlsTransport(accepted, this.#choice);
  }

  /** A client's plain connection and the server's end of it. */
  async accept(): Promise<[client: Deno.TcpConn, server: TlsTransport]> {
    const { port } = this.listener.addr;
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    const accepted = await this.listener.accept();
    return [client, this.secure(accepted)];
  }

  /** Both ends, with TLS. */
  async connect(name = "a.test"): Promise<[Deno.TlsConn, TlsTransport]> {
    const [client, server] = await this.accept();
    const secure = await Deno.startTls(client, {
      hostname: name,
      alpnProtocols: ["h2", "http/1.1"],
      caCerts: [Deno.readTextFileSync(this.ca.path("ca.crt"))],
    });
    return [secure, server];
  }

  [Symbol.dispose](): void {
    this.listener.close();
  }
}

async function readText(socket: Pick<Transport, "read">): Promise<string> {
  const buffer = new Uint8Array(7);
  const count = await socket.read(buffer);
  return count === null
    ? "(end)"
    : new TextDecoder().decode(buffer.subarray(0, count));
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function authority(): Promise<Authority> {
  const ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  await ca.issue("b", "b.test", 2);
  return ca;
}

Deno.test("TlsTransport reads and writes", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const [client, server] = await fixture.connect();
  const portOf = (address: Deno.Addr) => (address as Deno.NetAddr).port;
  assertEquals(portOf(server.remoteAddr), portOf(client.localAddr));
  assertEquals(portOf(server.localAddr), portOf(fixture.listener.addr));
  const handshake = client.handshake();
  const read = readText(server);
  assertEquals((await handshake).alpnProtocol, "http/1.1");
  await client.write(bytesOf("hello, world"));
  // A small buffer gets it in pieces.
  assertEquals(await read + await readText(server), "hello, world");
  assertEquals(await server.write(bytesOf("ok")), 2);
  assertEquals(await readText(client), "ok");
  await client.closeWrite();
  assertEquals(await readText(server), "(end)");
  await server.write(bytesOf("last"));
  server.finish();
  assertEquals(await readText(client), "last");
  assertEquals(await readText(client), "(end)");
  client.close();
});

Deno.test("TlsTransport passes a large body on", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const [client, server] = await fixture.connect();
  const body = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
  async function write(): Promise<void> {
    for (let rest = body; rest.length > 0;) {
      const count = await server.write(rest.subarray(0, 200_000));
      rest = rest.subarray(count);
    }
    server.finish();
  }
  const asked = readText(server);
  await client.write(bytesOf("?"));
  assertEquals(await asked, "?");
  const written = write();
  const got = new Uint8Array(
    await new Response(client.readable)
      .arrayBuffer(),
  );
  await written;
  assert(got.length === body.length && got.every((b, i) => b === body[i]));
});

Deno.test("TlsTransport chooses by name", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  for (
    const [name, works] of [["b.test", true], ["c.test", false]] as const
  ) {
    const [client, server] = await fixture.connect(name);
    const read = Promise.resolve(server.read(new Uint8Array(9))).then(
      String,
      (error) => {
        assert(error instanceof Deno.errors.InvalidData, String(error));
        return "refused";
      },
    );
    if (works) {
      await client.handshake();
      await client.write(bytesOf("x"));
      assertEquals(await read, "1");
    } else {
      await assertRejects(() => client.handshake());
      assertEquals(await read, "refused");
    }
    server.close();
    client.close();
  }
  assertEquals(fixture.names.filter((name) => name === "b.test"), [
    "b.test",
  ]);
});

Deno.test("TlsTransport lets go of a silent client", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  for (const bytes of [[], [0x16, 3, 1, 2, 0, 1]]) {
    const [client, server] = await fixture.accept();
    await client.write(new Uint8Array(bytes));
    const read = Promise.resolve(server.read(new Uint8Array(1)))
      .catch((error) => error);
    await new Promise((resolve) => setTimeout(resolve, 30));
    server.close();
    const end = client.read(new Uint8Array(1)).catch(() => null);
    assertEquals(await end, null, "the client sees the end");
    assert(await read instanceof Error);
    client.close();
  }
});

Deno.test("TlsTransport tells the client why it is refused", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const refusals: readonly (readonly [Uint8Array<ArrayBuffer>, number])[] = [
    [helloRecord({ name: "no.test" }), Alert.UnrecognizedName],
    [
      helloRecord({ name: "a.test", protocols: ["h2"] }),
      Alert.NoApplicationProtocol,
    ],
    [helloRecord({ version: 0x0301 }), Alert.ProtocolVersion],
    // The engine does not like it: there are no signature algorithms.
    [helloRecord({ name: "a.test" }), Alert.HandshakeFailure],
    [bytesOf("\0\x01\x02\x03\x04"), Alert.ProtocolVersion],
  ];
  for (const [bytes, alert] of refusals) {
    const [client, server] = await fixture.accept();
    await client.write(bytes);
    const refused = assertRejects(
      () => server.read(new Uint8Array(9)),
      Deno.errors.InvalidData,
    );
    const answer = new Uint8Array(99);
    const count = await client.read(answer);
    const record = [...answer.subarray(0, count ?? 0)];
    assertEquals([record[0], record.at(-2)], [21, 2], String(record));
    // The runtime's own engine, where it answers, has its own opinion.
    if (alert !== Alert.HandshakeFailure) {
      assertEquals(record.at(-1), alert);
    }
    await refused;
    server.close();
    assertEquals(await client.read(answer), null);
    client.close();
  }
});

Deno.test("TlsTransport says what is not TLS", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const [client, server] = await fixture.accept();
  await client.write(bytesOf("\0\0\0\0\0"));
  await assertRejects(
    () => server.read(new Uint8Array(9)),
    Deno.errors.InvalidData,
  );
  server.close();
  client.close();
});

Deno.test("TlsTransport hands on who speaks HTTP in the clear", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const [client, server] = await fixture.accept();
  await client.write(bytesOf("GET / HTTP"));
  assertEquals(await readText(server), "GET / H");
  assertEquals([server.isPlain, server.tls], [true, undefined]);
  assertEquals(await readText(server), "TTP");
  await client.write(bytesOf("/1.1"));
  assertEquals(await readText(server), "/1.1");
  await server.write(bytesOf("400"));
  assertEquals(await readText(client), "400");
  server.finish();
  assertEquals(await readText(client), "(end)");
  client.close();
});

/** Passes on what comes in pieces of `size` bytes, one by one. */
async function passInPieces(
  from: Deno.Conn,
  to: Deno.Conn,
  size: number,
  passesEnd = true,
): Promise<void> {
  const buffer = new Uint8Array(size);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      await to.write(buffer.subarray(0, count));
      // A turn of the event loop: the other side sees each piece alone.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (passesEnd) await to.closeWrite();
  } catch {
    // Both ends are closed by the test.
  }
}

Deno.test("TlsTransport takes what comes byte by byte", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [near, [far, server]] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: relay.addr.port }),
    fixture.accept(),
  ]);
  const middle = await relay.accept();
  middle.setNoDelay(true);
  far.setNoDelay(true);
  const passed = [passInPieces(middle, far, 7), passInPieces(far, middle, 999)];
  const client = await Deno.startTls(near, {
    hostname: "a.test",
    caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
  });
  const read = readText(server);
  await client.write(bytesOf("hello"));
  assertEquals(await read, "hello");
  await server.write(bytesOf("ok"));
  assertEquals(await readText(client), "ok");
  await client.write(bytesOf("again"));
  assertEquals(await readText(server), "again");
  server.close();
  client.close();
  await Promise.all(passed);
  far.close();
  middle.close();
});

/** The first record again, as several of `size` bytes of content. */
function inRecords(record: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (let at = 5; at < record.length; at += size) {
    const piece = record.subarray(at, at + size);
    bytes.push(22, 3, 1, piece.length >> 8, piece.length & 0xff, ...piece);
  }
  return Uint8Array.from(bytes);
}

Deno.test("TlsTransport takes a hello in several records", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [near, [far, server]] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: relay.addr.port }),
    fixture.accept(),
  ]);
  const middle = await relay.accept();
  const handshake = Deno.startTls(near, {
    hostname: "b.test",
    caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
  }).then(async (client) => {
    await client.handshake();
    return client;
  });
  const read = readText(server);
  const hello = new Uint8Array(4096);
  const count = await middle.read(hello);
  await far.write(inRecords(hello.subarray(0, count!), 100));
  const passed = [
    passInPieces(middle, far, 4096),
    passInPieces(far, middle, 4096),
  ];
  const client = await handshake;
  assertEquals(fixture.names, ["b.test"]);
  await client.write(bytesOf("hi"));
  assertEquals(await read, "hi");
  assertEquals(server.tls?.serverName, "b.test");
  server.close();
  client.close();
  await Promise.all(passed);
  far.close();
  middle.close();
});

Deno.test("TlsTransport holds no more than a write that nobody takes", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const [client, server] = await fixture.connect();
  const asked = readText(server);
  await client.write(bytesOf("?"));
  await asked;
  const piece = new Uint8Array(100_000);
  let taken = 0;
  let stalled = false;
  // The client does not read: its socket and ours are full at some time.
  while (!stalled && taken < 100_000_000) {
    let timer;
    const late = new Promise<null>((resolve) =>
      timer = setTimeout(() => resolve(null), 300)
    );
    const write = Promise.resolve(server.write(piece));
    const count = await Promise.race([write, late]);
    clearTimeout(timer);
    stalled = count === null;
    taken += count ?? 0;
    if (stalled) {
      const failed = assertRejects(() => write);
      server.close();
      await failed;
    }
  }
  assert(stalled, `took ${taken} bytes`);
  await assertRejects(async () => await server.write(piece));
  client.close();
});

Deno.test("TlsTransport tells of records that are broken", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const [near, server] = await fixture.accept();
  // A client that leaves without a farewell has left.
  const client = await Deno.startTls(near, {
    hostname: "a.test",
    caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
  });
  const read = readText(server);
  await client.write(bytesOf("x"));
  await read;
  client.close();
  assertEquals(await readText(server), "(end)");
  server.close();
  using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [outer, [far, other]] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: relay.addr.port }),
    fixture.accept(),
  ]);
  const middle = await relay.accept();
  const passed = passInPieces(middle, far, 4096);
  const back = passInPieces(far, middle, 4096);
  const second = await Deno.startTls(outer, {
    hostname: "a.test",
    caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
  });
  const first = readText(other);
  await second.write(bytesOf("x"));
  await first;
  const next = assertRejects(
    async () => await other.read(new Uint8Array(99)),
    Deno.errors.InvalidData,
  );
  await far.write(Uint8Array.of(23, 3, 3, 0, 20, ...new Uint8Array(20)));
  await next;
  // The client is told by an alert, and nothing more can be said.
  await assertRejects(() => second.read(new Uint8Array(9)));
  await assertRejects(async () => await other.write(bytesOf("x")));
  other.close();
  second.close();
  await Promise.all([passed, back]);
  far.close();
  middle.close();
});

Deno.test("TlsTransport ends what is no HTTP after its handshake", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca, ["acme-tls/1"]);
  const [near, server] = await fixture.accept();
  const client = await Deno.startTls(near, {
    hostname: "a.test",
    alpnProtocols: ["acme-tls/1"],
    caCerts: [Deno.readTextFileSync(ca.path("ca.crt"))],
  });
  const end = readText(server);
  assertEquals((await client.handshake()).alpnProtocol, "acme-tls/1");
  assertEquals(await end, "(end)");
  assertEquals(server.tls?.application, "acme-tls/1");
  server.finish();
  assertEquals(await readText(client), "(end)");
  client.close();
});

Deno.test("TlsTransport survives whatever comes first", async () => {
  using ca = await authority();
  using fixture = new TlsFixture(ca);
  const whole = helloRecord({
    name: "a.test",
    protocols: ["http/1.1"],
    versions: [0x0304, 0x0303],
    groups: [0x001d],
    signatures: [0x0403, 0x0804],
  });
  // Each byte in turn is another one; all of it comes, and then the end.
  for (let at = 0; at < whole.length; at++) {
    const bytes = whole.slice();
    bytes[at] = bytes[at]! ^ (at % 2 === 0 ? 0xff : 1 << (at % 8));
    const [client, server] = await fixture.accept();
    await client.write(bytes);
    await client.closeWrite();
    const target = new Uint8Array(99);
    const outcome = await Promise.resolve(server.read(target)).then(
      (count) => server.isPlain ? "plain" : count,
      (error) => error,
    );
    assert(
      outcome === "plain" || outcome === null ||
        outcome instanceof Deno.errors.InvalidData ||
        outcome instanceof Deno.errors.UnexpectedEof,
      `${at}: ${outcome}`,
    );
    server.close();
    client.close();
  }
});

/** A client of `node:tls`, whose version is chosen. */
function nodeClient(
  port: number,
  ca: string,
  version: "TLSv1.2" | "TLSv1.3",
): TLSSocket {
  return connect({
    ...{ host: "127.0.0.1", port, servername: "a.test", ca },
    ...{ minVersion: version, maxVersion: version },
  });
}

const FAREWELLS = (["TLSv1.2", "TLSv1.3"] as const).flatMap((version) =>
  [4096, 22, 1].map((bytes) => ({ version, bytes }))
);

for (const { version, bytes } of FAREWELLS) {
  Deno.test(`TlsTransport sees the farewell of a client of ${version} that stays, by ${bytes} bytes`, async () => {
    using ca = await authority();
    using fixture = new TlsFixture(ca);
    using relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [far, server] = await fixture.accept();
    const socket = nodeClient(
      relay.addr.port,
      Deno.readTextFileSync(ca.path("ca.crt")),
      version,
    );
    socket.on("error", () => {});
    const middle = await relay.accept();
    // The end of the socket is not passed on.
    const passed = passInPieces(middle, far, bytes, false);
    const back = passInPieces(far, middle, 4096);
    // Two bytes are as long as a farewell, and are none.
    socket.write("hi");
    assertEquals(await readAtLeast(server, 2), "hi");
    socket.write("yo");
    assertEquals(await readAtLeast(server, 2), "yo");
    assertEquals(server.tls?.protocol, version);
    socket.end();
    assertEquals(await readAtLeast(server, 1), "(end)");
    server.close();
    socket.destroy();
    far.close();
    middle.close();
    await Promise.all([passed, back]);
  });
}

/** Reads until there are so many characters, or the end comes. */
async function readAtLeast(
  socket: Pick<Transport, "read">,
  length: number,
): Promise<string> {
  let text = "";
  while (text.length < length) {
    const next = await readText(socket);
    text += next;
    if (next === "(end)") break;
  }
  return text;
}
