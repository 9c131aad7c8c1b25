import { assert, assertEquals } from "@std/assert";
import { KnownTarget } from "../../../../src/http/known_target.ts";
import { decodedHead } from "../../../../src/http/request_head.ts";
import {
  ConnectionHeads,
  HEAD_MEMORY,
} from "../../../../src/server/sessions/http2/head_memory.ts";

function headOf(length: number, target = 0) {
  return decodedHead({
    method: "GET",
    target: new KnownTarget("x".repeat(target)),
    version: "2.0",
    line: "",
    fields: [],
    length,
  });
}

/** The lengths of heads and their targets, and what is taken of the budget. */
const ROWS: readonly (readonly [
  why: string,
  heads: readonly (readonly [length: number, target: number])[],
  taken: number,
])[] = [
  ["small ones are free", Array(1000).fill([2048, 0]), 0],
  ["so is one of the largest", [[32_768, 0]], 0],
  ["and several that come to no more", Array(8).fill([6000, 0]), 0],
  ["one more is not", Array(9).fill([6000, 0]), 6000 - 2048],
  ["a target is there four times", [[30_000, 8000]], 30_000 + 24_000 - 2048],
];

for (const [why, heads, taken] of ROWS) {
  Deno.test(`heads of a connection: ${why}`, () => {
    const connection = new ConnectionHeads();
    const held = heads.map(([length, target]) =>
      connection.hold(headOf(length, target))
    );
    assertEquals(HEAD_MEMORY.bytes, taken);
    for (const letGo of held) letGo!();
    assertEquals(HEAD_MEMORY.bytes, 0);
    // What was free is free again.
    assert(connection.hold(headOf(32_768)) !== undefined);
    assertEquals(HEAD_MEMORY.bytes, 0);
  });
}

Deno.test("heads of a connection: there is none left but what is free", () => {
  const rest = HEAD_MEMORY.budget;
  assert(HEAD_MEMORY.take(rest));
  const connection = new ConnectionHeads();
  assert(connection.hold(headOf(32_768)) !== undefined);
  assertEquals(connection.hold(headOf(6000)), undefined);
  assert(connection.hold(headOf(2000)) !== undefined);
  HEAD_MEMORY.give(rest);
});
