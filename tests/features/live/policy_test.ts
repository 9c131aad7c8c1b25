import { assertEquals } from "@std/assert";
import {
  allowingSelf,
  forbidsSelf,
  policiesIn,
} from "../../../src/features/live/policy.ts";

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

/** Policies, and whether a page may load nothing from its own origin. */
const FORBIDDING:
  readonly (readonly [policy: string, isForbidding: boolean])[] = [
    ["", false],
    ["img-src 'none'", false],
    ["default-src 'self'", false],
    ["default-src 'none'", true],
    ["default-src 'none'; script-src 'self'; connect-src *", false],
    ["default-src 'none'; script-src 'self'", true],
    ["script-src 'nonce-a' 'unsafe-inline' data:", true],
    ["script-src", true],
    ["script-src http:", false],
    ["script-src localhost:8080", false],
    // Hosts of others.
    ["script-src https://cdn.example", true],
    ["default-src cdn.example *.cdn.example", true],
    ["script-src cdn.example LOCALHOST:8080", false],
    ["script-src localhost", true],
    ["script-src localhost:8081", true],
    ["script-src localhost:*", false],
    ["script-src *:8080", false],
    ["script-src *:8081", true],
    ["script-src http://localhost:8080", false],
    ["script-src https://localhost:8080", true],
    ["script-src http://localhost:8080/.live", false],
    ["script-src http://localhost:8080/.Live", true],
    ["script-src http://localhost:8080/js/", true],
    ["script-src http://localhost:8080/", false],
    ["script-src *.localhost:8080", true],
    ["script-src https:", true],
    ["connect-src ws://localhost:8080", true],
    ["script-src 'self' 'Strict-Dynamic'", true],
    ["script-src-elem 'self'; script-src 'strict-dynamic'", false],
    ["connect-src wss: blob:", true],
    ["sandbox", true],
    ["sandbox allow-scripts", false],
    ["default-src 'self', connect-src 'none'", true],
  ];

const SCRIPT = new URL("http://localhost:8080/.live");

Deno.test("forbidsSelf() tells what keeps a page from its own origin", () => {
  for (const [policy, isForbidding] of FORBIDDING) {
    assertEquals(forbidsSelf(policy, SCRIPT), isForbidding, policy);
  }
});

/** Beginnings of documents, and the policies that they name. */
const DOCUMENTS: readonly (readonly [html: string, policies: string[]])[] = [
  [
    `<meta http-equiv="Content-Security-Policy" content="default-src 'self'">`,
    ["default-src 'self'"],
  ],
  [
    "<META\nCONTENT='img-src a; b' data-x HTTP-EQUIV = content-security-policy>",
    ["img-src a; b"],
  ],
  [
    `<meta http-equiv=Content-Security-Policy content="a &#39;none&#39;"/>` +
    `<meta http-equiv=Content-Security-Policy content="">`,
    ["a 'none'", ""],
  ],
  [`<!-- <meta http-equiv=Content-Security-Policy content="a"> -->`, []],
  [
    `<meta http-equiv=Content-Security-Policy-Report-Only content="a">`,
    [],
  ],
  [`<meta name=x content="a"><p>http-equiv=Content-Security-Policy`, []],
  ["<meta http-equiv=refresh content='5'>", []],
  ["", []],
];

Deno.test("policiesIn() finds what a document says in its <meta>", () => {
  for (const [html, policies] of DOCUMENTS) {
    assertEquals(policiesIn(html), policies, html);
  }
});
