import { assert, assertEquals } from "@std/assert";
import { AnswerQueue } from "../../../src/http/http1/answer_queue.ts";
import { OUTPUT_MEMORY } from "../../../src/http/http1/output_memory.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

Deno.test("AnswerQueue.take() gives all answers in order, once", () => {
  const queue = new AnswerQueue();
  assertEquals(queue.take().length, 0);
  for (const text of ["one,", "", "two"]) assert(queue.add(bytesOf(text)));
  assertEquals(queue.length, 7);
  assertEquals(textOf(queue.take()), "one,two");
  assertEquals([queue.length, queue.take().length], [0, 0]);
});

Deno.test("AnswerQueue.add() refuses what is too much together", () => {
  const queue = new AnswerQueue();
  assert(queue.add(new Uint8Array(64 * 1024 - 1)));
  assert(!queue.add(new Uint8Array(2)));
  assert(queue.add(new Uint8Array(1)));
  assert(!queue.add(new Uint8Array(1)));
  assertEquals(queue.take().length, 64 * 1024);
  assert(queue.add(new Uint8Array(1)));
});

Deno.test("AnswerQueue takes memory until its answers are written", () => {
  const before = OUTPUT_MEMORY.bytes;
  const queue = new AnswerQueue();
  assert(queue.add(new Uint8Array(100)));
  assert(queue.add(new Uint8Array(200)));
  assertEquals(OUTPUT_MEMORY.bytes, before + 300);
  assertEquals(queue.take().length, 300);
  assertEquals([queue.length, OUTPUT_MEMORY.bytes], [0, before + 300]);
  queue.release();
  assertEquals(OUTPUT_MEMORY.bytes, before);
  const left = OUTPUT_MEMORY.budget - OUTPUT_MEMORY.bytes;
  assert(OUTPUT_MEMORY.take(left));
  assert(!queue.add(new Uint8Array(1)));
  OUTPUT_MEMORY.give(left);
  assert(queue.add(new Uint8Array(1)));
  queue.release();
  assertEquals([queue.length, OUTPUT_MEMORY.bytes], [0, before]);
});
