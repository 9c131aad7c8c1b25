import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteBuffer, INPUT_MEMORY } from "../../../src/bytes/byte_buffer.ts";
import { HttpError } from "../../../src/http/errors.ts";
import {
  maxInputBytes,
  RequestReader,
} from "../../../src/http/http1/request_reader.ts";
import {
  DEFAULT_HEAD_LIMITS,
  type HeadLimits,
} from "../../../src/http/limits.ts";
import { feedings } from "../../support/feeder.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

function reading(limits: HeadLimits = DEFAULT_HEAD_LIMITS) {
  const input = new ByteBuffer(64, maxInputBytes(limits));
  const reader = new RequestReader(input, limits);
  /** Puts in as much as there is room for; how much that was. */
  function put(bytes: Uint8Array): number {
    const free = input.writable();
    const count = Math.min(free.length, bytes.length);
    free.set(bytes.subarray(0, count));
    input.commit(count);
    return count;
  }
  return { input, reader, put };
}

Deno.test("RequestReader gives one head after the other, however they come", () => {
  const paths = ["/a", "/b", "/c"];
  for (
    const { name, pieces } of feedings(bytesOf(paths.map(GET).join("")))
  ) {
    const { reader, put } = reading();
    const seen: string[] = [];
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0;) {
        rest = rest.subarray(put(rest));
        for (let head; (head = reader.next()) !== undefined;) {
          seen.push(head.target);
          reader.reset();
        }
      }
    }
    assertEquals(seen, paths, name);
    assertEquals(reader.begun, false, name);
  }
});

Deno.test("RequestReader takes a head off the input and leaves what follows", () => {
  const { input, reader, put } = reading();
  put(bytesOf(`${GET("/")}body`));
  assertEquals(reader.next()?.target, "/");
  assertEquals(
    textOf(input.bytes.subarray(input.start, input.end)),
    "body",
  );
});

Deno.test("RequestReader: new limits are in force from the next head on", () => {
  const { reader, put } = reading();
  put(bytesOf("GET /half"));
  assertEquals(reader.next(), undefined);
  reader.renew({ ...DEFAULT_HEAD_LIMITS, headBytes: 40, lineBytes: 20 });
  // The one that has begun is held to the old ones.
  put(bytesOf(" HTTP/1.1\r\nHost: a\r\n\r\n"));
  assertEquals(reader.next()?.target, "/half");
  reader.reset();
  put(bytesOf("GET /a/longer/line HTTP/1.1\r\n"));
  assertEquals(assertThrows(() => reader.next(), HttpError).status, 414);
});

Deno.test("RequestReader: larger limits let the input grow", () => {
  const small = { ...DEFAULT_HEAD_LIMITS, headBytes: 200, lineBytes: 100 };
  const { input, reader, put } = reading(small);
  put(bytesOf(GET("/")));
  reader.next();
  reader.renew(DEFAULT_HEAD_LIMITS);
  reader.reset();
  const long = bytesOf(GET(`/${"x".repeat(5000)}`));
  for (let rest = long; rest.length > 0;) {
    const count = put(rest);
    assertEquals(count > 0, true, "there is room");
    rest = rest.subarray(count);
    const head = reader.next();
    assertEquals(head === undefined, rest.length > 0);
  }
  assertEquals(input.length, 0);
});

Deno.test("RequestReader.rest() keeps nothing of a head that was cut", () => {
  const first = reading();
  first.put(bytesOf("GET /half HTTP/1.1\r\nHo"));
  assertEquals(first.reader.next(), undefined);
  assertEquals(first.reader.begun, true);
  first.reader.rest();
  assertEquals(first.reader.begun, false);
  // Parsers are used again, at the beginning and with the limits of their user.
  const second = reading({ ...DEFAULT_HEAD_LIMITS, fields: 0 });
  second.put(bytesOf(GET("/whole")));
  assertEquals(assertThrows(() => second.reader.next(), HttpError).status, 431);
});

Deno.test("RequestReader shows the line of a head it cannot parse", () => {
  const { input, reader, put } = reading();
  put(bytesOf("GET / HTTP/1.1\r\nA : b\r\n\r\n"));
  assertThrows(() => reader.next(), HttpError);
  const [start, end] = reader.partialLine();
  assertEquals(textOf(input.bytes.subarray(start, end)), "GET / HTTP/1.1");
});

Deno.test("RequestReader keeps no large parser, and counts it while it is there", () => {
  const before = INPUT_MEMORY.bytes;
  const { input, reader, put } = reading();
  const lines = Array.from({ length: 900 }, (_, i) => `x${i}: y\r\n`);
  const bytes = bytesOf(`GET / HTTP/1.1\r\n${lines.join("")}\r\n`);
  for (let at = 0; at < bytes.length;) at += put(bytes.subarray(at));
  const head = reader.next()!;
  assertEquals(head.get("x899"), "y");
  const counted = INPUT_MEMORY.bytes - before - input.capacity;
  assert(counted > 900 * 20 && counted < 900 * 60, `${counted}`);
  reader.reset();
  reader.rest();
  assertEquals(INPUT_MEMORY.bytes - before, input.capacity);
  input.dispose();
  assertEquals(INPUT_MEMORY.bytes, before);
});
