/** TLS on sockets of the system, which answer without promises. */

import { connect, type TLSSocket } from "node:tls";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { eventLoop } from "../../../src/net/native/event_loop.ts";
import { NativeListener } from "../../../src/net/native/native_listener.ts";
import type { NativeSocket } from "../../../src/net/native/native_socket.ts";
import { TlsTransport } from "../../../src/net/tls/tls_transport.ts";
import type { Transport } from "../../../src/net/transport.ts";
import { Authority } from "../../support/certificates.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const SKIPPED = Deno.build.os !== "linux" ||
  Deno.permissions.querySync({ name: "ffi" }).state !== "granted";

/** Accepts connections of clients that are not this program's. */
class NativeFixture implements AsyncDisposable {
  readonly ca: Authority;
  readonly #listener = new NativeListener(eventLoop()!, {
    hostname: "127.0.0.1",
    port: 0,
    backlog: 64,
  });

  constructor(ca: Authority) {
    this.ca = ca;
  }

  /** A client, and the server's end when the first bytes have been read. */
  async connect(
    first = "?",
    around: (socket: NativeSocket) => Transport = (socket) => socket,
  ): Promise<[TLSSocket, TlsTransport]> {
    const { port } = this.#listener.addr as Deno.NetAddr;
    const client = connect({
      host: "127.0.0.1",
      port,
      servername: "a.test",
      ca: Deno.readTextFileSync(this.ca.path("ca.crt")),
    });
    client.on("error", () => {});
    client.write(first);
    const socket = await this.#listener.accept();
    const cert = Deno.readTextFileSync(this.ca.path("a.crt"));
    const key = Deno.readTextFileSync(this.ca.path("a.key"));
    const pair = { cert, key };
    const server = new TlsTransport(around(socket), { choose: () => pair });
    assertEquals(await readText(server), first);
    return [client, server];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await eventLoop()!.ended;
  }
}

async function readText(socket: TlsTransport): Promise<string> {
  const buffer = new Uint8Array(64);
  const count = await socket.read(buffer);
  return count === null ? "(end)" : textOf(buffer.subarray(0, count));
}

function test(
  name: string,
  fn: (fixture: NativeFixture) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: SKIPPED,
    async fn() {
      using ca = await Authority.create();
      await ca.issue("a", "a.test", 1);
      await using fixture = new NativeFixture(ca);
      await fn(fixture);
    },
  });
}

test("TlsTransport asks, answers and ends without a promise where its socket does", async (fixture) => {
  const [client, server] = await fixture.connect();
  assert(server.isFair);
  const buffer = new Uint8Array(64);
  for (const said of ["one", "two", "three"]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const pending = server.readNow(buffer, { readable: () => resolve() });
    assertEquals(pending, undefined, "nothing has come yet");
    client.write(said);
    await promise;
    const count = server.readNow(buffer, { readable() {} });
    assertEquals(count, said.length);
    assertEquals(textOf(buffer.subarray(0, said.length)), said);
    const answered = new Promise((resolve) => client.once("data", resolve));
    assertEquals(server.write(bytesOf("answer")), 6);
    assertEquals(String(await answered), "answer");
  }
  const ended = new Promise((resolve) => client.once("end", resolve));
  client.resume();
  server.finish();
  await ended;
  client.destroy();
});

test("TlsTransport gives what it has read without asking its socket", async (fixture) => {
  const [client, server] = await fixture.connect();
  const { promise, resolve } = Promise.withResolvers<void>();
  const all = new Uint8Array(64);
  assertEquals(server.readNow(all, { readable: () => resolve() }), undefined);
  client.write("x".repeat(150));
  await promise;
  let count = 0;
  for (let at = 0; at < 150; at += count) {
    assertEquals(server.hasInput, at > 0);
    count = await server.readNow(all, { readable() {} }) ?? 0;
    assert(count > 0);
  }
  assertEquals(server.hasInput, false);
  client.end();
  assertEquals(await readText(server), "(end)");
  assertEquals(server.readNow(all, { readable() {} }), null);
  server.close();
  client.destroy();
});

test("TlsTransport sends a large body whole, and others have their turn", async (fixture) => {
  const [large, sending] = await fixture.connect();
  const [small, answering] = await fixture.connect();
  const body = new Uint8Array(32 * 1024 * 1024).fill(97);
  let sent = 0;
  let got = 0;
  large.on("data", (piece: Uint8Array) => got += piece.length);
  const ended = new Promise((resolve) => large.once("end", resolve));
  const whole = (async () => {
    while (sent < body.length) sent += await sending.write(body.subarray(sent));
    sending.finish();
  })();
  let answers = 0;
  while (sent < body.length) {
    const reply = new Promise((resolve) => small.once("data", resolve));
    small.write("?");
    if (await readText(answering) !== "?") break;
    await answering.write(bytesOf("!"));
    await reply;
    if (sent < body.length) answers++;
  }
  await whole;
  await ended;
  assertEquals(got, body.length);
  assert(answers > 0, "nobody else had a turn");
  answering.close();
  large.destroy();
  small.destroy();
});

test("TlsTransport says of a client that has gone by the next call", async (fixture) => {
  let isGone = false;
  const [client, server] = await fixture.connect("?", (socket) => ({
    isFair: true,
    localAddr: socket.localAddr,
    remoteAddr: socket.remoteAddr,
    read: (target) => socket.read(target),
    write(bytes) {
      if (isGone) throw new Deno.errors.BrokenPipe("gone");
      return socket.write(bytes);
    },
    closeWrite: () => socket.closeWrite(),
    close: () => socket.close(),
  }));
  isGone = true;
  assertEquals(await server.write(bytesOf("answer")), 6);
  const failed = await Promise.resolve()
    .then(() => server.write(bytesOf("more")))
    .catch((error: unknown) => error);
  assert(failed instanceof Deno.errors.BrokenPipe, String(failed));
  assertThrows(() => server.flush(), Deno.errors.BrokenPipe, "gone");
  server.finish();
  client.destroy();
});

test("TlsTransport.flush() waits for an answer that is only on its way", async (fixture) => {
  const { promise: stalls, resolve } = Promise.withResolvers<void>();
  let isFull = false;
  const [client, server] = await fixture.connect("?", (socket) => ({
    isFair: true,
    localAddr: socket.localAddr,
    remoteAddr: socket.remoteAddr,
    read: (target) => socket.read(target),
    write: (bytes) =>
      isFull ? stalls.then(() => socket.write(bytes)) : socket.write(bytes),
    closeWrite: () => socket.closeWrite(),
    close: () => socket.close(),
  }));
  let got = "";
  client.on("data", (piece) => got += String(piece));
  const ended = new Promise((resolve) => client.once("end", resolve));
  assertEquals(server.flush(), undefined, "nothing is on its way");
  isFull = true;
  assertEquals(await server.write(bytesOf("answer")), 6);
  let isSent = false;
  const flushed = server.flush()!.then(() => isSent = true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals([isSent, got], [false, ""]);
  isFull = false;
  resolve();
  await flushed;
  assertEquals(server.flush(), undefined);
  server.finish();
  await ended;
  assertEquals(got, "answer");
  client.destroy();
});
