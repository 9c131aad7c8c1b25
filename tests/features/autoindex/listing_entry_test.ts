import { assertEquals } from "@std/assert";
import {
  compareEntries,
  encodeName,
  escapeHtml,
  type ListingEntry,
  type ListingKind,
} from "../../../src/features/autoindex/listing_entry.ts";

function entry(name: string, kind: ListingKind = "file"): ListingEntry {
  return { name, kind, size: 0, mtimeMs: 0 };
}

Deno.test("compareEntries() puts folders first and sorts by bytes", () => {
  const sorted = [
    entry("-", "directory"),
    entry("b", "directory"),
    ...["-", "B", "a", "a b", "aa", "b", "~", "é", "\uffee", "\u{10000}"]
      .map((name) => entry(name)),
  ];
  assertEquals(sorted.toReversed().sort(compareEntries), sorted);
  assertEquals(compareEntries(entry("a"), entry("a", "other")), 0);
});

Deno.test("encodeName() leaves the unreserved characters alone", () => {
  for (let code = 1; code < 0x80; code++) {
    const character = String.fromCharCode(code);
    const expected = /[A-Za-z0-9._~-]/.test(character)
      ? character
      : `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
    assertEquals(encodeName(character), expected);
  }
  assertEquals(encodeName("é€😀"), "%C3%A9%E2%82%AC%F0%9F%98%80");
  assertEquals(encodeName("\ud800"), "%EF%BF%BD");
});

Deno.test("escapeHtml() escapes what nginx escapes", () => {
  assertEquals(escapeHtml(`<a b="c">&'`), "&lt;a b=&quot;c&quot;&gt;&amp;'");
});
