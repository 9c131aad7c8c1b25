import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  firstRecordLength,
  readHello,
} from "../../../src/net/tls/tls_hello.ts";
import { FakeTransport } from "../../support/fake_transport.ts";

/** A record of a handshake with `length` bytes in it. */
function record(length: number): Uint8Array {
  const bytes = new Uint8Array(5 + length).fill(7);
  bytes.set([22, 3, 1, length >> 8, length & 0xff]);
  return bytes;
}

Deno.test("firstRecordLength() knows how much there has to be", () => {
  const rows: [number[], number][] = [
    [[], 5],
    [[22], 5],
    [[22, 3, 1, 2], 5],
    [[22, 3, 1, 2, 3], 5 + 0x203],
    [[22, 3, 3, 0x40, 0], 5 + 16 * 1024],
  ];
  for (const [bytes, length] of rows) {
    assertEquals(firstRecordLength(new Uint8Array(bytes)), length);
  }
  for (const bytes of [[0x47], [22, 2], [21, 3], [22, 3, 1, 0x40, 1], [0x80]]) {
    assertThrows(
      () => firstRecordLength(new Uint8Array(bytes)),
      Deno.errors.InvalidData,
    );
  }
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
