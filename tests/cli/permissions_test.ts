import { assertEquals } from "@std/assert";
import { dispensable, type Needs } from "../../src/cli/permissions.ts";

/** What a server may still do, and what it gives up. */
const ROWS: readonly (readonly [needs: Needs, names: string])[] = [
  [{ reloads: true, restarts: false, writes: true }, "run sys"],
  [{ reloads: true, restarts: false, writes: false }, "run sys"],
  [{ reloads: false, restarts: false, writes: true }, "run sys net"],
  [{ reloads: false, restarts: false, writes: false }, "run sys net write"],
  [{ reloads: false, restarts: true, writes: true }, "run sys"],
  [{ reloads: false, restarts: true, writes: false }, "run sys write"],
];

Deno.test("dispensable() keeps what a reload or a log may need", () => {
  for (const [needs, names] of ROWS) {
    assertEquals(dispensable(needs).join(" "), names, JSON.stringify(needs));
  }
});
