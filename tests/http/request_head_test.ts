import { assertEquals } from "@std/assert";
import { Field } from "../../src/http/fields.ts";
import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { RequestParser } from "../../src/http/http1/request_parser.ts";
import { headOf } from "../support/heads.ts";
import { bytesOf, textOf } from "../support/latin1.ts";

const HEAD = () =>
  headOf(
    "GET /a\x80 HTTP/1.0",
    "Host: h",
    "X-One: 1",
    "Connection: a",
    "x-one:  2 ",
    "Connection:",
    "connection: b, c",
    "Referer:",
  );

Deno.test("RequestHead gives the values of known fields", () => {
  const head = HEAD();
  const rows: [string | undefined, string | undefined][] = [
    [head.first(Field.Host), "h"],
    [head.value(Field.Host), "h"],
    [head.first(Field.Connection), "a"],
    [head.value(Field.Connection), "a, , b, c"], // RFC 9110 §5.3
    [head.first(Field.Referer), ""],
    [head.value(Field.Referer), ""],
    [head.first(Field.UserAgent), undefined],
    [head.value(Field.UserAgent), undefined],
    [head.get("x-one"), "1, 2"],
    [head.get("host"), "h"],
    [head.get("X-One"), undefined],
    [head.get("x"), undefined],
    [head.getSpelledLike("x-one", ", "), "1, 2"],
    [head.getSpelledLike("x_one", ", "), undefined],
  ];
  for (const [i, [actual, expected]] of rows.entries()) {
    assertEquals(actual, expected, `row ${i}`);
  }
});

Deno.test("RequestHead knows what is there and what is repeated", () => {
  const head = HEAD();
  assertEquals(head.has(Field.Host), true);
  assertEquals(head.has(Field.Referer), true);
  assertEquals(head.has(Field.UserAgent), false);
  assertEquals(head.repeated, 1 << Field.Connection);
  assertEquals(head.fieldCount, 7);
});

Deno.test("RequestHead.entries() keeps order and duplicates", () => {
  assertEquals([...HEAD().entries()].map((pair) => pair.join("=")), [
    "host=h",
    "x-one=1",
    "connection=a",
    "x-one=2",
    "connection=",
    "connection=b, c",
    "referer=",
  ]);
});

Deno.test("RequestHead shows where its parts are", () => {
  const head = HEAD();
  const span = (start: number, end: number) =>
    textOf(head.bytes.subarray(start, end));
  assertEquals(span(head.lineStart, head.lineEnd), "GET /a\x80 HTTP/1.0");
  assertEquals(head.line, "GET /a\x80 HTTP/1.0");
  assertEquals(
    span(head.valueStart(Field.Connection), head.valueEnd(Field.Connection)),
    "a",
  );
  assertEquals(head.valueStart(Field.UserAgent), -1);
  assertEquals(head.valueEnd(Field.UserAgent), -1);
  assertEquals(head.valueStart(Field.Referer), head.valueEnd(Field.Referer));
});

Deno.test("RequestHead.detach() makes it outlive the input buffer", () => {
  for (const fields of [[], ["Host: h"], ["Host: h", "Referer: r"]]) {
    const raw = bytesOf(["GET / HTTP/1.1", ...fields, "", ""].join("\r\n"));
    const bytes = bytesOf(`...${textOf(raw)}`);
    const head = new RequestParser(DEFAULT_HEAD_LIMITS)
      .parse(bytes, 3, bytes.length)!;
    const before = [...head.entries()];
    head.detach();
    bytes.fill(0x78);
    assertEquals(head.line, "GET / HTTP/1.1");
    assertEquals([...head.entries()], before);
    assertEquals(head.first(Field.Host), fields.length > 0 ? "h" : undefined);
  }
});

Deno.test("RequestHead.detach() works behind empty lines", () => {
  const bytes = bytesOf("\r\n\r\nGET /x HTTP/1.1\r\nVia: v\r\n\r\n");
  const head = new RequestParser(DEFAULT_HEAD_LIMITS)
    .parse(bytes, 0, bytes.length)!;
  head.detach();
  bytes.fill(0);
  assertEquals([head.line, head.first(Field.Via)], ["GET /x HTTP/1.1", "v"]);
});

Deno.test("RequestHead.detach() works when the last field was dropped", () => {
  const head = headOf("GET / HTTP/1.1", "Host: h", "a_b: c");
  head.detach();
  assertEquals([...head.entries()], [["host", "h"]]);
});

Deno.test("RequestHead.is() compares a field that is there once", () => {
  const head = headOf(
    "GET / HTTP/1.1",
    "Host: Example",
    "Connection: Keep-Alive",
    "If-None-Match: a",
    "If-None-Match: a",
    "Referer:",
  );
  const rows: [boolean, boolean][] = [
    [head.is(Field.Host, "Example"), true],
    [head.is(Field.Host, "example"), false],
    [head.is(Field.Host, "Exampl"), false],
    [head.is(Field.Host, "Example "), false],
    [head.is(Field.Host, ""), false],
    [head.is(Field.Referer, ""), true],
    [head.is(Field.UserAgent, ""), false],
    [head.is(Field.IfNoneMatch, "a"), false],
    [head.isToken(Field.Connection, "keep-alive"), true],
    [head.isToken(Field.Connection, "keep-alivf"), false],
    [head.isToken(Field.Connection, "close"), false],
    [head.isToken(Field.UserAgent, "keep-alive"), false],
  ];
  for (const [i, [actual, expected]] of rows.entries()) {
    assertEquals(actual, expected, `row ${i}`);
  }
});

Deno.test("RequestHead.withFields() has the line and other fields", () => {
  const before = HEAD();
  const head = before.withFields([
    ["host", "\x80"],
    ["range", "bytes=0-1"],
    ["x-new", ""],
    ["range", "2-"],
  ]);
  assertEquals(head.line, before.line);
  assertEquals(head.method, "GET");
  assertEquals(head.version, "1.0");
  assertEquals(head.length, before.length);
  assertEquals([...head.entries()].map((pair) => pair.join("=")), [
    "host=\x80",
    "range=bytes=0-1",
    "x-new=",
    "range=2-",
  ]);
  assertEquals(head.first(Field.Range), "bytes=0-1");
  assertEquals(head.value(Field.Range), "bytes=0-1, 2-");
  assertEquals(head.has(Field.Connection), false);
  assertEquals(head.repeated, 1 << Field.Range);
  head.detach();
  assertEquals(head.value(Field.Host), "\x80");
  assertEquals(before.withFields([]).line, before.line);
});
