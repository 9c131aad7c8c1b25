import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import {
  normalizePath,
  parseTarget,
  type RequestTarget,
} from "../../src/http/target.ts";

/** The text as one character per UTF-8 byte, the way targets arrive. */
function latin1(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function assertBadRequest(run: () => unknown, name: string): void {
  const error = assertThrows(run, HttpError, undefined, name);
  assertEquals(error.status, 400, name);
}

const HOST = { host: "a.example", port: undefined };

Deno.test("parseTarget() tells the forms apart", () => {
  const cases: [string, RequestTarget][] = [
    ["/", { form: "origin", path: "/", query: undefined }],
    ["/a/b", { form: "origin", path: "/a/b", query: undefined }],
    ["/a?", { form: "origin", path: "/a", query: "" }],
    ["/a?b=c", { form: "origin", path: "/a", query: "b=c" }],
    ["/a?b?c", { form: "origin", path: "/a", query: "b?c" }],
    ["/?/../x", { form: "origin", path: "/", query: "/../x" }],
    ["//a/b", { form: "origin", path: "//a/b", query: undefined }],
    ["/a%3Fb", { form: "origin", path: "/a%3Fb", query: undefined }],
    ["/http://a", { form: "origin", path: "/http://a", query: undefined }],
    ["/\xff", { form: "origin", path: "/\xff", query: undefined }],
    ['/"<>\\^`{|}', {
      form: "origin",
      path: '/"<>\\^`{|}',
      query: undefined,
    }],
    ["*", { form: "asterisk" }],
    ["http://a.example/x?y", {
      form: "absolute",
      scheme: "http",
      authority: HOST,
      path: "/x",
      query: "y",
    }],
    ["HTTPS://A.Example:8443/", {
      form: "absolute",
      scheme: "https",
      authority: { host: "a.example", port: 8443 },
      path: "/",
      query: undefined,
    }],
    // An empty path is `/`.
    ["http://a.example", {
      form: "absolute",
      scheme: "http",
      authority: HOST,
      path: "/",
      query: undefined,
    }],
    ["http://a.example?x/y", {
      form: "absolute",
      scheme: "http",
      authority: HOST,
      path: "/",
      query: "x/y",
    }],
    ["http://a.example//x", {
      form: "absolute",
      scheme: "http",
      authority: HOST,
      path: "//x",
      query: undefined,
    }],
    ["az+b-c.09://[::1]/", {
      form: "absolute",
      scheme: "az+b-c.09",
      authority: { host: "[::1]", port: undefined },
      path: "/",
      query: undefined,
    }],
    ["a.example:443", {
      form: "authority",
      authority: { host: "a.example", port: 443 },
    }],
    ["[::1]:443", {
      form: "authority",
      authority: { host: "[::1]", port: 443 },
    }],
  ];
  for (const [raw, target] of cases) {
    assertEquals(parseTarget(raw), target, raw);
  }
});

Deno.test("parseTarget() rejects what has no form", () => {
  const cases = [
    "",
    "a",
    "a/b",
    "?x",
    "**",
    "*?x",
    "*/",
    "a.example",
    "a.example:",
    "a.example:x",
    "user@a.example:443",
    "http:",
    "http:/",
    "http:/a",
    "http://",
    "http:///a",
    "http://?x",
    "http://:80/",
    "http://user@a.example/",
    "http://a..b/",
    "http://a.example:65536/",
    "http://a.example\\x/",
    "://a.example/",
    "1http://a.example/",
    "ht_tp://a.example/",
    "mailto:a@b",
    // No fragment, space or control character anywhere.
    "/#",
    "/a#b",
    "/?a#b",
    "http://a.example/#b",
    "/a b",
    "/?a b",
    "/\t",
    "/a\x00",
    "/a\r",
    "/a\n",
    "/a\x1f",
    "/a\x7f",
    "/?\x7f",
    // More than a byte is not latin1.
    "/\u0100",
  ];
  for (const raw of cases) {
    assertBadRequest(() => parseTarget(raw), JSON.stringify(raw));
  }
});

Deno.test("normalizePath() gives the one path that is meant", () => {
  const cases: [raw: string, path: string][] = [
    ["/", "/"],
    ["/a/b.html", "/a/b.html"],
    ["/a/", "/a/"],
    // Slashes.
    ["//", "/"],
    ["///a", "/a"],
    ["/a//b", "/a/b"],
    ["/a///", "/a/"],
    ["/a/%2F/b", "/a/b"],
    ["/a%2fb", "/a/b"],
    // Dot segments, decoded or not.
    ["/.", "/"],
    ["/./", "/"],
    ["/a/.", "/a/"],
    ["/a/./b", "/a/b"],
    ["/a/..", "/"],
    ["/a/../", "/"],
    ["/a/../b", "/b"],
    ["/a/b/../../c", "/c"],
    ["/a/b/..", "/a/"],
    ["/a/%2e%2e/b", "/b"],
    ["/a/%2E./b", "/b"],
    ["/a/.%2e", "/"],
    ["/a%2f..%2fb", "/b"],
    ["/a//../b", "/b"],
    ["/a/.//../b", "/b"],
    // What only looks like one.
    ["/.a", "/.a"],
    ["/..a", "/..a"],
    ["/...", "/..."],
    ["/a./b", "/a./b"],
    ["/a../b", "/a../b"],
    ["/.../../b", "/b"],
    ["/.well-known/x", "/.well-known/x"],
    ["/a/..\\b", "/a/..\\b"],
    ["/..\\", "/..\\"],
    ["/a%5c..%5cb", "/a\\..\\b"],
    // Decoded exactly once.
    ["/%61", "/a"],
    ["/%2561", "/%61"],
    ["/%252e%252e/", "/%2e%2e/"],
    ["/%25", "/%"],
    ["/%252F", "/%2F"],
    ["/%3F%23", "/?#"],
    ["/a+b", "/a+b"],
    ["/%20", "/ "],
    ["/%0A%7f", "/\n\x7f"],
    // UTF-8, escaped or raw or both in one character.
    ["/%C3%A9", "/\u00e9"],
    ["/%c3%a9", "/\u00e9"],
    [latin1("/\u00e9"), "/\u00e9"],
    ["/\xc3%a9", "/\u00e9"],
    ["/%c3\xa9", "/\u00e9"],
    [latin1("/\u4f60/\u{1f600}"), "/\u4f60/\u{1f600}"],
    ["/%EF%BB%BFa", "/\ufeffa"],
    ["/%EF%BF%BD", "/\ufffd"],
  ];
  for (const [raw, path] of cases) {
    assertEquals(normalizePath(raw, { mergeSlashes: true }), path, raw);
  }
});

Deno.test("normalizePath() keeps slashes when they are not merged", () => {
  const cases: [raw: string, path: string][] = [
    ["//", "//"],
    ["/a//b", "/a//b"],
    ["/a%2f%2fb", "/a//b"],
    // `..` takes back the empty segment, as RFC 3986 has it.
    ["/a//../b", "/a/b"],
    ["//..", "/"],
    ["//../a", "/a"],
    ["/a//./b", "/a//b"],
    ["/a//.", "/a//"],
    ["/a/..//b", "//b"],
  ];
  for (const [raw, path] of cases) {
    assertEquals(normalizePath(raw, { mergeSlashes: false }), path, raw);
  }
});

Deno.test("normalizePath() rejects what has no safe meaning", () => {
  const cases = [
    "",
    "a",
    "%2Fa",
    "../a",
    // Above the root.
    "/..",
    "/../",
    "/../a",
    "/./..",
    "/a/../..",
    "/a/../../b",
    "/a/b/../../../c",
    "/%2e%2e/",
    "/%2e%2e%2fetc/passwd",
    "/..%2f",
    // Escapes.
    "/%",
    "/%a",
    "/%zz",
    "/%0",
    "/a%2",
    "/%g0",
    "/%0g",
    "/% 1",
    "/%+1",
    "/%u0041",
    "/%%41",
    // NUL.
    "/%00",
    "/a%00.html",
    "/\x00",
    // Not UTF-8: alone, cut off, overlong, surrogate, too large.
    "/%ff",
    "/\xff",
    "/%80",
    "/\x80",
    "/%c3",
    "/%c3/",
    "/%e4%bd",
    "/%c0%af",
    "/%c0%ae%c0%ae/",
    "/%e0%80%af",
    "/%ed%a0%80",
    "/%f4%90%80%80",
    // Not bytes.
    "/\u0100",
  ];
  for (const raw of cases) {
    for (const mergeSlashes of [true, false]) {
      assertBadRequest(
        () => normalizePath(raw, { mergeSlashes }),
        JSON.stringify(raw),
      );
    }
  }
  assertBadRequest(
    () => normalizePath("//..", { mergeSlashes: true }),
    "merged before the dots",
  );
});

Deno.test("normalizePath() never leaves a dot segment or a double slash", () => {
  const tokens = ["/", ".", "..", "%2e", "%2F", "a", "//", "/./", "/../"];
  // Every sequence of four tokens.
  for (let n = 0; n < tokens.length ** 4; n++) {
    let raw = "/";
    for (let i = 0, rest = n; i < 4; i++) {
      raw += tokens[rest % tokens.length];
      rest = Math.floor(rest / tokens.length);
    }
    let path: string;
    try {
      path = normalizePath(raw, { mergeSlashes: true });
    } catch (error) {
      if (error instanceof HttpError) continue;
      throw error;
    }
    const segments = path.split("/");
    const clean = segments[0] === "" &&
      segments.every((segment) => segment !== "." && segment !== "..") &&
      !path.includes("//");
    if (!clean) assertEquals(path, "a clean path", raw);
    // What is normal stays as it is.
    if (normalizePath(path, { mergeSlashes: true }) !== path) {
      assertEquals(normalizePath(path, { mergeSlashes: true }), path, raw);
    }
  }
});

Deno.test("normalizePath() is linear in a hostile path", () => {
  const started = performance.now();
  normalizePath("/a".repeat(300_000) + "/..".repeat(300_000), {
    mergeSlashes: true,
  });
  normalizePath("/a/..".repeat(200_000), { mergeSlashes: true });
  normalizePath("/".repeat(1_000_000), { mergeSlashes: true });
  const elapsed = performance.now() - started;
  // Quadratic work on a million characters would take minutes.
  assertEquals(elapsed < 5000, true, `${elapsed} ms`);
});
