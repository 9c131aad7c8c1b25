import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ConnectionFault, ErrorCode } from "../../../src/http/http2/frames.ts";
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
  for (const id of [7, 13, 15]) table.begin(id);
  table.noteReset(7, "server");
  table.noteReset(13, "client");
  const states: readonly (readonly [id: number, state: string])[] = [
    [2, "client sent X on an idle stream"],
    [17, "client sent X on an idle stream"],
    // Left out before the first one, and between two others.
    ...[1, 3, 9, 11].map((id) =>
      [id, "client sent X on a stream that it has left out"] as const
    ),
    [5, "live"],
    [7, "reset by server"],
    [13, "reset by client"],
    [15, "reset by undefined"],
  ];
  for (const [id, state] of states) {
    if (state === "live") assertStrictEquals(table.begun(id, "X"), five);
    else if (state.startsWith("reset")) {
      assertEquals(table.begun(id, "X"), undefined);
      assertEquals(`reset by ${table.resetBy(id)}`, state);
    } else {
      const fault = assertThrows(
        () => table.begun(id, "X"),
        ConnectionFault,
        state,
      );
      assertEquals(fault.code, ErrorCode.ProtocolError);
    }
  }
  assertEquals([table.size, table.delete(five), table.delete(five)], [
    1,
    true,
    false,
  ]);
});

Deno.test("StreamTable remembers the last 256 resets, or as many as may live", () => {
  for (const [live, remembered] of [[4, 256], [300, 300]] as const) {
    const table = new StreamTable(live);
    const last = 2 * remembered + 1;
    for (let id = 1; id <= last; id += 2) table.noteReset(id, "client");
    assertEquals([1, 3, last].map((id) => table.resetBy(id)), [
      undefined,
      "client",
      "client",
    ]);
    // Who has reset it last is what counts, and takes no second place.
    table.noteReset(last, "server");
    assertEquals([table.resetBy(3), table.resetBy(last)], ["client", "server"]);
  }
});

Deno.test("StreamTable remembers the last 64 gaps", () => {
  const table = new StreamTable(4);
  // Each leaves out one: 1, 5, 9 and so on.
  for (let id = 3; id <= 4 * 65; id += 4) table.begin(id);
  assertEquals(table.begun(1, "X"), undefined);
  for (const id of [5, 4 * 65 - 3]) {
    assertThrows(() => table.begun(id, "X"), ConnectionFault, "left out");
  }
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
