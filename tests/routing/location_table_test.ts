import { assertEquals } from "@std/assert";
import type { CaptureHolder } from "../../src/regex/pattern.ts";
import { parseLocation } from "../../src/core/settings/core.ts";
import { LocationTable, patternKey } from "../../src/routing/location_table.ts";

const PLACE = { file: "x.conf", line: 1 };

/** A location in short: what stands behind `location`, and those within. */
type Block = string | readonly [string, ...Block[]];

function tableOf(...blocks: Block[]): LocationTable<string> {
  return new LocationTable(blocks.map((block) => {
    const [text, ...inner] = typeof block === "string" ? [block] : block;
    return {
      pattern: parseLocation(text.split(" "), PLACE),
      value: text,
      inner: inner.length === 0 ? undefined : tableOf(...inner),
    };
  }));
}

Deno.test("LocationTable.match() has nginx's order", () => {
  const table = tableOf(
    "/",
    "= /",
    "/documents/",
    "^~ /images/",
    "~* [.](gif|jpg)$",
    "~ ^/documents/.*[.]gif$",
    "/images/deep/",
    "= /exact.gif",
    "/pre",
    "@named",
  );
  // The first rows are the example of nginx's documentation.
  const rows: [string, string | undefined][] = [
    ["/", "= /"],
    ["/index.html", "/"],
    ["/documents/document.html", "/documents/"],
    ["/images/1.gif", "^~ /images/"],
    ["/documents/1.jpg", "~* [.](gif|jpg)$"],
    ["/documents/1.gif", "~* [.](gif|jpg)$"], // the first of the file
    ["/documents/1.GIF", "~* [.](gif|jpg)$"],
    ["/exact.gif", "= /exact.gif"],
    ["/exact.gif/x", "/"],
    ["/images/deep/1.gif", "~* [.](gif|jpg)$"], // longest prefix is not final
    ["/prefix", "/pre"], // a prefix of the text, not of segments
    ["/pr", "/"],
    ["/documents", "/"],
    ["@named", undefined],
  ];
  for (const [path, expected] of rows) {
    assertEquals(table.match(path), expected, path);
  }
});

Deno.test("LocationTable.match() finds nothing where no location is", () => {
  const table = tableOf("/a/", "= /b", "~ ^/c$");
  const rows: [string, string | undefined][] = [
    ["/", undefined],
    ["/a", undefined],
    ["/a/", "/a/"],
    ["/b", "= /b"],
    ["/b/", undefined],
    ["/c", "~ ^/c$"],
    ["/C", undefined],
    ["/c\n", "~ ^/c$"], // a "$" is also before a last newline
  ];
  for (const [path, expected] of rows) {
    assertEquals(table.match(path), expected, JSON.stringify(path));
  }
  assertEquals(tableOf().match("/"), undefined);
});

Deno.test("LocationTable.match() descends before it tries expressions", () => {
  const table = tableOf(
    [
      "/",
      "= /s.html",
      "/in/",
      ["/deep/", "^~ /deep/final/", "~ ^/deep/own[.]html$"],
      ["^~ /sub/", "~ [.]css$"],
    ],
    ["^~ /closed/", "/closed/open/", "~ [.]txt$"],
    [
      "/open/",
      ["/open/a/", "= /open/a/s.html", "~ [.]gif$"],
      "~ ^/open/.*[.]html$",
    ],
    ["~ [.](html|gif)$", "/special/", "= /one.html", "~ ^/two[.]"],
    "~ [.]css$",
  );
  const rows: [string, string, string][] = [
    ["/s.html", "= /s.html", "a nested exact location ends the search"],
    ["/t.html", "~ [.](html|gif)$", "an outer expression takes the rest"],
    ["/in/x", "/in/", "the innermost prefix"],
    ["/in/x.html", "~ [.](html|gif)$", "a nested prefix ends nothing"],
    ["/deep/final/x", "^~ /deep/final/", "a nested final prefix"],
    ["/deep/final/x.html", "~ [.](html|gif)$", "is final within its block"],
    ["/deep/own.html", "~ ^/deep/own[.]html$", "a nested expression ends it"],
    ["/sub/x", "^~ /sub/", "final, two levels down"],
    ["/sub/x.css", "~ [.]css$", "the expression within"],
    ["/closed/x.html", "^~ /closed/", "no expression beside a final prefix"],
    ["/closed/open/x.html", "/closed/open/", "nor for what is within it"],
    ["/closed/x.txt", "~ [.]txt$", "but the expressions within it"],
    ["/open/a/s.html", "= /open/a/s.html", "exact, three levels down"],
    ["/open/a/t.html", "~ ^/open/.*[.]html$", "the middle level's turn"],
    ["/open/a/x.gif", "~ [.]gif$", "the innermost level's turn"],
    ["/open/x.gif", "~ [.](html|gif)$", "the outermost level's turn"],
    ["/open/a/x", "/open/a/", "nobody's turn"],
    ["/special/x.gif", "/special/", "a prefix within an expression"],
    ["/one.html", "= /one.html", "an exact location within an expression"],
    ["/two.gif", "~ ^/two[.]", "an expression within an expression"],
  ];
  for (const [path, expected, why] of rows) {
    assertEquals(table.match(path), expected, `${path}: ${why}`);
  }
});

Deno.test("LocationTable.match() ignores case where files do", () => {
  const entry = (text: string, inner?: LocationTable<string>) => ({
    pattern: parseLocation(text.split(" "), PLACE),
    value: text,
    inner,
  });
  const options = { ignoreCase: true };
  const inner = new LocationTable([entry("= /Private/Open")], options);
  const table = new LocationTable([
    entry("/"),
    entry("/Private/", inner),
    entry("= /Exact"),
    entry("~ [.]Gif$"),
  ], options);
  const rows: [string, string][] = [
    ["/PRIVATE/x", "/Private/"],
    ["/private/OPEN", "= /Private/Open"],
    ["/eXact", "= /Exact"],
    ["/x.Gif", "~ [.]Gif$"],
    ["/other", "/"],
  ];
  for (const [path, expected] of rows) {
    assertEquals(table.match(path), expected, path);
  }
});

Deno.test("LocationTable.match() takes the empty prefix", () => {
  assertEquals(tableOf("/a", ["", "= /b"]).match("/b"), "= /b");
});

Deno.test("patternKey() is equal for locations that are the same", () => {
  const key = (...args: string[]) => patternKey(parseLocation(args, PLACE));
  assertEquals(key("=", "/a"), key("=/a"));
  assertEquals(key("/a"), key("^~", "/a"));
  const different = [["/a"], ["=", "/a"], ["/a/"], ["~", "/a"], ["~*", "/a"]];
  const keys = different.map((args) => key(...args));
  assertEquals(new Set(keys).size, keys.length);
});

Deno.test("LocationTable.match() tells what the groups of a regex took", () => {
  const table = tableOf("/", "~ ^/u/([a-z]+)/(.*)$", "~* [.](gif)$");
  const holder: CaptureHolder = { captures: undefined, values: undefined };
  table.match("/plain", holder);
  assertEquals(holder.captures, undefined);
  table.match("/u/ann/x", holder);
  assertEquals([...holder.captures ?? []], ["/u/ann/x", "ann", "x"]);
  table.match("/a.GIF", holder);
  assertEquals(holder.captures?.[1], "GIF");
  // As in nginx, a later match of another kind leaves them as they are.
  table.match("/plain", holder);
  assertEquals(holder.captures?.[1], "GIF");
});
