import { assertEquals } from "@std/assert";
import { isSourceOf } from "../../../src/features/live/source_match.ts";

/** Sources, URLs, and whether the one is for the other. */
const ROWS: readonly (readonly [source: string, url: string, is: boolean])[] = [
  ["http:", "https://a.example/x", true],
  ["https:", "http://a.example/x", false],
  ["data:", "http://a.example/x", false],
  ["'self'", "http://a.example/x", false],
  ["a.example", "http://a.example/x", true],
  ["a.example", "https://a.example/x", true],
  ["a.example", "http://a.example:8080/x", false],
  ["a.example:80", "https://a.example/x", true],
  ["a.example:443", "https://a.example/x", true],
  ["a.example:443", "http://a.example/x", false],
  ["http://a.example", "https://a.example/x", true],
  ["*.example", "http://a.b.example/x", true],
  ["*.example", "http://example/x", false],
  ["*.a.example", "http://ba.example/x", false],
  ["*", "http://a.example/x", true],
  ["[::1]:8080", "http://[::1]:8080/x", true],
  ["127.0.0.1:*", "http://127.0.0.1:8080/x", true],
  ["a.example/x", "http://a.example/x", true],
  ["a.example/x", "http://a.example/x/y", false],
  ["a.example/x/", "http://a.example/x/y", true],
  ["", "http://a.example/x", false],
  ["a.example:x", "http://a.example/x", false],
  ["a_b.example", "http://a_b.example/x", true],
];

Deno.test("isSourceOf() tells whether a policy's source is for a URL", () => {
  for (const [source, url, is] of ROWS) {
    assertEquals(isSourceOf(source, new URL(url)), is, `${source} ${url}`);
  }
});
