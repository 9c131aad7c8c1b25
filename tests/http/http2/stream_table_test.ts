import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ConnectionFault } from "../../../src/http/http2/frames.ts";
import { DEFAULT_PRIORITY } from "../../../src/http/http2/priority.ts";
import { Http2Stream } from "../../../src/http/http2/stream.ts";
import { StreamTable } from "../../../src/http/http2/stream_table.ts";

const URGENT = { urgency: 0, incremental: false };

function begun(table: StreamTable, id: number): Http2Stream {
  const priority = table.begin(id);
  const stream = new Http2Stream(id, { send: 1, receive: 1 }, priority);
  table.add(stream);
  return stream;
}

Deno.test("StreamTable knows idle, live, reset and closed streams", () => {
  const table = new StreamTable(4);
  const five = begun(table, 5);
  const states: [id: number, expected: "idle" | "live" | "reset" | "closed"][] =
    [[2, "idle"], [7, "idle"], [5, "live"], [3, "closed"]];
  table.begin(9);
  table.noteReset(9);
  states.push([9, "reset"], [11, "idle"]);
  for (const [id, expected] of states) {
    if (expected === "live") assertStrictEquals(table.begun(id, "X"), five);
    else if (expected === "reset") {
      assertEquals(table.begun(id, "X"), undefined);
    } else if (id !== 7) {
      assertThrows(
        () => table.begun(id, "X"),
        ConnectionFault,
        `client sent X on ${
          expected === "idle" ? "an idle" : "a closed"
        } stream`,
      );
    }
  }
  assertEquals([table.size, table.delete(five), table.delete(five)], [
    1,
    true,
    false,
  ]);
});

Deno.test("StreamTable remembers the last 256 resets", () => {
  const table = new StreamTable(4);
  table.begin(2001);
  for (let id = 1; id <= 2 * 257; id += 2) table.noteReset(id);
  assertThrows(() => table.begun(1, "X"), ConnectionFault);
  assertEquals(table.begun(3, "X"), undefined);
  assertEquals(table.begun(513, "X"), undefined);
});

Deno.test("StreamTable keeps priorities of streams to come, and of no others", () => {
  const table = new StreamTable(2);
  for (const id of [3, 5, 7]) table.expect(id, URGENT);
  assertEquals(table.begin(1), DEFAULT_PRIORITY);
  // 3 never begins: what was said of it makes room.
  assertEquals(table.begin(5), URGENT);
  table.expect(9, URGENT);
  table.expect(11, URGENT);
  table.expect(11, DEFAULT_PRIORITY);
  assertEquals([table.begin(9), table.begin(11)], [URGENT, DEFAULT_PRIORITY]);
});
