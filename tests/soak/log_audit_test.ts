import { assertEquals, assertMatch } from "@std/assert";
import { LogAudit } from "../../soak/log_audit.ts";
import { readLines } from "../../soak/rotation.ts";

function line(mark: string, status = 200): string {
  return '127.0.0.1 - - [25/Nov/2026:15:50:52 +0000] "GET /a HTTP/1.1" ' +
    `${status} 12 "-" "${mark}"`;
}

/** What happens to a audit, and what it must say of it. */
const ROWS: readonly (readonly [
  name: string,
  act: (audit: LogAudit) => void,
  problems: readonly RegExp[],
])[] = [
  ["an answer and its line", (audit) => {
    audit.answered("soak/a.1", 200);
    audit.line(line("soak/a.1"));
  }, []],
  ["a line that is read before its answer", (audit) => {
    audit.line(line("soak/a.1", 404));
    audit.answered("soak/a.1", 404);
  }, []],
  ["lines of others, of broken requests, with escapes", (audit) => {
    audit.line(line("-"));
    audit.line(
      '127.0.0.1 - - [25/Nov/2026:15:50:52 +0000] "\\x16\\x22 \\x5C" 400 150 ' +
        '"-" "-"',
    );
  }, []],
  ["an answer without a line", (audit) => {
    audit.answered("soak/a.1", 200);
    audit.answered("soak/a.2", 200);
    audit.line(line("soak/a.2"));
  }, [/^1 answered requests have no line, as soak\/a\.1$/]],
  ["two lines after the answer", (audit) => {
    audit.answered("soak/a.1", 200);
    audit.line(line("soak/a.1"));
    audit.line(line("soak/a.1"));
  }, [/^1 lines are one too many or of no request/]],
  ["two lines before the answer", (audit) => {
    audit.line(line("soak/a.1"));
    audit.line(line("soak/a.1"));
    audit.answered("soak/a.1", 200);
  }, [/^soak\/a\.1 is logged twice$/]],
  ["a line of no request", (audit) => {
    audit.line(line("soak/a.1"));
  }, [/one too many or of no request/]],
  ["another status in the line", (audit) => {
    audit.answered("soak/a.1", 200);
    audit.line(line("soak/a.1", 404));
  }, [/^soak\/a\.1 was answered by 200, logged as 404$/]],
  ["a cut request without a line", (audit) => audit.cut("soak/a.1"), []],
  ["a cut request with a line", (audit) => {
    audit.cut("soak/a.1");
    audit.line(line("soak/a.1"));
  }, []],
  ["a cut request whose line came first", (audit) => {
    audit.line(line("soak/a.1"));
    audit.cut("soak/a.1");
  }, []],
  ["a cut request with two lines", (audit) => {
    audit.cut("soak/a.1");
    audit.line(line("soak/a.1"));
    audit.line(line("soak/a.1"));
  }, [/one too many/]],
  ["the second half of a line", (audit) => {
    audit.line(line("soak/a.1").slice(20));
  }, [/^torn line/]],
  ["the first half of a line", (audit) => {
    audit.line(line("soak/a.1").slice(0, -5));
  }, [/^torn line/]],
  ["a line in another", (audit) => {
    audit.line(line("soak/a.1").slice(0, 50) + line("soak/a.2"));
  }, [/^torn line/]],
  ["an empty line", (audit) => audit.line(""), [/^torn line/]],
  ["a raw control character", (audit) => {
    audit.line(line("soak/a.1").replace("GET", "G\x01T"));
  }, [/^torn line/]],
  ["a file that ends in a line", (audit) => {
    audit.fileEnd(line("soak/a.1").slice(0, 30));
  }, [/^a file ends with/]],
];

for (const [name, act, problems] of ROWS) {
  Deno.test(`LogAudit: ${name}`, () => {
    const audit = new LogAudit();
    act(audit);
    const found = audit.finish();
    assertEquals(found.length, problems.length, found.join("\n"));
    for (const [i, problem] of problems.entries()) {
      assertMatch(found[i]!, problem);
    }
  });
}

Deno.test("LogAudit counts what it does not say any more", () => {
  const audit = new LogAudit();
  for (let i = 0; i < 1000; i++) audit.line("torn");
  const found = audit.finish();
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
