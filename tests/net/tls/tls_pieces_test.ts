/**
 * TLS on a socket that brings and takes what it likes: in pieces of any size,
 * at once or later, both ways at the same time.
 */

import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import type { Soon, Transport } from "../../../src/net/transport.ts";
import type { KeyPair } from "../../../src/net/tls/tls_choice.ts";
import { TlsTransport } from "../../../src/net/tls/tls_transport.ts";
import { Authority } from "../../support/certificates.ts";
import { concat } from "../../support/latin1.ts";

/** What a socket is like: how much of so much it moves, and whether at once. */
interface Temper {
  part(bytes: number): number;
  isLate(): boolean;
}

/** What a record has beside its content at least, in bytes. */
const LEAST_RECORD = 5 + 16;

const EASY: Temper = { part: (bytes) => bytes, isLate: () => false };

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** A socket before a real one, to whose client it passes things on. */
class FakeSocket implements Transport {
  readonly localAddr: Deno.Addr = addressOf(443);
  readonly remoteAddr: Deno.Addr = addressOf(50_000);
  /** How often it was read from. */
  reads = 0;
  /** What the client has sent and nobody has read. */
  arrived = new Uint8Array(0);
  readonly #conn: Deno.Conn;
  readonly #temper: Temper;
  #isOver = false;
  #wake: (() => void) | undefined;
  /** What is passed on to the client, one piece behind the other. */
  #passed: Promise<void> = Promise.resolve();
  /** Resolves when the client sends nothing more. */
  readonly gathered: Promise<void>;

  constructor(conn: Deno.Conn, temper: Temper) {
    this.#conn = conn;
    this.#temper = temper;
    this.gathered = this.#gather();
  }

  async #gather(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count; (count = await this.#conn.read(buffer)) !== null;) {
        this.arrived = concat([this.arrived, buffer.subarray(0, count)]);
        this.#wake?.();
      }
    } catch {
      // It was closed.
    }
    this.#isOver = true;
    this.#wake?.();
  }

  #pass(act: () => Promise<unknown> | void): void {
    this.#passed = this.#passed.then(async () => {
      await act();
    }).catch(() => {});
  }

  read(target: Uint8Array): Soon<number | null> {
    this.reads++;
    const isLate = this.#temper.isLate();
    if (this.arrived.length > 0 && !isLate) return this.#take(target);
    return this.#takeLater(target, isLate);
  }

  async #takeLater(target: Uint8Array, isLate: boolean) {
    if (isLate) await later();
    while (this.arrived.length === 0) {
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#take(target);
  }

  #take(target: Uint8Array): number {
    const most = Math.min(target.length, this.arrived.length);
    const count = Math.max(1, this.#temper.part(most));
    target.set(this.arrived.subarray(0, count));
    this.arrived = this.arrived.slice(count);
    return count;
  }

  write(bytes: Uint8Array): Soon<number> {
    const send = () => {
      const count = this.#temper.part(bytes.length);
      const copy = bytes.slice(0, count);
      this.#pass(async () => {
        for (let at = 0; at < copy.length;) {
          at += await this.#conn.write(copy.subarray(at));
        }
      });
      return count;
    };
    return this.#temper.isLate() ? later().then(send) : send();
  }

  async closeWrite(): Promise<void> {
    this.#pass(() => this.#conn.closeWrite());
    await this.#passed;
  }

  close(): void {
    this.#pass(() => this.#conn.close());
  }
}

function addressOf(port: number): Deno.Addr {
  return { transport: "tcp", hostname: "127.0.0.1", port };
}

/** A client of `node:tls` and the server's end of its connection. */
class Pair implements AsyncDisposable {
  readonly socket: FakeSocket;
  readonly server: TlsTransport;
  readonly client: TLSSocket;

  private constructor(
    socket: FakeSocket,
    client: TLSSocket,
    pair: KeyPair,
  ) {
    this.socket = socket;
    this.client = client;
    this.server = new TlsTransport(socket, { choose: () => pair });
  }

  static async connect(
    ca: Authority,
    temper: Temper,
    version: Version = "TLSv1.3",
  ): Promise<Pair> {
    const text = (name: string) => Deno.readTextFileSync(ca.path(name));
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const client = connect({
      ...{ host: "127.0.0.1", port, servername: "a.test", ca: text("ca.crt") },
      ...{ minVersion: version, maxVersion: version },
    });
    client.on("error", () => {});
    const socket = new FakeSocket(await listener.accept(), temper);
    return new Pair(socket, client, {
      cert: text("a.crt"),
      key: text("a.key"),
    });
  }

  /** Sends so that each piece has records of its own. */
  async send(piece: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) =>
      this.client.write(piece, () => resolve())
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.client.destroy();
    await this.socket.gathered;
  }
}

type Version = "TLSv1.2" | "TLSv1.3";

function content(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed) % 251);
}

async function authority(): Promise<Authority> {
  const ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  return ca;
}

/** Reads `length` bytes in pieces of at most as many as `rooms` say in turn. */
async function readAll(
  server: TlsTransport,
  length: number,
  rooms: readonly number[],
): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let got = 0, n = 0; got < length; n++) {
    const target = new Uint8Array(rooms[n % rooms.length]!);
    const count = await server.read(target);
    if (count === null) break;
    pieces.push(target.slice(0, count));
    got += count;
  }
  return concat(pieces);
}

for (const room of [1, 18, 127, 128, 512, 1024, 4096, 16_402, 65_536]) {
  Deno.test(`TlsTransport asks for a large record a few times, with room for ${room} bytes`, async () => {
    using ca = await authority();
    await using pair = await Pair.connect(ca, EASY);
    const { client, server, socket } = pair;
    const first = readAll(server, 1, [1]);
    await pair.send(content(1, 0));
    await first;
    const body = content(60_000, 1);
    client.write(body);
    while (socket.arrived.length < body.length) await later();
    const before = socket.reads;
    assertEquals(await readAll(server, body.length, [room]), body);
    // Four records; the first part of each, the rest, and what was cut.
    assertLessOrEqual(socket.reads - before, 12);
  });
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  Deno.test(`TlsTransport takes two bytes of ${version} for no farewell`, async () => {
    using ca = await authority();
    await using pair = await Pair.connect(ca, EASY, version);
    const { client, server, socket } = pair;
    const first = readAll(server, 2, [512]);
    await pair.send(content(2, 0));
    assertEquals(await first, content(2, 0));
    for (const seed of [1, 2]) {
      await pair.send(content(2, seed));
      assertEquals(await readAll(server, 2, [512]), content(2, seed));
    }
    // Behind other content, in one read.
    await pair.send(content(300, 4));
    await pair.send(content(2, 5));
    while (socket.arrived.length < 300 + 2 + 2 * LEAST_RECORD) {
      await later();
    }
    assertEquals(
      await readAll(server, 302, [512]),
      concat([content(300, 4), content(2, 5)]),
    );
    // Both at once: the last one is one.
    await pair.send(content(2, 3));
    const arrived = socket.arrived.length;
    client.end();
    while (socket.arrived.length === arrived) await later();
    assertEquals(await readAll(server, 3, [512]), content(2, 3));
    assertEquals(await server.read(new Uint8Array(9)), null);
  });
}

Deno.test("TlsTransport brings what was sent, however its socket moves it", async () => {
  using ca = await authority();
  // The client of node:tls here fails with EPERM when it is to write nothing.
  const length = fc.integer({ min: 1, max: 70_000 });
  const sizes = fc.array(
    fc.oneof(fc.constantFrom(1, 2, 9, 16_384, 16_393), length),
    { minLength: 1, maxLength: 5 },
  );
  const session = fc.record({
    version: fc.constantFrom<Version>("TLSv1.2", "TLSv1.3"),
    asked: sizes,
    told: sizes,
    rooms: fc.array(
      fc.oneof(fc.constantFrom(1000), fc.integer({ min: 300, max: 40_000 })),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    parts: fc.array(fc.constantFrom(0, 0.01, 0.3, 0.99, 1), {
      minLength: 1,
      maxLength: 7,
    }),
    late: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(session, async (chosen) => {
      const { asked, told, rooms, parts, late } = chosen;
      let moves = 0;
      await using pair = await Pair.connect(ca, {
        // Not nothing for ever, and not a million moves.
        part: (bytes) => {
          const part = parts[moves++ % parts.length]!;
          return moves % 11 === 0 ? bytes : Math.floor(bytes * part);
        },
        isLate: () => late[moves % late.length]!,
      }, chosen.version);
      const { client, server } = pair;
      const up = asked.map((length, i) => content(length, i));
      const down = told.map((length, i) => content(length, 100 + i));
      const got: Uint8Array<ArrayBuffer>[] = [];
      client.on("data", (piece: Uint8Array) => got.push(piece.slice()));
      const ended = once(client, "end");
      const opened = readAll(server, 1, [1]);
      await pair.send(content(1, 42));
      await opened;
      const all = concat(up);
      const read = readAll(server, all.length, rooms);
      const sent = (async () => {
        for (const piece of up) await pair.send(piece);
      })();
      for (const piece of down) {
        for (let at = 0; at < piece.length;) {
          at += await server.write(piece.subarray(at));
        }
      }
      assert(same(await read, all), "what was read");
      await sent;
      server.finish();
      await ended;
      assert(same(concat(got), concat(down)), "what was written");
    }),
    { numRuns: 12 },
  );
});

function same(one: Uint8Array, two: Uint8Array): boolean {
  return one.length === two.length && one.every((byte, i) => byte === two[i]);
}
