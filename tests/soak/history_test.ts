import { assertEquals } from "@std/assert";
import { History } from "../../soak/history.ts";

/** A history of a, b from 100 to 110, c from 200 to 210. */
function abc(): { history: History<string>; at: (ms: number) => void } {
  let now = 0;
  const history = new History("a", () => now);
  for (const [value, begin] of [["b", 100], ["c", 200]] as const) {
    now = begin;
    history.change(value, () => now = begin + 10);
  }
  return { history, at: (ms) => now = ms };
}

Deno.test("History.during() is what was in force at some moment", () => {
  const { history } = abc();
  const rows: [from: number, to: number, values: string[]][] = [
    [0, 99, ["a"]],
    [0, 100, ["a", "b"]],
    [105, 105, ["a", "b"]],
    [111, 199, ["b"]],
    [111, 200, ["b", "c"]],
    [0, 300, ["a", "b", "c"]],
    [211, 300, ["c"]],
  ];
  for (const [from, to, values] of rows) {
    assertEquals(history.during({ from, to }), values, `${from} to ${to}`);
  }
});

Deno.test("History.comingDuring() is what came into force", () => {
  const { history } = abc();
  const rows: [from: number, to: number, values: string[]][] = [
    [0, 99, []],
    [0, 100, ["b"]],
    [110, 199, ["b"]],
    [111, 199, []],
    [105, 205, ["b", "c"]],
  ];
  for (const [from, to, values] of rows) {
    const coming = history.comingDuring({ from, to });
    assertEquals(coming, values, `${from} to ${to}`);
  }
});

Deno.test("History: while a change is under way both are in force", () => {
  let now = 0;
  const history = new History("a", () => now);
  now = 10;
  const done = history.begin("b");
  assertEquals(history.during({ from: 50, to: 60 }), ["a", "b"]);
  now = 70;
  done();
  assertEquals(history.during({ from: 71, to: 80 }), ["b"]);
  assertEquals(history.last, "b");
});

Deno.test("History forgets what was long ago, and keeps what is in force", () => {
  let now = 0;
  const history = new History(0, () => now);
  for (let i = 1; i <= 10; i++) {
    now = i * 60_000;
    history.change(i, () => {});
  }
  assertEquals(history.during({ from: 0, to: now }), [8, 9, 10]);
  assertEquals(history.during({ from: now, to: now }), [9, 10]);
});
