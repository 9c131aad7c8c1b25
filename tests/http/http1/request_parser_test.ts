import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import {
  DEFAULT_HEAD_LIMITS,
  type HeadLimits,
  MAX_LEADING_EMPTY_LINES,
  MAX_METHOD_BYTES,
} from "../../../src/http/limits.ts";
import { RequestParser } from "../../../src/http/http1/request_parser.ts";
import {
  failureStatus,
  MovingWindow,
  sameEveryWay,
} from "../../support/feeder.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

/** Small limits, so that their edges are short. */
const LIMITS: HeadLimits = {
  lineBytes: 64,
  headBytes: 256,
  fields: 5,
  ignoreInvalidFields: true,
  underscores: false,
};

/**
 * What the parser makes of `raw`: `METHOD target minor|name=value|…` and what
 * it left unread, or the status of the error, or `more`.
 */
function outcome(
  raw: string,
  limits: HeadLimits = LIMITS,
  label = JSON.stringify(raw),
): string {
  // What the log says of it is the same, too.
  const told = sameEveryWay(bytesOf(raw), (pieces) => {
    const parser = new RequestParser(limits);
    const window = new MovingWindow();
    const rest = [...pieces];
    try {
      for (let piece; (piece = rest.shift()) !== undefined;) {
        window.add(piece);
        const { bytes, start, end } = window.view();
        const head = parser.parse(bytes, start, end);
        if (head === undefined) continue;
        const fields = [...head.entries()].map((pair) => pair.join("="));
        const minor = head.version.slice(2);
        const line = `${head.method} ${head.target} ${minor}`;
        window.consume(parser.length);
        rest.forEach((piece) => window.add(piece));
        const unread = textOf(window.unread);
        return [line, ...fields].join("|") + (unread && `>${unread}`);
      }
      return "more";
    } catch (error) {
      assert(!(error instanceof HttpError) || error.close, "must close");
      return `${failureStatus(error)}${FAILED}${(error as Error).message}`;
    }
  }, label);
  return told.split(FAILED)[0]!;
}

/** Between a status and what was wrong. */
const FAILED = " by: ";

/** A request line alone, with the rest of a small head. */
function ofLine(line: string, limits?: HeadLimits): string {
  return outcome(`${line}\r\nA: b\r\n\r\n`, limits).replace(/\|a=b$/, "");
}

/** The fields of a GET. */
function ofFields(fields: string, limits?: HeadLimits): string {
  return outcome(`GET / HTTP/1.1\r\n${fields}\r\n\r\n`, limits)
    .replace(/^GET \/ 1\|?/, "");
}

type Rows = readonly (readonly [raw: string, expected: string])[];

Deno.test("RequestParser reads request lines (RFC 9112 §3)", () => {
  const rows: Rows = [
    ["GET / HTTP/1.1", "GET / 1"],
    ["GET / HTTP/1.0", "GET / 0"],
    ["GET / HTTP/1.2", "GET / 1"], // 9110 §2.5: as the highest it knows
    ["GET / HTTP/1.9", "GET / 1"],
    ["HEAD /a HTTP/1.1", "HEAD /a 1"],
    ["get / HTTP/1.1", "get / 1"], // 9110 §9.1: methods keep their case
    ["GETX / HTTP/1.1", "GETX / 1"],
    ["G / HTTP/1.1", "G / 1"],
    ["!#$%&'*+-.^_`|~09azAZ / HTTP/1.1", "!#$%&'*+-.^_`|~09azAZ / 1"],
    ["OPTIONS * HTTP/1.1", "OPTIONS * 1"], // forms are checked elsewhere
    ["GET http://a/b HTTP/1.1", "GET http://a/b 1"],
    ["CONNECT a:1 HTTP/1.1", "CONNECT a:1 1"],
    ["GET /?a=b&c#d HTTP/1.1", "GET /?a=b&c#d 1"],
    ['GET /"<>\\^`{|} HTTP/1.1', 'GET /"<>\\^`{|} 1'], // as nginx
    ["GET /\x80\xff HTTP/1.1", "GET /\x80\xff 1"], // as nginx
    ["GET /%00%zz HTTP/1.1", "GET /%00%zz 1"], // decoded elsewhere
  ];
  for (const [raw, expected] of rows) assertEquals(ofLine(raw), expected);
});

Deno.test("RequestParser refuses other request lines (RFC 9112 §3)", () => {
  const rows: Rows = [
    ["GET  / HTTP/1.1", "400"], // one SP
    ["GET /  HTTP/1.1", "400"],
    ["GET / HTTP/1.1 ", "400"],
    ["GET / HTTP/1.1\t", "400"],
    ["GET / HTTP/1.1 a", "400"],
    [" GET / HTTP/1.1", "400"],
    ["\tGET / HTTP/1.1", "400"],
    ["GET\t/ HTTP/1.1", "400"],
    ["GET /\tHTTP/1.1", "400"],
    ["GET\v/ HTTP/1.1", "400"],
    ["GET\xa0/ HTTP/1.1", "400"],
    ["GET", "400"],
    ["GET ", "400"],
    ["GET /", "400"], // HTTP/0.9
    ["GET / ", "400"],
    ["GET  HTTP/1.1", "400"], // no target
    ["/ HTTP/1.1", "400"], // no method
    ["(GET) / HTTP/1.1", "400"], // 9110 §5.6.2 token
    ["GE,T / HTTP/1.1", "400"],
    ["GE/T / HTTP/1.1", "400"],
    ["GE:T / HTTP/1.1", "400"],
    ["GE;T / HTTP/1.1", "400"],
    ["GE=T / HTTP/1.1", "400"],
    ["GE?T / HTTP/1.1", "400"],
    ["GE@T / HTTP/1.1", "400"],
    ["GE[T / HTTP/1.1", "400"],
    ["GE\\T / HTTP/1.1", "400"],
    ['GE"T / HTTP/1.1', "400"],
    ["GE{T / HTTP/1.1", "400"],
    ["G\x00T / HTTP/1.1", "400"],
    ["G\x7fT / HTTP/1.1", "400"],
    ["G\x80T / HTTP/1.1", "400"],
    ["GET /\x00 HTTP/1.1", "400"],
    ["GET /\x01 HTTP/1.1", "400"],
    ["GET /\x1f HTTP/1.1", "400"],
    ["GET /\x7f HTTP/1.1", "400"],
    ["GET /a\vb HTTP/1.1", "400"],
    ["GET / HTTP", "400"], // 9112 §2.3
    ["GET / HTTP/", "400"],
    ["GET / HTTP/1", "400"],
    ["GET / HTTP/1.", "400"],
    ["GET / HTTP/1.x", "400"],
    ["GET / HTTP/1,1", "400"],
    ["GET / HTTP/1.10", "400"],
    ["GET / HTTP/10.1", "400"],
    ["GET / HTTP/01.1", "400"],
    ["GET / HTTP/-1.1", "400"],
    ["GET / HTTP/ 1.1", "400"],
    ["GET / HTTP/1 .1", "400"],
    ["GET / HTTP//1.1", "400"],
    ["GET / http/1.1", "400"],
    ["GET / HTTp/1.1", "400"],
    ["GET / HTTPS/1.1", "400"],
    ["GET / RTSP/1.1", "400"],
    ["GET / HTTP/0.9", "400"],
    ["GET / HTTP/0.0", "400"],
    ["GET / HTTP/2.0", "505"], // 9110 §15.6.6
    ["GET / HTTP/2.1", "505"],
    ["GET / HTTP/9.0", "505"],
    ["PRI * HTTP/2.0", "505"], // 9113 §3.4 preface
  ];
  for (const [raw, expected] of rows) {
    assertEquals(ofLine(raw), expected, JSON.stringify(raw));
  }
});

Deno.test("RequestParser knows CRLF as the only line end (RFC 9112 §2.2)", () => {
  const rows: Rows = [
    ["GET / HTTP/1.1\r\n\r\n", "GET / 1"],
    ["\r\nGET / HTTP/1.1\r\n\r\n", "GET / 1"],
    ["\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / 1"],
    ["GET / HTTP/1.1\n\n", "400"],
    ["GET / HTTP/1.1\n", "400"],
    ["GET / HTTP/1.1\r\n\n", "400"],
    ["GET / HTTP/1.1\r\r", "400"],
    ["GET / HTTP/1.1\r\r\n\r\n", "400"],
    ["GET / HTTP/1.1\rA: b\r\n\r\n", "400"],
    ["GET / HTTP/1.1\r\n\rA: b\r\n\r\n", "400"],
    ["GET / HTTP/1.1\r\nA: b\n\r\n", "400"],
    ["GET / HTTP/1.1\r\nA: b\r\r\n", "400"],
    ["GET / HTTP/1.1\r\nA: b\r\n\r\r", "400"],
    ["GET / HTTP/1.1\r\nA: b\r\n\rx", "400"],
    ["GET /\r\n", "400"],
    ["GET /\n", "400"],
    ["GET\r\n", "400"],
    ["GET\n", "400"],
    ["\nGET / HTTP/1.1\r\n\r\n", "400"],
    ["\rGET / HTTP/1.1\r\n\r\n", "400"],
    ["\r\r\nGET / HTTP/1.1\r\n\r\n", "400"],
    ["\r\n GET / HTTP/1.1\r\n\r\n", "400"],
    ["\x00", "400"],
    ["\x16\x03\x01\x02", "400"], // a TLS client
    ["\xef\xbb\xbfGET / HTTP/1.1\r\n\r\n", "400"], // a byte order mark
  ];
  for (const [raw, expected] of rows) assertEquals(outcome(raw), expected);
});

Deno.test("RequestParser waits for the end of a head", () => {
  const whole = "\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n";
  for (let length = 0; length < whole.length; length++) {
    assertEquals(outcome(whole.slice(0, length)), "more");
  }
});

Deno.test("RequestParser leaves what follows the head alone", () => {
  const head = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  const rows: Rows = [
    [`${head}x`, "GET / 1|a=b>x"],
    [`${head}\r\n`, "GET / 1|a=b>\r\n"],
    [`${head}\x00\xff`, "GET / 1|a=b>\x00\xff"],
    [head + head, `GET / 1|a=b>${head}`],
    [`\r\n${head}a`, "GET / 1|a=b>a"],
  ];
  for (const [raw, expected] of rows) assertEquals(outcome(raw), expected);
});

Deno.test("RequestParser reads fields (RFC 9112 §5)", () => {
  const rows: Rows = [
    ["A: b", "a=b"],
    ["A:b", "a=b"],
    ["A:", "a="], // 9110 §5.5: empty values are kept
    ["A: ", "a="],
    ["A:\t \t", "a="],
    ["A:   b", "a=b"], // §5.1: OWS is no part of the value
    ["A:\t b\t ", "a=b"],
    ["A: b c  d", "a=b c  d"],
    ["A: b\tc", "a=b\tc"],
    ["A: :b:", "a=:b:"],
    ["A: b: c", "a=b: c"],
    ["A: \x80\xff", "a=\x80\xff"], // obs-text
    ['A: "\\', 'a="\\'],
    ["A: b\r\nA: c", "a=b|a=c"], // §5.3: order and duplicates are kept
    ["A: b\r\nC: d\r\na: e", "a=b|c=d|a=e"],
    ["HOST: A", "host=A"],
    ["x-1-Y: z", "x-1-y=z"],
    ["-: a", "-=a"],
    ["1: a", "1=a"],
  ];
  for (const [raw, expected] of rows) {
    assertEquals(ofFields(raw), expected, JSON.stringify(raw));
  }
});

Deno.test("RequestParser refuses other field lines (RFC 9112 §5)", () => {
  const rows: Rows = [
    ["A : b", "400"], // §5.1: no whitespace before the colon
    ["A\t: b", "400"],
    [" A: b", "400"], // §5.2: obs-fold
    ["\tA: b", "400"],
    ["A: b\r\n c", "400"],
    ["A: b\r\n\tc: d", "400"],
    ["A: b\r\n ", "400"],
    [": b", "400"],
    [":", "400"],
    ["A", "400"],
    ["A B: c", "400"],
    ["A(b): c", "400"], // 9110 §5.1: a name is a token
    ["A,: c", "400"],
    ["A/: c", "400"],
    ["A;: c", "400"],
    ["A=: c", "400"],
    ["A@: c", "400"],
    ["A[: c", "400"],
    ["A{: c", "400"],
    ['"A": c', "400"],
    ["A\x00: c", "400"],
    ["A\x7f: c", "400"],
    ["A\x80: c", "400"],
    ["A: b\x00", "400"], // 9110 §5.5
    ["A: \x00b", "400"],
    ["A: \x01", "400"],
    ["A: \x0b", "400"],
    ["A: \x0c", "400"],
    ["A: \x1f", "400"],
    ["A: \x7f", "400"],
    ["A: b\rc", "400"],
    ["A: \r", "400"],
    ["A: b\nC: d", "400"],
  ];
  for (const [raw, expected] of rows) {
    assertEquals(ofFields(raw), expected, JSON.stringify(raw));
  }
});

Deno.test("RequestParser treats unusual names as nginx does", () => {
  const kept = { ...LIMITS, ignoreInvalidFields: false };
  const underscores = { ...LIMITS, underscores: true };
  const rows: [string, HeadLimits, string][] = [
    ["A_b: c\r\nD: e", LIMITS, "d=e"],
    ["A_b: c\r\nD: e", underscores, "a_b=c|d=e"],
    ["A_b: c\r\nD: e", kept, "a_b=c|d=e"],
    ["A.b: c\r\nD: e", LIMITS, "d=e"],
    ["A.b: c\r\nD: e", underscores, "d=e"],
    ["A.b_c: c\r\nD: e", underscores, "d=e"],
    ["A.b: c\r\nD: e", kept, "a.b=c|d=e"],
    ["!#$%&'*+^`|~: a", LIMITS, ""],
    ["!#$%&'*+^`|~: a", kept, "!#$%&'*+^`|~=a"],
    ["Content_Length: 5", LIMITS, ""],
    ["D: e\r\nA_b: c", LIMITS, "d=e"],
  ];
  for (const [raw, limits, expected] of rows) {
    assertEquals(ofFields(raw, limits), expected, JSON.stringify(raw));
  }
});

Deno.test("RequestParser holds a head to its limits", () => {
  const path = (bytes: number) => "/".padEnd(bytes, "a");
  const line = (bytes: number) => `GET ${path(bytes - 13)} HTTP/1.1`;
  const value = (bytes: number) => `A: ${"b".repeat(bytes - 3)}`;
  const fields = (count: number) => Array(count).fill("A: b").join("\r\n");
  const rows: [string, string][] = [
    [ofLine(line(64)), `GET ${path(51)} 1`],
    [ofLine(line(65)), "414"], // 9110 §15.5.15
    [ofLine(line(73)), "414"],
    [outcome(`GET ${path(300)}`), "414"],
    [outcome(`GET ${path(200)}\x00`), "414"],
    [outcome(`GET ${path(40)}\x00`), "400"],
    [ofLine(`${"A".repeat(MAX_METHOD_BYTES)} / HTTP/1.1`).slice(-4), " / 1"],
    [ofLine(`${"A".repeat(MAX_METHOD_BYTES + 1)} / HTTP/1.1`), "400"],
    [outcome("A".repeat(500)), "400"],
    [ofFields(value(64)), `a=${"b".repeat(61)}`],
    [ofFields(value(65)), "431"], // 6585 §5
    [outcome(`GET / HTTP/1.1\r\n${value(200)}`), "431"],
    [outcome(`GET / HTTP/1.1\r\n${value(100)}\x00`), "431"],
    [outcome(`GET / HTTP/1.1\r\n${value(60)}\x00`), "400"],
    [outcome(`GET / HTTP/1.1\r\n${"a".repeat(66)}`), "431"],
    [outcome(`GET / HTTP/1.1\r\n${"a".repeat(100)}\x00`), "431"],
    [outcome(`GET / HTTP/1.1\r\nA:${" ".repeat(100)}`), "431"],
    [ofFields(`A: b${" ".repeat(60)}`), "a=b"],
    [ofFields(`A: b${" ".repeat(61)}`), "431"],
    [ofFields(`A_b: ${"c".repeat(65)}`), "431"], // dropped, but counted
    [ofFields(fields(5)), Array(5).fill("a=b").join("|")],
    [ofFields(fields(6)), "431"],
    [ofFields(fields(5) + "\r\nA_b: c"), "431"],
    [ofFields(Array(4).fill(value(57)).join("\r\n")).length + "", "227"],
  ];
  for (const [i, [actual, expected]] of rows.entries()) {
    assertEquals(actual, expected, `row ${i}`);
  }
});

Deno.test("RequestParser holds the whole head to its limit", () => {
  const limits = { ...LIMITS, headBytes: 100 };
  const head = (bytes: number) => {
    const start = "GET / HTTP/1.1\r\nA: ";
    const rest = bytes - start.length - 4 - 44;
    return `${start}${"b".repeat(40)}\r\nC:${"d".repeat(rest)}\r\n\r\n`;
  };
  assertEquals(head(100).length, 100);
  assertEquals(outcome(head(100), limits).slice(0, 7), "GET / 1");
  assertEquals(outcome(head(101), limits), "431");
  assertEquals(outcome(head(110), limits), "431");
  // What is behind the limit is not looked at.
  assertEquals(outcome(`${head(101).slice(0, -4)}dddd\x00`, limits), "431");
  assertEquals(
    outcome(`${head(100)}${"x".repeat(50)}`, limits).slice(-2),
    "xx",
  );
});

Deno.test("RequestParser bounds empty lines before a request", () => {
  const head = "GET / HTTP/1.1\r\n\r\n";
  const most = "\r\n".repeat(MAX_LEADING_EMPTY_LINES);
  assertEquals(outcome(most + head), "GET / 1");
  assertEquals(outcome(`${most}\r\n${head}`), "400");
  assertEquals(outcome(`${most}\r\n`), "400");
});

Deno.test("RequestParser.reset() makes it ready for the next head", () => {
  const parser = new RequestParser(LIMITS);
  const input = bytesOf(
    "\r\nPOST /a HTTP/1.0\r\nHost: x\r\nHost: y\r\nA_b: c\r\n\r\n" +
      "GET /b HTTP/1.1\r\n\r\n",
  );
  const first = parser.parse(input, 0, input.length);
  assertEquals([first?.fieldCount, first?.repeated], [2, 1]);
  const { length } = parser;
  parser.reset();
  assertEquals(parser.length, 0);
  assert(!parser.begun);
  const second = parser.parse(input, length, input.length);
  assertEquals(second?.method, "GET");
  assertEquals(second?.target, "/b");
  assertEquals(second?.version, "1.1");
  assertEquals([second?.fieldCount, second?.present], [0, 0]);
  assertEquals(length + parser.length, input.length);
});

Deno.test("RequestParser.begun does not count empty lines", () => {
  const parser = new RequestParser(LIMITS);
  const input = bytesOf("\r\n\r\nG");
  for (const [end, begun] of [[1, false], [2, false], [4, false], [5, true]]) {
    parser.parse(input, 0, end as number);
    assertEquals(parser.begun, begun, `${end}`);
  }
});

Deno.test("RequestParser.partialLine() finds the line of a broken head", () => {
  const rows: [string, string][] = [
    ["GET /a HTTP/1.1\r\nA : b\r\n\r\n", "GET /a HTTP/1.1"],
    ["\r\n\r\nGET /a HTTP/1.1\r\nA : b\r\n\r\n", "GET /a HTTP/1.1"],
    ["GET /a HTTP/3.1\r\n\r\n", "GET /a HTTP/3.1"],
    ["GET /a b HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1"],
    ["G\x00T /a\r\nb", "G\x00T /a"],
    ["GET /a\nHost: b", "GET /a"],
    [`GET /${"a".repeat(200)} HTTP/1.1\r\n`, `GET /${"a".repeat(59)}`],
    ["\x16\x03\x01", "\x16\x03\x01"],
  ];
  for (const [raw, expected] of rows) {
    const parser = new RequestParser(LIMITS);
    const bytes = bytesOf(`..${raw}`);
    assertThrows(() => parser.parse(bytes, 2, bytes.length), HttpError);
    const [start, end] = parser.partialLine(bytes, 2, bytes.length);
    assertEquals(textOf(bytes.subarray(start, end)), expected);
  }
});

Deno.test("RequestParser takes linear time for single bytes", () => {
  const size = 32 * 1024;
  const limits = { ...DEFAULT_HEAD_LIMITS, lineBytes: size, headBytes: size };
  const input = bytesOf(`GET /${"a".repeat(size - 100)} HTTP/1.1\r\n\r\n`);
  const parser = new RequestParser(limits);
  const before = performance.now();
  let head;
  for (let end = 1; end <= input.length; end++) {
    head = parser.parse(input, 0, end);
  }
  assertEquals(head?.target.length, size - 99);
  // Quadratic time would be half a billion steps.
  assert(performance.now() - before < 500);
});
