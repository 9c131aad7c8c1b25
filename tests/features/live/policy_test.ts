import { assertEquals } from "@std/assert";
import { allowingSelf } from "../../../src/features/live/policy.ts";

/** Policies, and what they are with the page's own origin. */
const ROWS: readonly (readonly [policy: string, expected: string])[] = [
  [
    "script-src 'self'; connect-src 'self'",
    "script-src 'self'; connect-src 'self'",
  ],
  ["default-src *", "default-src *"],
  ["default-src 'SELF'", "default-src 'SELF'"],
  ["img-src a.example", "img-src a.example"],
  ["", ""],
  [
    "default-src 'none'; script-src 'sha256-x='",
    "default-src 'none'; script-src 'sha256-x=' 'self'; connect-src 'self'",
  ],
  [
    "default-src 'none'; img-src *",
    "default-src 'none'; img-src *; script-src-elem 'self'; connect-src 'self'",
  ],
  [
    "script-src-elem b.example; script-src 'none'; connect-src 'none'",
    "script-src-elem b.example 'self'; script-src 'none'; connect-src 'self'",
  ],
  ["Script-Src a.example;;  script-src 'self' ", "script-src a.example 'self'"],
  ["connect-src", "connect-src 'self'"],
  [
    "script-src a.example, default-src 'self'",
    "script-src a.example 'self', default-src 'self'",
  ],
];

Deno.test("allowingSelf() lets a page load from its own origin, and no more", () => {
  for (const [policy, expected] of ROWS) {
    assertEquals(allowingSelf(policy), expected);
    assertEquals(allowingSelf(expected), expected);
  }
});
