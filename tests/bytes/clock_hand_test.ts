import { assertEquals } from "@std/assert";
import { ClockHand } from "../../src/bytes/clock_hand.ts";

function take<T>(hand: ClockHand<T>, count: number): (T | undefined)[] {
  return Array.from({ length: count }, () => hand.next());
}

Deno.test("ClockHand goes round and round", () => {
  const members = new Set(["a", "b", "c"]);
  const hand = new ClockHand(() => members.values());
  assertEquals(take(hand, 7), ["a", "b", "c", "a", "b", "c", "a"]);
});

Deno.test("ClockHand meets whoever comes, and nobody who is gone", () => {
  const members = new Set(["a", "b", "c"]);
  const hand = new ClockHand(() => members.values());
  assertEquals(hand.next(), "a");
  members.delete("b");
  members.add("d");
  assertEquals(take(hand, 3), ["c", "d", "a"]);
  members.clear();
  assertEquals(take(hand, 2), [undefined, undefined]);
  members.add("e");
  assertEquals(take(hand, 2), ["e", "e"]);
});
