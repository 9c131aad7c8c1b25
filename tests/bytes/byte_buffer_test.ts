import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteBuffer, INPUT_MEMORY } from "../../src/bytes/byte_buffer.ts";
import { bytesOf, textOf } from "../support/latin1.ts";

function put(buffer: ByteBuffer, text: string): void {
  for (let rest = bytesOf(text); rest.length > 0;) {
    const space = buffer.writable();
    const count = Math.min(space.length, rest.length);
    if (count === 0) throw new Error("the buffer is full");
    space.set(rest.subarray(0, count));
    buffer.commit(count);
    rest = rest.subarray(count);
  }
}

function unread({ bytes, start, end }: ByteBuffer): string {
  return textOf(bytes.subarray(start, end));
}

Deno.test("ByteBuffer keeps bytes in order", () => {
  const buffer = new ByteBuffer(4, 16);
  put(buffer, "abc");
  assertEquals([unread(buffer), buffer.length], ["abc", 3]);
  buffer.consume(1);
  put(buffer, "defgh");
  assertEquals(unread(buffer), "bcdefgh");
  buffer.consume(7);
  assertEquals([unread(buffer), buffer.length], ["", 0]);
  put(buffer, "xyz");
  assertEquals(unread(buffer), "xyz");
});

Deno.test("ByteBuffer doubles up to its limit", () => {
  const buffer = new ByteBuffer(4, 20);
  const capacities = [buffer.capacity];
  for (let i = 0; i < 20; i++) {
    put(buffer, "x");
    capacities.push(buffer.capacity);
  }
  assertEquals([...new Set(capacities)], [4, 8, 16, 20]);
  assertEquals(buffer.writable().length, 0);
  assertEquals(unread(buffer), "x".repeat(20));
});

Deno.test("ByteBuffer may be allowed more, never less", () => {
  const buffer = new ByteBuffer(4, 4);
  put(buffer, "abcd");
  assertEquals(buffer.writable().length, 0);
  buffer.allow(2);
  assertEquals(buffer.writable().length, 0);
  buffer.allow(12);
  put(buffer, "efghijkl");
  assertEquals([unread(buffer), buffer.capacity], ["abcdefghijkl", 12]);
});

Deno.test("ByteBuffer grows for who fills it, when all is read", () => {
  const buffer = new ByteBuffer(4, 10);
  const capacities = ["abcd", "abc", "abcdefgh", "abcdefghij", "abcdefghij"]
    .map((text) => {
      put(buffer, text);
      buffer.growIfFilled();
      buffer.consume(text.length);
      buffer.growIfFilled();
      return buffer.capacity;
    });
  assertEquals(capacities, [8, 8, 10, 10, 10]);
});

Deno.test("ByteBuffer moves rather than grows when half is free", () => {
  const buffer = new ByteBuffer(8, 64);
  put(buffer, "abcdefgh");
  buffer.consume(4);
  assertEquals(buffer.writable().length, 4);
  assertEquals([buffer.capacity, unread(buffer)], [8, "efgh"]);
  put(buffer, "ijkl");
  buffer.consume(3);
  buffer.writable();
  assertEquals([buffer.capacity, unread(buffer)], [16, "hijkl"]);
});

Deno.test("ByteBuffer makes all of its limit usable", () => {
  const buffer = new ByteBuffer(8, 8);
  put(buffer, "abcdefgh");
  buffer.consume(1);
  put(buffer, "i");
  assertEquals(unread(buffer), "bcdefghi");
  assertEquals(buffer.writable().length, 0);
});

Deno.test("ByteBuffer.consume() leaves the bytes readable in place", () => {
  const buffer = new ByteBuffer(8, 8);
  put(buffer, "abcd");
  const { bytes, start } = buffer;
  buffer.consume(4);
  assertEquals(textOf(bytes.subarray(start, start + 4)), "abcd");
});

Deno.test("ByteBuffer.shrink() gives memory back when it is empty", () => {
  const buffer = new ByteBuffer(4, 64);
  put(buffer, "x".repeat(40));
  buffer.consume(39);
  buffer.shrink();
  assertEquals([buffer.capacity, unread(buffer)], [64, "x"]);
  buffer.consume(1);
  buffer.shrink();
  assertEquals([buffer.capacity, buffer.length], [4, 0]);
  put(buffer, "yz");
  assertEquals(unread(buffer), "yz");
});

Deno.test("ByteBuffer keeps what it has needed, up to a size", () => {
  const rows: [texts: string[], afterwards: number][] = [
    [["abc"], 4],
    [["abcd"], 4],
    // One that was too long.
    [["abcde", "a"], 8],
    // The end of the first comes with the next.
    [["abcd", "efghijkl", "a"], 16],
    [["x".repeat(40), "a"], 16],
  ];
  for (const [texts, afterwards] of rows) {
    const buffer = new ByteBuffer(4, 64, 16);
    let all = "";
    for (const text of texts) {
      put(buffer, text);
      all += text;
      assertEquals(unread(buffer), all);
    }
    buffer.consume(all.length);
    buffer.shrink();
    assertEquals(buffer.capacity, afterwards);
  }
  // Moving is not enough for who fills it: a half that is read may be filled.
  const buffer = new ByteBuffer(4, 64, 16);
  put(buffer, "abcd");
  buffer.consume(3);
  put(buffer, "e");
  assertEquals([buffer.capacity, unread(buffer)], [8, "de"]);
});

Deno.test("ByteBuffer gives its smaller memory to others when it grows", () => {
  const before = INPUT_MEMORY.bytes;
  const first = new ByteBuffer(600, 2400, 1200);
  const { bytes } = first;
  put(first, "a".repeat(601));
  const second = new ByteBuffer(600, 2400, 1200);
  assert(second.bytes === bytes);
  put(second, "b".repeat(600));
  assertEquals(unread(first), "a".repeat(601));
  first.dispose();
  second.dispose();
  assertEquals(INPUT_MEMORY.bytes, before);
});

Deno.test("ByteBuffer costs linear time for single bytes", () => {
  const buffer = new ByteBuffer(1024, 1024 * 1024);
  const before = performance.now();
  for (let i = 0; i < 1024 * 1024; i++) {
    buffer.writable()[0] = i;
    buffer.commit(1);
  }
  assertEquals(buffer.length, 1024 * 1024);
  assert(performance.now() - before < 2000);
});

Deno.test("ByteBuffer refuses what makes no sense", () => {
  const buffer = new ByteBuffer(4, 8);
  put(buffer, "ab");
  const acts: (() => unknown)[] = [
    () => new ByteBuffer(0, 8),
    () => new ByteBuffer(9, 8),
    () => new ByteBuffer(-1, 8),
    () => buffer.commit(3),
    () => buffer.commit(-1),
    () => buffer.consume(3),
    () => buffer.consume(-1),
  ];
  for (const act of acts) assertThrows(act, RangeError);
  assertEquals(unread(buffer), "ab");
});

Deno.test("ByteBuffer counts what it holds", () => {
  const before = INPUT_MEMORY.bytes;
  const buffer = new ByteBuffer(8, 64);
  for (let i = 0; i < 5; i++) {
    buffer.commit(buffer.writable().length);
    assertEquals(INPUT_MEMORY.bytes - before, buffer.capacity);
    if (buffer.length === 64) break;
  }
  buffer.consume(buffer.length);
  buffer.shrink();
  assertEquals(INPUT_MEMORY.bytes - before, 8);
  buffer.dispose();
  buffer.dispose();
  assertEquals(INPUT_MEMORY.bytes, before);
});

Deno.test("ByteBuffer.rest() gives memory back until it is filled again", () => {
  const before = INPUT_MEMORY.bytes;
  const buffer = new ByteBuffer(8, 64, 16);
  assertEquals(INPUT_MEMORY.bytes, before + 8);
  buffer.rest();
  buffer.rest();
  assertEquals([buffer.capacity, INPUT_MEMORY.bytes], [0, before]);
  assertEquals(buffer.writable().length, 8);
  assertEquals(INPUT_MEMORY.bytes, before + 8);
  buffer.commit(3);
  buffer.rest();
  assertEquals(buffer.length, 3, "what nobody has read stays");
  buffer.consume(3);
  // What it has needed it has again.
  buffer.writable();
  buffer.commit(8);
  buffer.writable();
  buffer.consume(8);
  buffer.rest();
  buffer.growIfFilled();
  assertEquals(buffer.capacity, 0);
  assertEquals(buffer.writable().length, 16);
  buffer.rest();
  buffer.dispose();
  assertEquals(INPUT_MEMORY.bytes, before);
});
