import { assertEquals } from "@std/assert";
import {
  type Sendable,
  SendOrder,
} from "../../../../src/server/sessions/http2/order.ts";

type Asked = readonly [id: number, urgency: number, incremental?: boolean];

function sendable([id, urgency, incremental = false]: Asked) {
  const priority = { urgency, incremental };
  return { stream: { id, priority }, queue: undefined, turn: 0 } as
    & Sendable
    & { stream: { priority: typeof priority } };
}

/** Whose turns come, where nobody ever ends. */
function turns(asked: readonly Asked[], count: number): number[] {
  const order = new SendOrder<Sendable>();
  for (const one of asked) order.put(sendable(one));
  return Array.from({ length: count }, () => order.next()!.stream.id);
}

Deno.test("SendOrder: who comes next", () => {
  const rows: [why: string, asked: Asked[], expected: number[]][] = [
    ["alone", [[1, 3]], [1, 1, 1]],
    ["the most urgent one", [[1, 3], [3, 0], [5, 7]], [3, 3, 3, 3]],
    ["whole ones in their order", [[5, 3], [1, 3], [3, 3]], [1, 1, 1, 1]],
    [
      "parts take turns",
      [[1, 3, true], [3, 3, true], [5, 3, true]],
      [1, 3, 5, 1, 3, 5, 1, 3, 5],
    ],
    [
      "whole ones and parts in turn",
      [[1, 3], [3, 3, true]],
      [1, 3, 1, 3, 1, 3],
    ],
  ];
  for (const [why, asked, expected] of rows) {
    assertEquals(turns(asked, expected.length), expected, why);
  }
});

Deno.test("SendOrder: one turn of eight is for whoever has waited longest", () => {
  const asked: Asked[] = [[1, 0], [3, 3], [5, 7, true], [7, 7]];
  const seen = turns(asked, 8 * 12);
  for (const [id] of asked.slice(1)) {
    const own = seen.filter((one) => one === id).length;
    assertEquals(own >= 3, true, `${id} has had ${own} turns`);
  }
  assertEquals(seen.filter((id) => id === 1).length >= 7 * 12, true);
});

Deno.test("SendOrder: what is put again is where its priority says", () => {
  const order = new SendOrder<Sendable>();
  const items = ([[1, 3], [3, 3], [5, 3]] as const).map(sendable);
  for (const item of items) order.put(item);
  assertEquals(order.next(), items[0]);
  items[2]!.stream.priority.urgency = 1;
  order.put(items[2]!);
  order.put(items[2]!);
  assertEquals([order.size, order.next()], [3, items[2]]);
  assertEquals([...order].map(({ stream }) => stream.id), [5, 1, 3]);
  order.delete(items[2]!);
  order.delete(items[2]!);
  assertEquals([order.size, order.next()], [2, items[0]]);
  order.delete(items[0]!);
  order.delete(items[1]!);
  assertEquals([order.size, order.next()], [0, undefined]);
});
