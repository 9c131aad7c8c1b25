import { assertEquals } from "@std/assert";
import {
  countDescriptors,
  GROWTH_BOUNDS,
  growthOf,
  leftOver,
  type Quantity,
  type Sample,
} from "../../soak/growth.ts";

const FLAT: Sample = {
  seconds: 0,
  residentMb: 100,
  heapMb: 20,
  externalMb: 20,
  descriptors: 60,
  cachedFiles: 5,
  connections: 40,
};

/** A sample a second, each made of its second. */
function samples(
  seconds: number,
  make: (second: number) => Partial<Sample>,
): Sample[] {
  return Array.from({ length: seconds }, (_, i) => ({
    ...FLAT,
    seconds: i,
    ...make(i),
  }));
}

function growing(all: readonly Sample[], seconds: number): Quantity[] {
  return growthOf(all, seconds)
    .filter(({ grows }) => grows).map(({ quantity }) => quantity);
}

Deno.test("growthOf: what stays as it is does not grow", () => {
  assertEquals(growing(samples(120, () => ({})), 120), []);
  assertEquals(growthOf(samples(120, () => ({})), 120).length, 6);
});

Deno.test("growthOf: a leak of memory of any kind is seen", () => {
  for (const quantity of ["residentMb", "heapMb", "externalMb"] as const) {
    // Twice the bound between the middles of the thirds.
    const perSecond = 2 * GROWTH_BOUNDS[quantity] / 60;
    const leak = samples(120, (second) => ({
      [quantity]: FLAT[quantity] + second * perSecond,
    }));
    assertEquals(growing(leak, 120), [quantity]);
  }
});

Deno.test("growthOf: the warm-up and single peaks do not count", () => {
  const warm = samples(120, (i) => ({ residentMb: i < 30 ? i * 5 : 200 }));
  assertEquals(growing(warm, 120), []);
  const peaks = samples(120, (i) => ({ heapMb: i % 10 === 9 ? 500 : 20 }));
  assertEquals(growing(peaks, 120), []);
});

Deno.test("growthOf: too short or too few says nothing", () => {
  assertEquals(growthOf(samples(10, () => ({})), 10), []);
  assertEquals(growthOf(samples(120, () => ({})).slice(0, 60), 120), []);
});

Deno.test("growthOf: where descriptors are not told they do not grow", () => {
  const all = samples(120, () => ({ descriptors: NaN }));
  assertEquals(growing(all, 120), []);
});

Deno.test("leftOver: connections and descriptors, but not cached files", () => {
  const rows: [Partial<Sample>, number][] = [
    [{}, 0],
    [{ connections: 39 }, 0],
    [{ connections: 41 }, 1],
    [{ descriptors: 61 }, 1],
    [{ descriptors: 63, cachedFiles: 8 }, 0],
    [{ descriptors: 60, cachedFiles: 4 }, 1],
    [{ descriptors: NaN }, 0],
    [{ descriptors: 70, connections: 50 }, 2],
  ];
  for (const [after, problems] of rows) {
    const found = leftOver(FLAT, { ...FLAT, ...after });
    assertEquals(found.length, problems, JSON.stringify(after));
  }
});

Deno.test("countDescriptors counts what is no cache", () => {
  const line = (target: string) =>
    `lrwx------ 1 a a 64 Nov 1 10:00 3 -> ${target}`;
  assertEquals(countDescriptors([""]), 0);
  const lines = [
    "total 0",
    line("socket:[123]"),
    line("/memfd:webserv-body (deleted)"),
    line("/memfd:other (deleted)"),
    line("/a file -> of that name"),
  ];
  assertEquals(countDescriptors(lines), 3);
});
