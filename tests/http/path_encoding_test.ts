import { assertEquals } from "@std/assert";
import { encodePath, encodePathSegment } from "../../src/http/path_encoding.ts";
import { normalizePath } from "../../src/http/target.ts";

Deno.test("encodePath() escapes what may not stand in a path", () => {
  const cases: [path: string, encoded: string][] = [
    ["/", "/"],
    ["/a/b.html", "/a/b.html"],
    ["/~a-b_c.d!$&'()*+,;=:@", "/~a-b_c.d!$&'()*+,;=:@"],
    ["/a b", "/a%20b"],
    ["/100%", "/100%25"],
    ["/%2e", "/%252e"],
    ["/a?b#c", "/a%3Fb%23c"],
    ['/"<>\\^`{|}', "/%22%3C%3E%5C%5E%60%7B%7C%7D"],
    ["/\r\n\t\x00\x7f", "/%0D%0A%09%00%7F"],
    ["/\u00e9", "/%C3%A9"],
    ["/\u4f60/a", "/%E4%BD%A0/a"],
    ["/\u{1f600}", "/%F0%9F%98%80"],
    ["/\u0080\u00a0", "/%C2%80%C2%A0"],
    // A lone surrogate has no UTF-8.
    ["/\ud800", "/%EF%BF%BD"],
    // Never a reference to another host.
    ["//evil.example/", "/%2Fevil.example/"],
    ["///evil.example", "/%2F/evil.example"],
    ["/\\evil.example", "/%5Cevil.example"],
    ["/a//b", "/a//b"],
    ["", ""],
  ];
  for (const [path, encoded] of cases) {
    assertEquals(encodePath(path), encoded, path);
  }
});

Deno.test("encodePathSegment() makes one name a relative reference", () => {
  const cases: [name: string, encoded: string][] = [
    ["a.html", "a.html"],
    ["javascript:alert(1)", "javascript%3Aalert(1)"],
    ["a/b", "a%2Fb"],
    ["//a", "%2F%2Fa"],
    ["a b?.txt", "a%20b%3F.txt"],
    ["\u00e9#1", "%C3%A9%231"],
    ["", ""],
  ];
  for (const [name, encoded] of cases) {
    assertEquals(encodePathSegment(name), encoded, name);
  }
});

Deno.test("encodePath() is undone by normalizePath(), for every character", () => {
  let path = "/";
  for (let code = 1; code < 0x800; code++) path += String.fromCharCode(code);
  path += "\u{1f600}\ufeff\ufffd";
  // The characters come in order, so `.` and `/` make no dot segment.
  assertEquals(normalizePath(encodePath(path), { mergeSlashes: true }), path);
  assertEquals(
    normalizePath(encodePath("//a"), { mergeSlashes: false }),
    "//a",
  );
});

Deno.test("encodePath() gives visible ASCII only", () => {
  for (let code = 0; code < 0x300; code++) {
    const encoded = encodePath("/" + String.fromCharCode(code));
    assertEquals(/^[!-~]+$/.test(encoded), true, String(code));
  }
});
