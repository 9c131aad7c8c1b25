import { assertEquals, assertRejects } from "@std/assert";
import {
  ProxiedTransport,
  ProxyHeaderError,
} from "../../src/net/proxied_transport.ts";
import { FakeNative } from "../support/fake_native.ts";
import { FakeTransport, type ReadStep } from "../support/fake_transport.ts";
import { bytesOf, textOf } from "../support/latin1.ts";

const HEADER = "PROXY TCP4 192.0.2.9 192.0.2.1 5 80\r\n";

/** What `count` reads of `size` bytes give. */
async function readAll(
  reads: readonly ReadStep[],
  { size = 100, count = 10 } = {},
): Promise<{ transport: ProxiedTransport; pieces: string[] }> {
  const transport = new ProxiedTransport(new FakeTransport({ reads }));
  const pieces: string[] = [];
  for (let i = 0; i < count; i++) {
    const target = new Uint8Array(size);
    const read = await transport.read(target);
    if (read === null) break;
    pieces.push(textOf(target.subarray(0, read)));
  }
  return { transport, pieces };
}

Deno.test("ProxiedTransport begins behind the header", async () => {
  const rows: [reads: ReadStep[], pieces: string[]][] = [
    [[HEADER + "abc", null], ["abc"]],
    [[HEADER, "abc", "def", null], ["abc", "def"]],
    [[...HEADER, "a", null], ["a"]],
    [[...HEADER.slice(0, 9), 0, HEADER.slice(9) + "a", "b", null], ["a", "b"]],
    [[HEADER, null], []],
    [[HEADER + HEADER, null], [HEADER]],
    [[null], []],
  ];
  for (const [reads, expected] of rows) {
    const { transport, pieces } = await readAll(reads);
    assertEquals(pieces, expected);
    assertEquals(
      transport.header?.client,
      reads.length === 1 ? undefined : { address: "192.0.2.9", port: 5 },
    );
  }
});

Deno.test("ProxiedTransport gives what came with the header in pieces", async () => {
  const { pieces } = await readAll([HEADER + "abcde", "fg", null], { size: 2 });
  assertEquals(pieces, ["ab", "cd", "e", "fg"]);
});

Deno.test("ProxiedTransport refuses what is no header", async () => {
  const rows: [reads: ReadStep[], message: string][] = [
    [["GET / HTTP/1.1\r\n"], 'broken header: "GET / HTTP/1.1"'],
    [["PRO", null], 'broken header: "PRO"'],
    [["PRO", "Y"], 'broken header: "PROY"'],
  ];
  for (const [reads, message] of rows) {
    const transport = new ProxiedTransport(new FakeTransport({ reads }));
    const error = await assertRejects(
      async () => await transport.read(new Uint8Array(9)),
      ProxyHeaderError,
    );
    assertEquals(error.message, message);
    assertEquals(transport.header, undefined);
  }
});

Deno.test("ProxiedTransport passes on everything else", async () => {
  const inner = new FakeTransport({
    reads: [new Deno.errors.ConnectionReset()],
  });
  const transport = new ProxiedTransport(inner);
  assertEquals(transport.remoteAddr, inner.remoteAddr);
  assertEquals(transport.localAddr, inner.localAddr);
  await transport.write(bytesOf("abc"));
  assertEquals(inner.written, "abc");
  await assertRejects(
    async () => await transport.read(new Uint8Array(9)),
    Deno.errors.ConnectionReset,
  );
  transport.setNoDelay(true);
  await transport.closeWrite();
  assertEquals(inner.writeClosed, true);
  transport.close();
  assertEquals(inner.closed, true);
});

Deno.test("ProxiedTransport can what its socket can", async () => {
  const plain = new ProxiedTransport(new FakeTransport());
  assertEquals([plain.readNow, plain.sendsFiles], [undefined, false]);

  const socket = new FakeNative({ reads: [HEADER + "abcd"] });
  const transport = new ProxiedTransport(socket);
  const waiter = { readable: () => {} };
  const target = new Uint8Array(3);
  const read = () => transport.readNow!(target, waiter);
  // The header and what came with it are before anything else.
  assertEquals([await read(), textOf(target)], [3, "abc"]);
  assertEquals([await read(), target[0]], [1, "d".charCodeAt(0)]);
  socket.now.push("xyz");
  assertEquals([read(), textOf(target)], [3, "xyz"]);
  assertEquals([read(), socket.waiters], [undefined, [waiter]]);

  const part = { file: 7, offset: 1, length: 9 };
  assertEquals([transport.sendsFiles, transport.sendFile(part)], [true, 9]);
  assertEquals(socket.parts, [part]);
  const kept = { from: 0, body: target, at: 0 };
  await transport.write(target, true, kept);
  assertEquals(socket.told, [[true, kept]]);
});
