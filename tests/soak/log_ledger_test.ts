import { assertEquals, assertMatch } from "@std/assert";
import { LogLedger } from "../../soak/log_ledger.ts";
import { readLines } from "../../soak/rotation.ts";

function line(mark: string, status = 200): string {
  return '127.0.0.1 - - [25/Nov/2026:15:50:52 +0000] "GET /a HTTP/1.1" ' +
    `${status} 12 "-" "${mark}"`;
}

/** What happens to a ledger, and what it must say of it. */
const ROWS: readonly (readonly [
  name: string,
  act: (ledger: LogLedger) => void,
  problems: readonly RegExp[],
])[] = [
  ["an answer and its line", (ledger) => {
    ledger.answered("soak/a.1", 200);
    ledger.line(line("soak/a.1"));
  }, []],
  ["a line that is read before its answer", (ledger) => {
    ledger.line(line("soak/a.1", 404));
    ledger.answered("soak/a.1", 404);
  }, []],
  ["lines of others, of broken requests, with escapes", (ledger) => {
    ledger.line(line("-"));
    ledger.line(
      '127.0.0.1 - - [25/Nov/2026:15:50:52 +0000] "\\x16\\x22 \\x5C" 400 150 ' +
        '"-" "-"',
    );
  }, []],
  ["an answer without a line", (ledger) => {
    ledger.answered("soak/a.1", 200);
    ledger.answered("soak/a.2", 200);
    ledger.line(line("soak/a.2"));
  }, [/^1 answered requests have no line, as soak\/a\.1$/]],
  ["two lines after the answer", (ledger) => {
    ledger.answered("soak/a.1", 200);
    ledger.line(line("soak/a.1"));
    ledger.line(line("soak/a.1"));
  }, [/^1 lines are one too many or of no request/]],
  ["two lines before the answer", (ledger) => {
    ledger.line(line("soak/a.1"));
    ledger.line(line("soak/a.1"));
    ledger.answered("soak/a.1", 200);
  }, [/^soak\/a\.1 is logged twice$/]],
  ["a line of no request", (ledger) => {
    ledger.line(line("soak/a.1"));
  }, [/one too many or of no request/]],
  ["another status in the line", (ledger) => {
    ledger.answered("soak/a.1", 200);
    ledger.line(line("soak/a.1", 404));
  }, [/^soak\/a\.1 was answered by 200, logged as 404$/]],
  ["a cut request without a line", (ledger) => ledger.cut("soak/a.1"), []],
  ["a cut request with a line", (ledger) => {
    ledger.cut("soak/a.1");
    ledger.line(line("soak/a.1"));
  }, []],
  ["a cut request whose line came first", (ledger) => {
    ledger.line(line("soak/a.1"));
    ledger.cut("soak/a.1");
  }, []],
  ["a cut request with two lines", (ledger) => {
    ledger.cut("soak/a.1");
    ledger.line(line("soak/a.1"));
    ledger.line(line("soak/a.1"));
  }, [/one too many/]],
  ["the second half of a line", (ledger) => {
    ledger.line(line("soak/a.1").slice(20));
  }, [/^torn line/]],
  ["the first half of a line", (ledger) => {
    ledger.line(line("soak/a.1").slice(0, -5));
  }, [/^torn line/]],
  ["a line in another", (ledger) => {
    ledger.line(line("soak/a.1").slice(0, 50) + line("soak/a.2"));
  }, [/^torn line/]],
  ["an empty line", (ledger) => ledger.line(""), [/^torn line/]],
  ["a raw control character", (ledger) => {
    ledger.line(line("soak/a.1").replace("GET", "G\x01T"));
  }, [/^torn line/]],
  ["a file that ends in a line", (ledger) => {
    ledger.fileEnd(line("soak/a.1").slice(0, 30));
  }, [/^a file ends with/]],
];

for (const [name, act, problems] of ROWS) {
  Deno.test(`LogLedger: ${name}`, () => {
    const ledger = new LogLedger();
    act(ledger);
    const found = ledger.finish();
    assertEquals(found.length, problems.length, found.join("\n"));
    for (const [i, problem] of problems.entries()) {
      assertMatch(found[i]!, problem);
    }
  });
}

Deno.test("LogLedger counts what it does not say any more", () => {
  const ledger = new LogLedger();
  for (let i = 0; i < 1000; i++) ledger.line("torn");
  const found = ledger.finish();
  assertEquals(found.length, 21);
  assertEquals(found.at(-1), "and 980 more in the log");
});

Deno.test("readLines: lines across pieces, and what is behind the last", async () => {
  const got: string[] = [];
  const pieces = ["one\ntw", "o\n", "\nrest\xff"];
  const stream = ReadableStream.from(
    pieces.map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0))),
  );
  await readLines(stream, {
    line: (text) => got.push(text),
    fileEnd: (rest) => got.push(`end ${rest}`),
  });
  assertEquals(got, ["one", "two", "", "end rest\xff"]);
});
