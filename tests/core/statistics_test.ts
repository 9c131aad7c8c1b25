import { assert, assertEquals } from "@std/assert";
import { DURATION_BOUNDS } from "../../src/core/counters/server_counters.ts";
import {
  emptySnapshot,
  heldMemory,
  LIMIT_KINDS,
  MEMORY_KINDS,
  NO_STATISTICS,
  sumFields,
  TIMEOUT_KINDS,
  zeros,
} from "../../src/core/statistics.ts";

Deno.test("sumFields() adds field by field, and changes neither", () => {
  const [a, b] = [{ x: 1, y: 2 }, { x: 10, y: -2 }];
  assertEquals(sumFields(a, b), { x: 11, y: 0 });
  assertEquals([a, b], [{ x: 1, y: 2 }, { x: 10, y: -2 }]);
  assertEquals(sumFields({}, {}), {});
});

Deno.test("zeros() has a counter of its own for each kind, each time", () => {
  const counters = zeros(["a", "b"]);
  counters.a++;
  assertEquals([counters, zeros(["a", "b"])], [{ a: 1, b: 0 }, { a: 0, b: 0 }]);
});

Deno.test("heldMemory() asks for every kind once", () => {
  const asked: string[] = [];
  const held = heldMemory((kind) => {
    asked.push(kind);
    return { bytes: asked.length, budget: 100 };
  });
  assertEquals(asked, [...MEMORY_KINDS]);
  assertEquals(held[MEMORY_KINDS[0]], { bytes: 1, budget: 100 });
});

Deno.test("a server that has done nothing knows every counter, at 0", () => {
  const empty = emptySnapshot();
  assertEquals(Object.keys(empty.timeouts), [...TIMEOUT_KINDS]);
  assertEquals(Object.keys(empty.limits), [...LIMIT_KINDS]);
  // One more than bounds: what took longer than the last.
  assertEquals(empty.durations.counts.length, DURATION_BOUNDS.length + 1);
  assertEquals(empty.statusClasses.length, 6);
  assertEquals(NO_STATISTICS.snapshot(), empty);
});

Deno.test("the bounds of durations rise", () => {
  DURATION_BOUNDS.reduce((below, bound) => {
    assert(bound > below, `${bound}`);
    return bound;
  });
});
