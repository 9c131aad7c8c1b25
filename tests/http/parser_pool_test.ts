import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { giveParserBack, takeParser } from "../../src/http/parser_pool.ts";
import { bytesOf } from "../support/latin1.ts";

Deno.test("takeParser() gives one that was given back, at the beginning", () => {
  const parser = takeParser(DEFAULT_HEAD_LIMITS);
  const half = bytesOf("GET /half HTTP/1.1\r\nHo");
  assertEquals(parser.parse(half, 0, half.length), undefined);
  giveParserBack(parser);
  const again = takeParser(DEFAULT_HEAD_LIMITS);
  assertStrictEquals(again, parser);
  assertEquals(again.begun, false);
  const whole = bytesOf("GET /whole HTTP/1.1\r\nHost: a\r\n\r\n");
  const head = again.parse(whole, 0, whole.length);
  assertEquals(head?.method, "GET");
  assertEquals(again.length, whole.length);
});

Deno.test("takeParser() gives one with the limits that are asked for", () => {
  giveParserBack(takeParser(DEFAULT_HEAD_LIMITS));
  const parser = takeParser({ ...DEFAULT_HEAD_LIMITS, headBytes: 20 });
  const long = bytesOf(
    "GET /a/path/of/some/length HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  assertThrows(() => parser.parse(long, 0, long.length), HttpError);
});
