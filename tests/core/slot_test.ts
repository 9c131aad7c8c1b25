import { assertEquals } from "@std/assert";
import { Slot, type SlotHolder } from "../../src/core/slot.ts";

Deno.test("Slot keeps a value for one holder, apart from other slots", () => {
  const name = new Slot<string>();
  const count = new Slot<number>();
  const first: SlotHolder = { slots: undefined };
  const second: SlotHolder = { slots: undefined };
  assertEquals(name.get(first), undefined);
  assertEquals(first.slots, undefined, "reading makes no room");
  count.set(first, 3);
  name.set(second, "b");
  assertEquals([name.get(first), count.get(first)], [undefined, 3]);
  assertEquals([name.get(second), count.get(second)], ["b", undefined]);
  name.set(second, undefined);
  assertEquals(name.get(second), undefined);
});
