import { assertEquals } from "@std/assert";
import { dispensable, type Needs } from "../../src/cli/permissions.ts";

/** What a server may still do, and what it gives up. */
const ROWS: readonly (readonly [needs: Needs, names: string])[] = [
  [
    { reloads: true, restarts: false, needed: new Set(["write"]) },
    "run sys ffi",
  ],
  [{ reloads: true, restarts: false, needed: new Set() }, "run sys ffi"],
  [
    { reloads: false, restarts: false, needed: new Set(["write"]) },
    "run sys ffi net",
  ],
  [
    { reloads: false, restarts: false, needed: new Set() },
    "run sys ffi net write",
  ],
  [
    { reloads: false, restarts: true, needed: new Set(["write"]) },
    "run sys ffi",
  ],
  [{ reloads: false, restarts: true, needed: new Set() }, "run sys ffi write"],
  [
    { reloads: false, restarts: false, needed: new Set(["net", "run"]) },
    "sys ffi write",
  ],
];

Deno.test("dispensable() keeps what a reload, a log or a module may need", () => {
  for (const [needs, names] of ROWS) {
    assertEquals(dispensable(needs).join(" "), names);
  }
});
