import { assertEquals } from "@std/assert";
import { dispensable, type Needs } from "../../src/cli/permissions.ts";

/** What a server may still do, and what it gives up. */
const ROWS: readonly (readonly [needs: Needs, names: string])[] = [
  [{ reloads: true, restarts: false, needed: new Set(["write"]) }, "run sys"],
  [{ reloads: true, restarts: false, needed: new Set() }, "run sys"],
  [
    { reloads: false, restarts: false, needed: new Set(["write"]) },
    "run sys net",
  ],
  [{ reloads: false, restarts: false, needed: new Set() }, "run sys net write"],
  [{ reloads: false, restarts: true, needed: new Set(["write"]) }, "run sys"],
  [{ reloads: false, restarts: true, needed: new Set() }, "run sys write"],
  [
    { reloads: false, restarts: false, needed: new Set(["net", "run"]) },
    "sys write",
  ],
];

Deno.test("dispensable() keeps what a reload, a log or a module may need", () => {
  for (const [needs, names] of ROWS) {
    assertEquals(dispensable(needs).join(" "), names);
  }
});
