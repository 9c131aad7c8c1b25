import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { helloLength, readHello } from "../../../src/net/tls/tls_hello.ts";
import { FakeTransport } from "../../support/fake_transport.ts";

/** A record of a handshake with `length` bytes in it. */
function record(length: number): Uint8Array {
  const bytes = new Uint8Array(5 + length).fill(7);
  bytes.set([22, 3, 1, length >> 8, length & 0xff]);
  return bytes;
}

Deno.test("helloLength() knows how much there has to be", () => {
  const rows: [number[], number][] = [
    [[], 5],
    [[22], 5],
    [[22, 3, 1, 2], 5],
    [[22, 3, 1, 2, 3], 5 + 0x203],
    [[22, 3, 3, 0x40, 0], 5 + 16 * 1024],
  ];
  for (const [bytes, length] of rows) {
    assertEquals(helloLength(new Uint8Array(bytes)), length);
  }
  for (const bytes of [[0x47], [22, 2], [21, 3], [22, 3, 1, 0x40, 1], [0x80]]) {
    assertThrows(
      () => helloLength(new Uint8Array(bytes)),
      Deno.errors.InvalidData,
    );
  }
});

/** A hello of `length` bytes, in records of `size` bytes. */
function helloIn(length: number, size: number): Uint8Array {
  const message = [1, length >> 16, (length >> 8) & 0xff, length & 0xff];
  for (let i = 0; i < length; i++) message.push(i & 0xff);
  const bytes: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    const piece = message.slice(at, at + size);
    bytes.push(22, 3, 1, piece.length >> 8, piece.length & 0xff, ...piece);
  }
  return Uint8Array.from(bytes);
}

Deno.test("helloLength() follows a hello through its records", () => {
  for (const [length, size] of [[10, 1], [10, 3], [500, 100], [20_000, 9000]]) {
    const whole = helloIn(length!, size!);
    const more = new Uint8Array([...whole, 22, 3, 3, 0, 9]);
    assertEquals(helloLength(whole), whole.length, `${length} by ${size}`);
    assertEquals(helloLength(more), whole.length);
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 97)) {
      const needed = helloLength(whole.subarray(0, at));
      assert(needed > at && needed <= whole.length, `${at} of ${length}`);
    }
  }
  // In too many pieces, with another record in between, or another message:
  // that is for the engine, which gets what has come.
  assertEquals(helloLength(helloIn(100, 2)), 16 * 7);
  const broken = helloIn(10, 7);
  broken[12] = 23;
  assertEquals(helloLength(broken), 12);
  assertEquals(helloLength(Uint8Array.of(22, 3, 1, 0, 1, 2)), 6);
  // The second record is no record of a client that speaks HTTP.
  broken[12] = 0x47;
  assertEquals(helloLength(broken), 12);
  assertThrows(
    () => helloLength(helloIn(33_000, 16_000)),
    Deno.errors.InvalidData,
    "excessive message size",
  );
});

Deno.test("readHello() waits for the whole record, however it comes", async () => {
  for (const length of [1, 500, 3000, 16 * 1024]) {
    const whole = record(length);
    const middle = whole.length >> 1;
    const feedings = [
      [whole],
      [whole.slice(0, 1), whole.slice(1, 4), 0, whole.slice(4)] as const,
      [whole.slice(0, middle), whole.slice(middle)],
    ];
    for (const reads of feedings) {
      const socket = new FakeTransport({ reads });
      assertEquals(await readHello(socket), whole as Uint8Array<ArrayBuffer>);
    }
  }
  const more = new Uint8Array([...record(3), 1, 2]);
  const socket = new FakeTransport({ reads: [more] });
  assertEquals((await readHello(socket))?.length, 10);
});

Deno.test("readHello() tells how a client leaves", async () => {
  assertEquals(
    await readHello(new FakeTransport({ reads: [null] })),
    undefined,
  );
  const half = new FakeTransport({ reads: [record(9).slice(0, 7), null] });
  await assertRejects(() => readHello(half), Deno.errors.UnexpectedEof);
  const plain = new FakeTransport({ reads: ["GET / HTTP/1.1\r\n"] });
  await assertRejects(() => readHello(plain), Deno.errors.InvalidData);
});
