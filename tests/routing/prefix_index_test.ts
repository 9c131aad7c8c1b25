import { assertEquals } from "@std/assert";
import { PrefixIndex } from "../../src/routing/prefix_index.ts";

function indexOf(...prefixes: string[]): PrefixIndex<string> {
  return new PrefixIndex(prefixes.map((prefix) => [prefix, prefix]));
}

Deno.test("PrefixIndex.longest()", () => {
  const index = indexOf("/b", "/", "/a/b/c", "/a/", "/a", "/a/b", "/aa", "/é");
  const rows: [string, string | undefined][] = [
    ["/", "/"],
    ["/x", "/"],
    ["/a", "/a"],
    ["/a/", "/a/"],
    ["/a/a", "/a/"],
    ["/a/b", "/a/b"],
    ["/a/bc", "/a/b"],
    ["/a/b/c/d", "/a/b/c"],
    ["/a/b/b", "/a/b"],
    ["/a/z", "/a/"],
    ["/aa", "/aa"],
    ["/ab", "/a"],
    ["/b", "/b"],
    ["/éa", "/é"],
    ["/z", "/"],
    ["", undefined],
    ["a", undefined],
    ["\u0000", undefined],
  ];
  for (const [text, expected] of rows) {
    assertEquals(index.longest(text), expected, text);
  }
  assertEquals(indexOf().longest("/"), undefined);
  assertEquals(indexOf("").longest(""), "");
  assertEquals(indexOf("", "/a").longest("/b"), "");
});

Deno.test("PrefixIndex.longest() is what a scan of all prefixes finds", () => {
  const letters = ["a", "b", "/"];
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const text = (length: number) =>
    Array.from({ length }, () => letters[random(3)]).join("");
  for (let round = 0; round < 200; round++) {
    const prefixes = [
      ...new Set(Array.from({ length: random(20) }, () => text(random(6)))),
    ];
    const index = indexOf(...prefixes);
    for (let i = 0; i < 20; i++) {
      const asked = text(random(8));
      const expected = prefixes.filter((prefix) => asked.startsWith(prefix))
        .sort((a, b) => b.length - a.length)[0];
      assertEquals(index.longest(asked), expected, `${asked} in ${prefixes}`);
    }
  }
});
