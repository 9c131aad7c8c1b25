import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type DiagnosticContext,
  escapeControls,
  formatDiagnosticLine,
  quote,
} from "../../src/logging/diagnostic_line.ts";

const START = "2026/11/23 19:04:13 [error] 4711#2: ";

function lineOf(message: string, context: DiagnosticContext): string {
  return formatDiagnosticLine({
    time: "2026/11/23 19:04:13",
    level: "error",
    pid: 4711,
    thread: 2,
    message,
    context,
  });
}

const LINE_ROWS: [
  name: string,
  message: string,
  context: DiagnosticContext,
  expected: string,
][] = [
  ["a message alone", "it is so", {}, "it is so"],
  [
    "every field in nginx's order",
    "it is so",
    {
      referrer: "http://r/",
      host: "h",
      request: "GET / HTTP/1.1",
      server: "name",
      client: "1.2.3.4",
      connection: 7,
    },
    "*7 it is so, client: 1.2.3.4, server: name, " +
    'request: "GET / HTTP/1.1", host: "h", referrer: "http://r/"',
  ],
  ["a connection whose number is 0", "x", { connection: 0 }, "*0 x"],
  ["an empty server name", "x", { server: "" }, "x, server: "],
  [
    "fields that are undefined",
    "x",
    { client: undefined, request: undefined },
    "x",
  ],
  [
    "a forged line",
    "x",
    { request: "GET /\n2026/11/23 19:04:13 [emerg] 1#0: y" },
    'x, request: "GET /\\x0A2026/11/23 19:04:13 [emerg] 1#0: y"',
  ],
  [
    "bytes that are not UTF-8, and characters that are not in the BMP",
    "x\udcff",
    { request: "GET /\udc80💀é HTTP/1.1" },
    'x\\xFF, request: "GET /\\x80💀é HTTP/1.1"',
  ],
  [
    "forged quotes",
    "x",
    { request: 'a", client: 6.6.6.6\\' },
    'x, request: "a\\x22, client: 6.6.6.6\\x5C"',
  ],
  [
    "a message with controls",
    'a "b"\r\n\x1b[31m',
    {},
    'a "b"\\x0D\\x0A\\x1B[31m',
  ],
  ["a client with controls", "x", { client: "1\t2" }, "x, client: 1\\x092"],
  ["braces, which mean nothing", "{name} {0}", {}, "{name} {0}"],
  [
    "an error of the system as nginx does",
    'open() "/x" failed',
    {
      error: new Deno.errors.PermissionDenied(
        "Permission denied (os error 13): open '/x'",
      ),
    },
    'open() "/x" failed (13: Permission denied)',
  ],
  [
    "an error of the system by its code",
    'open() "/x" failed',
    {
      error: Object.assign(new Error("ELOOP: too many links, open '/x'"), {
        code: "ELOOP",
      }),
    },
    'open() "/x" failed (40: Too many levels of symbolic links)',
  ],
  [
    "an error of the runtime",
    "open() failed",
    { error: new Deno.errors.NotFound("No such file") },
    "open() failed (NotFound: No such file)",
  ],
  [
    "an error with causes",
    "x",
    { error: new Error("a", { cause: new Error("b", { cause: "c" }) }) },
    "x (Error: a; caused by Error: b; caused by c)",
  ],
  ["an error that is no Error", "x", { error: 42 }, "x (42)"],
  ["null as an error", "x", { error: null }, "x (null)"],
];

for (const [name, message, context, expected] of LINE_ROWS) {
  Deno.test(`formatDiagnosticLine writes ${name}`, () => {
    assertEquals(lineOf(message, context), `${START}${expected}\n`);
  });
}

Deno.test("formatDiagnosticLine shows the stack of a mistake on one line", () => {
  const line = lineOf("x", { error: new TypeError("oops") });
  assertMatch(line, /x \(TypeError: oops at .*diagnostic_line_test\.ts:\d+/);
  assertEquals(line.indexOf("\n"), line.length - 1);
});

Deno.test("formatDiagnosticLine keeps the client of a very long request", () => {
  const line = lineOf("m".repeat(100_000), {
    client: "1.2.3.4",
    request: "GET /" + "\0".repeat(100_000),
    error: new Error("e".repeat(100_000)),
    host: "h",
  });
  assert(line.includes("mmm... (Error: eee"));
  assert(line.includes("eee...), client: 1.2.3.4, request: "));
  assert(line.endsWith(', host: "h"\n'));
  assert(line.length < 15_000);
});

Deno.test("formatDiagnosticLine survives errors that hurt", () => {
  const endless = new Error("round");
  endless.cause = endless;
  const hostile = {
    toString() {
      throw new Error("no");
    },
  };
  const proxied = new Error("x");
  Object.defineProperty(proxied, "message", {
    get() {
      throw new Error("no");
    },
  });
  const causeless = new Error("y");
  Object.defineProperty(causeless, "cause", {
    get() {
      throw new Error("no");
    },
  });
  for (
    const error of [hostile, Object.create(null), proxied, causeless, endless]
  ) {
    assert(lineOf("x", { error }).endsWith(")\n"));
  }
});

const ESCAPE_ROWS: [name: string, text: string, expected: string][] = [
  ["nothing", "", ""],
  ["C0 controls and DEL", "\0\x1f\x7f ", "\\x00\\x1F\\x7F "],
  ["C1 controls", "\x80\x9b", "\\xC2\\x80\\xC2\\x9B"],
  ["line separators", "\u2028\u2029", "\\xE2\\x80\\xA8\\xE2\\x80\\xA9"],
  ["a right-to-left override", "a\u202eb", "a\\xE2\\x80\\xAEb"],
  ["isolates", "\u2066\u2069", "\\xE2\\x81\\xA6\\xE2\\x81\\xA9"],
  ["letters of any script", "é漢😀", "é漢😀"],
];

for (const [name, text, expected] of ESCAPE_ROWS) {
  Deno.test(`escapeControls and quote write ${name}`, () => {
    assertEquals(escapeControls(text), expected);
    assertEquals(quote(text), `"${expected}"`);
  });
}

Deno.test("quote escapes what escapeControls leaves: quotes, backslashes", () => {
  assertEquals(escapeControls('"\\'), '"\\');
  assertEquals(quote('"\\'), '"\\x22\\x5C"');
});
