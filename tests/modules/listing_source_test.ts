import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import type { BodySource } from "../../src/http/response.ts";
import {
  listingBody,
  MAX_HELD_ENTRIES,
} from "../../src/modules/listing_source.ts";

function* lines(count: number, line = "0123456789é"): Generator<string> {
  for (let i = 0; i < count; i++) yield line;
}

function source(count: number, entries = count): BodySource {
  const body = listingBody(lines(count), entries);
  if (body === undefined || body instanceof Uint8Array) {
    throw new Error("the text is not long");
  }
  return body;
}

Deno.test("listingBody() of a short text is bytes", () => {
  assertEquals(
    listingBody(lines(2), 2),
    new TextEncoder().encode("0123456789é0123456789é"),
  );
  assertEquals(listingBody(lines(0), MAX_HELD_ENTRIES * 2), new Uint8Array(0));
});

Deno.test("listingBody() of a long text is made piece by piece", () => {
  const body = source(5000);
  assertEquals(body.length, undefined);
  let text = "";
  let pieces = 0;
  for (let piece; (piece = body.pull()) !== undefined;) {
    text += new TextDecoder("utf-8", { fatal: true }).decode(
      piece as Uint8Array,
    );
    assert((piece as Uint8Array).length < 20_000);
    pieces++;
  }
  body.close();
  assertEquals(text, "0123456789é".repeat(5000));
  assert(pieces > 2);
});

Deno.test("listingBody() holds no more than it may", () => {
  const first = source(5000, MAX_HELD_ENTRIES - 10);
  const second = source(5000, 10);
  const error = assertThrows(() => source(5000, 1), HttpError) as HttpError;
  assertEquals(error.status, 503);
  second.close();
  second.close();
  const third = source(5000, 10);
  assertThrows(() => source(5000, 1), HttpError);
  first.close();
  third.close();
  source(5000, MAX_HELD_ENTRIES).close();
});
