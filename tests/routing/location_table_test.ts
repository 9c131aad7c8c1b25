import { assertEquals } from "@std/assert";
import { parseLocation } from "../../src/modules/core.ts";
import {
  type CaptureHolder,
  LocationTable,
  patternKey,
} from "../../src/routing/location_table.ts";

const PLACE = { file: "x.conf", line: 1 };

function tableOf(...locations: string[]): LocationTable<string> {
  return new LocationTable(
    locations.map((text) =>
      [parseLocation(text.split(" "), PLACE), text] as const
    ),
    "fallback",
  );
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
  const rows: [string, string][] = [
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
    ["@named", "fallback"],
  ];
  for (const [path, expected] of rows) {
    assertEquals(table.match(path), expected, path);
  }
});

Deno.test("LocationTable.match() falls back where no location is", () => {
  const table = tableOf("/a/", "= /b", "~ ^/c$");
  const rows: [string, string][] = [
    ["/", "fallback"],
    ["/a", "fallback"],
    ["/a/", "/a/"],
    ["/b", "= /b"],
    ["/b/", "fallback"],
    ["/c", "~ ^/c$"],
    ["/C", "fallback"],
    ["/c\n", "fallback"],
  ];
  for (const [path, expected] of rows) {
    assertEquals(table.match(path), expected, JSON.stringify(path));
  }
  assertEquals(tableOf().match("/"), "fallback");
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
  const holder: CaptureHolder = { captures: undefined };
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
