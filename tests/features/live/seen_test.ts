import { assertEquals } from "@std/assert";
import { isSeen } from "../../../src/features/live/seen.ts";

const ROWS: [path: string, expected: boolean][] = [
  ["/.hidden/site", true],
  ["/.hidden/site/a.html", true],
  ["/.hidden/site/b/c.css", true],
  ["/.hidden/site/.git/index", false],
  ["/.hidden/site/b/.a.html.swp", false],
  ["/.hidden/site/a.html~", false],
  ["/.hidden/site/b~c.html", true],
  ["/.hidden/site/4913", false],
  ["/.hidden/site/49130", true],
];

for (const [path, expected] of ROWS) {
  Deno.test(`isSeen() says ${expected} of ${path}`, () => {
    assertEquals(isSeen("/.hidden/site", path), expected);
  });
}
