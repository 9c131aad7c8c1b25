import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteMemo, MAX_KEY_BYTES } from "../../src/bytes/byte_memo.ts";
import { bytesOf } from "../support/latin1.ts";

/** `key` in the middle of other bytes, and where it is. */
function framed(key: string): [Uint8Array, number, number] {
  return [bytesOf(`<<${key}>>`), 2, 2 + key.length];
}

Deno.test("ByteMemo.find() gives back what was kept for the same bytes", () => {
  const memo = new ByteMemo<string>(64);
  const keys = ["", "a", "b", "ab", "ba", "/index.html", "\xff\x00"];
  for (const key of keys) {
    assertEquals(memo.find(...framed(key)), undefined, key);
    memo.keep(...framed(key), `made of ${key}`);
    assertEquals(memo.find(...framed(key)), `made of ${key}`, key);
  }
});

Deno.test("ByteMemo.find() tells keys apart that share a slot", () => {
  const memo = new ByteMemo<string>(1);
  memo.keep(...framed("first"), "1");
  for (const other of ["", "f", "firs", "firsT", "first!", "tsrif"]) {
    assertEquals(memo.find(...framed(other)), undefined, other);
  }
});

Deno.test("ByteMemo gives a place to whoever wants it twice in a row", () => {
  const memo = new ByteMemo<string>(1);
  memo.keep(...framed("first"), "1");
  for (let i = 0; i < 100; i++) memo.keep(...framed(`new ${i}`), "new");
  assertEquals(memo.find(...framed("first")), "1");
  for (let i = 0; i < 2; i++) memo.keep(...framed("second"), "2");
  assertEquals(memo.find(...framed("first")), undefined);
  assertEquals(memo.find(...framed("second")), "2");
});

Deno.test("ByteMemo keeps its own copy of a key", () => {
  const memo = new ByteMemo<number>(8);
  const bytes = bytesOf("host.example");
  memo.keep(bytes, 0, bytes.length, 1);
  bytes.fill(0x78);
  assertEquals(memo.find(bytes, 0, bytes.length), undefined);
  assertEquals(memo.find(...framed("host.example")), 1);
});

Deno.test("ByteMemo does not keep what is too long", () => {
  const memo = new ByteMemo<number>(8);
  for (
    const [length, kept] of [
      [MAX_KEY_BYTES, 1],
      [MAX_KEY_BYTES + 1, undefined],
      [MAX_KEY_BYTES + 256, undefined],
    ] as const
  ) {
    const key = "k".repeat(length);
    memo.keep(...framed(key), 1);
    assertEquals(memo.find(...framed(key)), kept, String(length));
  }
});

Deno.test("ByteMemo needs a power of two of slots", () => {
  for (const slots of [0, 3, -2, 1.5, 100]) {
    assertThrows(() => new ByteMemo(slots), RangeError, "power of two");
  }
});

Deno.test("ByteMemo says what it takes", () => {
  const memo = new ByteMemo<string>(4, 1000);
  const empty = memo.bytes;
  assert(empty < 1000 && memo.budget === empty + 4000);
  for (let i = 0; i < 100; i++) {
    const key = new TextEncoder().encode(`key ${i}`);
    memo.keep(key, 0, key.length, "value");
    memo.keep(key, 0, key.length, "again");
    assert(memo.bytes <= memo.budget);
  }
  assertEquals(memo.bytes, memo.budget);
});
