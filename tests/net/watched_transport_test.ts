import { assertEquals, assertRejects } from "@std/assert";
import { INPUT_MEMORY } from "../../src/bytes/byte_buffer.ts";
import { WatchedTransport } from "../../src/net/watched_transport.ts";
import { FakeNative } from "../support/fake_native.ts";
import {
  FakeTransport,
  type FakeTransportScript,
} from "../support/fake_transport.ts";
import { textOf } from "../support/latin1.ts";
import { pause } from "../server/session_support.ts";

/** A watched transport, and what was told of its client's leaving. */
function watch(script: FakeTransportScript = {}) {
  const socket = new FakeTransport(script);
  const told: unknown[] = [];
  const transport = new WatchedTransport(socket, (error) => told.push(error));
  return { socket, told, transport };
}

async function readAll(transport: WatchedTransport): Promise<string> {
  let text = "";
  const target = new Uint8Array(5000);
  for (;;) {
    const count = await transport.read(target);
    if (count === null) return text;
    text += textOf(target.subarray(0, count));
  }
}

Deno.test("a client that leaves while it is watched is noticed once", async () => {
  for (const [last, error] of [[null], [new Error("gone"), "gone"]] as const) {
    const { told, transport } = watch({ reads: ["a", 0, "b", last] });
    transport.watch();
    transport.watch();
    await pause(10);
    assertEquals(told.length, 1);
    assertEquals((told[0] as Error | undefined)?.message, error);
    transport.release();
  }
});

Deno.test("what came while it was watched is read first, whatever the end is", async () => {
  const large = "x".repeat(3000);
  const { socket, told, transport } = watch({ reads: ["a", large] });
  transport.watch();
  await pause(5);
  transport.unwatch();
  socket.push("c", null);
  assertEquals(await readAll(transport), `a${large}c`);
  assertEquals(told, [], "a reader is told by the read");

  const broken = watch({ reads: ["a"] });
  broken.transport.watch();
  await pause(5);
  broken.transport.unwatch();
  broken.socket.push(new Error("gone"));
  await pause(5);
  assertEquals(await broken.transport.read(new Uint8Array(9)), 1);
  await assertRejects(
    async () => await broken.transport.read(new Uint8Array(9)),
    Error,
    "gone",
  );
});

Deno.test("a read goes before watching, and waits for what is on its way", async () => {
  const { socket, told, transport } = watch();
  transport.watch();
  const read = transport.read(new Uint8Array(9));
  transport.watch();
  socket.push("ab", "cd");
  assertEquals(await read, 2);
  assertEquals(socket.calls.read, 1);
  socket.push(null);
  assertEquals(await readAll(transport), "cd");
  assertEquals(told, []);
});

Deno.test("no more is kept than may be, and nothing in the end", async () => {
  const before = INPUT_MEMORY.bytes;
  const reads = Array.from({ length: 100 }, () => "x".repeat(1000));
  const { socket, told, transport } = watch({ reads: [...reads, null] });
  transport.watch();
  await pause(10);
  assertEquals([socket.calls.read < 30, told], [true, []]);
  transport.watch();
  await pause(5);
  assertEquals((await readAll(transport)).length, 100_000);
  assertEquals(INPUT_MEMORY.bytes, before);

  const pending = watch();
  pending.transport.watch();
  pending.transport.release();
  pending.transport.finish();
  await pause(5);
  assertEquals(INPUT_MEMORY.bytes, before);
});

Deno.test("a watched transport can what its socket can", async () => {
  assertEquals(watch().transport.readNow, undefined);
  assertEquals(watch().transport.sendsFiles, false);

  const socket = new FakeNative();
  const transport = new WatchedTransport(socket, () => {});
  const waiter = { readable: () => {} };
  const target = new Uint8Array(4);
  const read = () => transport.readNow!(target, waiter);
  assertEquals([read(), socket.waiters], [undefined, [waiter]]);
  // What comes while it is watched is read first.
  transport.watch();
  const pending = read();
  socket.push("abcd", null);
  assertEquals([await pending, textOf(target)], [4, "abcd"]);
  socket.now.push("xyzw");
  assertEquals([read(), textOf(target)], [4, "xyzw"]);
  transport.watch();
  await pause(5);
  assertEquals(await read(), null);

  const part = { file: 7, offset: 1, length: 9 };
  assertEquals([transport.sendsFiles, transport.sendFile(part)], [true, 9]);
  assertEquals(socket.parts, [part]);
  transport.release();
});
