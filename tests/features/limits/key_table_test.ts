import { assert, assertEquals, assertThrows } from "@std/assert";
import { KeyTable } from "../../../src/features/limits/key_table.ts";

function table(bytes = 32 * 1024): KeyTable {
  const made = new KeyTable(new Uint8Array(new SharedArrayBuffer(bytes)));
  made.begin();
  return made;
}

/** Numbers that look random, the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** A key of some length; few of them, so that they come again. */
function keyOf(random: () => number): string {
  const lengths = [1, 4, 16, 23, 24, 25, 39, 83, 84, 85, 200, 1000];
  const length = lengths[Math.floor(random() * lengths.length)]!;
  const first = String.fromCharCode(Math.floor(random() * 40) + 200);
  return first.repeat(length);
}

Deno.test("KeyTable does what a Map in the order of use does", () => {
  for (const seed of [1, 2, 3]) {
    const source = numbers(seed);
    const random = () => source.next().value;
    const keys = table();
    /** The oldest one is the first one. */
    const model = new Map<string, number>();
    for (let step = 0; step < 20_000; step++) {
      const key = keyOf(random);
      const entry = keys.find(key);
      assertEquals(entry !== 0, model.has(key));
      if (entry !== 0) {
        assertEquals(keys.first(entry), model.get(key)!);
        assertEquals(keys.second(entry), -model.get(key)!);
        model.delete(key);
        if (random() < 0.2) {
          keys.remove(entry);
          continue;
        }
        keys.set(entry, step, -step);
      } else {
        while (!keys.hasRoom(key.length)) {
          const [oldest] = model.keys();
          keys.remove(keys.find(oldest!));
          model.delete(oldest!);
        }
        const added = keys.add(key);
        assertEquals([keys.first(added), keys.second(added)], [0, 0]);
        keys.set(added, step, -step);
      }
      model.set(key, step);
      const [oldest] = model.keys();
      assertEquals(keys.first(keys.oldest), model.get(oldest!));
    }
    for (const key of [...model.keys()]) keys.remove(keys.find(key));
    assertEquals(keys.oldest, 0);
    assert(keys.hasRoom(24 + 60 * (keys.cells - 1)), "a cell was lost");
  }
});

Deno.test("KeyTable has all of its memory for keys, and not a byte beyond", () => {
  for (const bytes of [32 * 1024, 32 * 1024 + 1, 100_000, 1024 * 1024]) {
    const memory = new SharedArrayBuffer(bytes + 16 + 16);
    const all = new Uint8Array(memory);
    all.fill(0xaa, 0, 16);
    all.fill(0xaa, 16 + bytes);
    const keys = new KeyTable(new Uint8Array(memory, 16, bytes));
    keys.begin();
    let count = 0;
    for (; keys.hasRoom(16); count++) {
      keys.set(keys.add(String(count).padStart(16, "k")), count, 0);
    }
    assertEquals(count, keys.cells);
    assert(count > 0.96 * bytes / 64, `${count} keys in ${bytes}`);
    for (let i = 0; i < count; i++) {
      const entry = keys.find(String(i).padStart(16, "k"));
      assertEquals(keys.first(entry), i);
    }
    assertThrows(() => keys.add("one more"), RangeError, "no room");
    assert(all.subarray(0, 16).every((byte) => byte === 0xaa));
    assert(all.subarray(16 + bytes).every((byte) => byte === 0xaa));
  }
});

Deno.test("KeyTable says which keys never fit", () => {
  const keys = table();
  const most = 24 + 60 * (keys.cells - 1);
  assert(keys.fits(most));
  assert(!keys.fits(most + 1));
  const long = "x".repeat(most);
  const entry = keys.add(long);
  assertEquals(keys.find(long), entry);
  assert(!keys.hasRoom(1));
});

Deno.test("two KeyTables of one memory are one", () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(32 * 1024));
  const [a, b] = [new KeyTable(bytes), new KeyTable(bytes)];
  a.begin();
  a.set(a.add("key"), 1, 2);
  a.end();
  b.begin();
  const entry = b.find("key");
  assertEquals([b.first(entry), b.second(entry)], [1, 2]);
  b.remove(entry);
  b.end();
  a.begin();
  assertEquals(a.find("key"), 0);
});

Deno.test("KeyTable is empty after a change that was not brought to its end", () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(32 * 1024));
  const [dead, other] = [new KeyTable(bytes), new KeyTable(bytes)];
  dead.begin();
  dead.add("key");
  other.begin();
  assertEquals([other.find("key"), other.oldest], [0, 0]);
  other.add("key");
  other.end();
  dead.begin();
  assert(dead.find("key") !== 0);
});
