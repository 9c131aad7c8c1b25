import { assertEquals } from "@std/assert";
import { isHidden } from "../../../src/files/cache/hidden.ts";

Deno.test("isHidden: segments that begin with a dot, but for .well-known", () => {
  const rows: [path: string, start: number, hidden: boolean][] = [
    ["/a", 0, false],
    ["/.a", 0, true],
    ["/a/.b", 0, true],
    ["/a/.b/c", 0, true],
    ["/a.b", 0, false],
    ["/a/b.", 0, false],
    ["/...", 0, true],
    ["/.well-known", 0, false],
    ["/.well-known/", 0, false],
    ["/.well-known/acme", 0, false],
    ["/.well-known/.hidden", 0, true],
    ["/.well-knownx", 0, true],
    ["/.Well-Known/x", 0, true],
    ["/home/.site/www/a", "/home/.site/www".length, false],
    ["/home/.site/www/.a", "/home/.site/www".length, true],
    ["", 0, false],
  ];
  for (const [path, start, hidden] of rows) {
    assertEquals(isHidden(path, start), hidden, path);
  }
});
