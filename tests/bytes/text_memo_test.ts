import { assert, assertEquals } from "@std/assert";
import {
  MAX_MEMO_KEY_LENGTH,
  MemoMemory,
  TextMemo,
} from "../../src/bytes/text_memo.ts";

Deno.test("TextMemo keeps what it is given, until it has too many", () => {
  const memory = new MemoMemory(1e6);
  const memo = new TextMemo<number>(3, memory);
  for (let i = 0; i < 3; i++) memo.set(`${i}`, i);
  assertEquals([0, 1, 2, 3].map((i) => memo.known.get(`${i}`)), [
    0,
    1,
    2,
    undefined,
  ]);
  memo.set("3", 3);
  assertEquals([memo.known.get("0"), memo.known.get("3"), memo.size], [
    undefined,
    3,
    1,
  ]);
  memo.clear();
  assertEquals([memo.size, memory.bytes], [0, 0]);
});

Deno.test("TextMemo keeps no long text", () => {
  const memory = new MemoMemory(1e6);
  const memo = new TextMemo<number>(10, memory);
  memo.set("x".repeat(MAX_MEMO_KEY_LENGTH + 1), 1);
  assertEquals([memo.size, memory.bytes], [0, 0]);
  memo.set("x".repeat(MAX_MEMO_KEY_LENGTH), 1);
  assertEquals(memo.size, 1);
});

Deno.test("TextMemo: all of them together hold to one budget", () => {
  const budget = 50_000;
  const memory = new MemoMemory(budget);
  const memos = Array.from(
    { length: 20 },
    () => new TextMemo<string>(1000, memory),
  );
  for (let i = 0; i < 2000; i++) {
    const memo = memos[i % memos.length]!;
    memo.set(`€${i}`, "", 100);
    assert(memory.bytes <= budget);
    assertEquals(memo.known.get(`€${i}`), "");
  }
  assert(memory.bytes > budget / 10);
  memory.clear();
  assertEquals(memory.bytes, 0);
  assertEquals(memos.reduce((sum, { size }) => sum + size, 0), 0);
});

Deno.test("TextMemo: what does not fit at all is not kept", () => {
  const memory = new MemoMemory(500);
  const memo = new TextMemo<string>(10, memory);
  memo.set("a", "", 1000);
  assertEquals([memo.size, memory.bytes], [0, 0]);
});
