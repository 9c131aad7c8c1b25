import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type BodyDecoder,
  ChunkedDecoder,
  LengthDecoder,
} from "../../../src/http/http1/body_decoder.ts";
import { HttpError } from "../../../src/http/errors.ts";
import {
  failureStatus,
  MovingWindow,
  sameEveryWay,
} from "../../support/feeder.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

/** The content, `>` and what was left unread; `more`, or an error's status. */
function outcome(raw: string, make: () => BodyDecoder): string {
  return sameEveryWay(bytesOf(raw), (pieces) => {
    const decoder = make();
    const window = new MovingWindow();
    const rest = [...pieces];
    let content = "";
    try {
      while (!decoder.done) {
        const piece = rest.shift();
        if (piece === undefined) return `more after ${content}`;
        window.add(piece);
        for (let consumed = -1; consumed !== 0 && !decoder.done;) {
          const { bytes, start, end } = window.view();
          consumed = decoder.decode(bytes, start, end);
          const { dataStart, dataEnd } = decoder;
          assert(dataStart >= start && dataEnd >= dataStart && dataEnd <= end);
          assert(dataEnd - dataStart <= consumed && consumed <= end - start);
          content += textOf(bytes.subarray(dataStart, dataEnd));
          window.consume(consumed);
        }
        assertEquals(decoder.done ? 0 : window.unread.length, 0);
      }
      rest.forEach((piece) => window.add(piece));
      return `${content}>${textOf(window.unread)}`;
    } catch (error) {
      assert(!(error instanceof HttpError) || error.close, "must close");
      return failureStatus(error);
    }
  }, JSON.stringify(raw));
}

const chunked = (raw: string) => outcome(raw, () => new ChunkedDecoder());

type Rows = readonly (readonly [raw: string, expected: string])[];

Deno.test("LengthDecoder takes exactly its bytes (RFC 9112 §6.2)", () => {
  const rows: [string, number, string][] = [
    ["abc", 3, "abc>"],
    ["abcdef", 3, "abc>def"],
    ["ab", 3, "more after ab"],
    ["", 3, "more after "],
    ["\r\n\r\n", 2, "\r\n>\r\n"],
    ["\x00\xff\x80", 2, "\x00\xff>\x80"],
    ["GET", 0, ">"],
  ];
  for (const [raw, length, expected] of rows) {
    const actual = outcome(raw, () => new LengthDecoder(length));
    assertEquals(actual.replace(/>GET$/, ">"), expected);
  }
});

Deno.test("ChunkedDecoder reads chunks (RFC 9112 §7.1)", () => {
  const rows: Rows = [
    ["0\r\n\r\n", ">"],
    ["0\r\n\r\nGET", ">GET"],
    ["0\r\n\r\n\r\n", ">\r\n"],
    ["1\r\na\r\n0\r\n\r\n", "a>"],
    ["3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nx", "abcde>x"],
    ["a\r\n0123456789\r\n0\r\n\r\n", "0123456789>"],
    ["A\r\n0123456789\r\n0\r\n\r\n", "0123456789>"],
    ["0a\r\n0123456789\r\n00\r\n\r\n", "0123456789>"],
    ["10\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef>"],
    ["0000000000003\r\nabc\r\n0\r\n\r\n", "abc>"],
    ["2\r\n\r\n\r\n0\r\n\r\n", "\r\n>"], // content may look like framing
    ["5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n>"],
    ["3\r\n\x00\x80\xff\r\n0\r\n\r\n", "\x00\x80\xff>"],
  ];
  for (const [raw, expected] of rows) assertEquals(chunked(raw), expected);
});

Deno.test("ChunkedDecoder passes extensions over (RFC 9112 §7.1.1)", () => {
  const rows: Rows = [
    ["1;a\r\nx\r\n0\r\n\r\n", "x>"],
    ["1;a=b\r\nx\r\n0\r\n\r\n", "x>"],
    ['1;a="b;c"\r\nx\r\n0\r\n\r\n', "x>"],
    ["1;a;b=c\r\nx\r\n0;d\r\n\r\n", "x>"],
    ["1 ;a\r\nx\r\n0\r\n\r\n", "x>"], // BWS
    ["1\t ; a = b\r\nx\r\n0\r\n\r\n", "x>"],
    ["1;\r\nx\r\n0\r\n\r\n", "x>"],
    ["1;\x80\r\nx\r\n0\r\n\r\n", "x>"],
    ["1 \r\nx\r\n0\r\n\r\n", "400"], // whitespace, but no extension
    ["1 a\r\nx\r\n0\r\n\r\n", "400"],
    ["1;a\nx\r\n0\r\n\r\n", "400"],
    ["1;a\rx\r\n0\r\n\r\n", "400"],
    ["1;\x00\r\nx\r\n0\r\n\r\n", "400"],
    ["1;\x7f\r\nx\r\n0\r\n\r\n", "400"],
    [`0;${"a".repeat(16 * 1024)}\r\n\r\n`, ">"], // bounded
    [`0;${"a".repeat(16 * 1024 + 1)}\r\n\r\n`, "400"],
    [`1;${"a".repeat(9000)}\r\nx\r\n0;${"a".repeat(9000)}\r\n\r\n`, "400"],
    [`0${" ".repeat(16 * 1024)};a\r\n\r\n`, "400"],
  ];
  for (const [raw, expected] of rows) assertEquals(chunked(raw), expected);
});

Deno.test("ChunkedDecoder drops trailers (RFC 9112 §7.1.2)", () => {
  const rows: Rows = [
    ["0\r\nA: b\r\n\r\n", ">"],
    ["0\r\nA: b\r\nC:\r\n\r\nx", ">x"],
    ["1\r\nx\r\n0\r\nContent-Length: 5\r\n\r\ny", "x>y"],
    ["0\r\nA: b", "more after "],
    ["0\r\nA: b\r\n", "more after "],
    ["0\r\n: b\r\n\r\n", "400"],
    ["0\r\nA\r\n\r\n", "400"],
    ["0\r\nA : b\r\n\r\n", "400"],
    ["0\r\n A: b\r\n\r\n", "400"],
    ["0\r\nA: b\r\n c\r\n\r\n", "400"],
    ["0\r\nA: b\n\r\n", "400"],
    ["0\r\nA: b\r\r\n", "400"],
    ["0\r\nA: \x00\r\n\r\n", "400"],
    ["0\r\nA\x80: b\r\n\r\n", "400"],
    ["0\r\nA: b\r\n\n", "400"],
    ["0\r\n\n", "400"],
    ["0\r\n\r\r", "400"],
    [`0\r\nA: ${"b".repeat(8 * 1024 - 3)}\r\n\r\n`, ">"], // bounded
    [`0\r\nA: ${"b".repeat(8 * 1024 - 2)}\r\n\r\n`, "400"],
    [`0\r\n${"A: b\r\n".repeat(2049)}\r\n`, "400"],
  ];
  for (const [raw, expected] of rows) assertEquals(chunked(raw), expected);
});

Deno.test("ChunkedDecoder refuses broken framing (RFC 9112 §7.1)", () => {
  const rows: Rows = [
    ["\r\n", "400"],
    ["\n", "400"],
    ["g\r\n", "400"],
    ["G\r\n", "400"],
    [" 1\r\nx\r\n0\r\n\r\n", "400"],
    ["\t1\r\nx\r\n0\r\n\r\n", "400"],
    ["+1\r\nx\r\n0\r\n\r\n", "400"],
    ["-1\r\nx\r\n0\r\n\r\n", "400"],
    ["0x1\r\nx\r\n0\r\n\r\n", "400"],
    ["1.0\r\nx\r\n0\r\n\r\n", "400"],
    ["1,\r\nx\r\n0\r\n\r\n", "400"],
    ["1_0\r\n", "400"],
    [";a\r\nx\r\n0\r\n\r\n", "400"],
    ["1\nx\r\n0\r\n\r\n", "400"],
    ["1\r\r\nx\r\n0\r\n\r\n", "400"],
    ["1\rx\r\n0\r\n\r\n", "400"],
    ["1\r\nxy\r\n0\r\n\r\n", "400"], // longer than its size
    ["2\r\nx\r\n0\r\n\r\n", "400"], // shorter than its size
    ["1\r\nx\n0\r\n\r\n", "400"],
    ["1\r\nx\r0\r\n\r\n", "400"],
    ["1\r\nx0\r\n\r\n", "400"],
    ["1\r\nx\r\n\r\n", "400"],
    ["0\n\n", "400"],
    ["00000000000001\r\n", "400"], // 14 digits
    ["fffffffffffff\r\n", "more after "], // 2^52 - 1 fits a number
    ["10000000000000\r\n", "400"],
    ["10000000000000000\r\n", "400"], // 2^64
    ["ffffffffffffffff\r\n", "400"],
    ["\x00\r\n", "400"],
    ["\xb2\r\n", "400"], // superscript two is no digit
  ];
  for (const [raw, expected] of rows) assertEquals(chunked(raw), expected);
});

Deno.test("ChunkedDecoder waits for the end of a body", () => {
  const whole = "3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n\r\n";
  for (let length = 0; length < whole.length; length++) {
    assert(chunked(whole.slice(0, length)).startsWith("more"), `${length}`);
  }
});

Deno.test("ChunkedDecoder gives one run of content per call", () => {
  const decoder = new ChunkedDecoder();
  const bytes = bytesOf("2\r\nab\r\n1\r\nc\r\n0\r\n\r\nrest");
  const runs: string[] = [];
  let at = 0;
  while (!decoder.done) {
    at += decoder.decode(bytes, at, bytes.length);
    runs.push(textOf(bytes.subarray(decoder.dataStart, decoder.dataEnd)));
  }
  assertEquals(runs.filter((run) => run !== ""), ["ab", "c"]);
  assertEquals(textOf(bytes.subarray(at)), "rest");
  assertEquals(decoder.decode(bytes, at, bytes.length), 0);
});

Deno.test("ChunkedDecoder says that the connection must end", () => {
  const error = assertThrows(
    () => new ChunkedDecoder().decode(bytesOf("x"), 0, 1),
    HttpError,
    "chunked body: invalid size",
  );
  assertEquals([error.status, error.close], [400, true]);
});
