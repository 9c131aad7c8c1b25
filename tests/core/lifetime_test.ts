import { assertEquals } from "@std/assert";
import { ENDED, Lifetime } from "../../src/core/lifetime.ts";

Deno.test("what was acquired is let go of once, the last thing first", () => {
  const order: string[] = [];
  const lifetime = new Lifetime();
  lifetime.onEnd(() => order.push("first"));
  lifetime.onEnd(() => order.push("second"));
  lifetime.end();
  lifetime.end();
  assertEquals(order, ["second", "first"]);
});

Deno.test("one release that throws does not keep the others", () => {
  const order: string[] = [];
  const lifetime = new Lifetime();
  lifetime.onEnd(() => order.push("kept"));
  lifetime.onEnd(() => {
    throw new Error("broken");
  });
  lifetime.end();
  assertEquals(order, ["kept"]);
});

Deno.test("what is acquired after the end is let go of at once", () => {
  const order: string[] = [];
  ENDED.onEnd(() => order.push("released"));
  assertEquals(order, ["released"]);
  assertEquals(ENDED.signal.aborted, true);
});

Deno.test("the signal is aborted when nobody waits any more", () => {
  const cases: ((lifetime: Lifetime) => void)[] = [
    (lifetime) => lifetime.end(),
    (lifetime) => lifetime.abort(),
  ];
  for (const happens of cases) {
    const lifetime = new Lifetime();
    let aborted = 0;
    lifetime.signal.addEventListener("abort", () => aborted++);
    assertEquals(lifetime.signal.aborted, false);
    happens(lifetime);
    lifetime.end();
    assertEquals(aborted, 1);
    const before = new Lifetime();
    happens(before);
    assertEquals(before.signal.aborted, true, "asked for afterwards");
  }
});
