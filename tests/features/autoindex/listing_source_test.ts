import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { LISTING_MEMORY } from "../../../src/features/autoindex/listing_reader.ts";
import { listingBody } from "../../../src/features/autoindex/listing_source.ts";

function* lines(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield "0123456789é";
}

Deno.test("listingBody() of a short text is bytes, and holds nothing", () => {
  for (const count of [2, 0]) {
    let releases = 0;
    assertEquals(
      listingBody(lines(count), () => releases++),
      new TextEncoder().encode("0123456789é".repeat(count)),
    );
    assertEquals(releases, 1);
  }
});

Deno.test("hostile: listings that nobody takes have a budget", () => {
  // A folder is read once for all, but each of them has its own text.
  for (const count of [500, 5000]) {
    let releases = 0;
    const before = LISTING_MEMORY.bytes;
    const body = listingBody(lines(count), () => releases++);
    if (body instanceof Uint8Array) throw new Error("the text is not long");
    assertEquals(releases, count === 500 ? 1 : 0);
    const held = LISTING_MEMORY.bytes - before;
    assertEquals(held, count === 500 ? 6000 : 17_880);
    assertEquals(body.length, count === 500 ? 6000 : undefined);
    body.close();
    body.close();
    assertEquals(LISTING_MEMORY.bytes, before);
    assertEquals(releases, 1);
    const rest = LISTING_MEMORY.budget - before - held + 1;
    assert(LISTING_MEMORY.take(rest));
    const error = assertThrows(
      () => listingBody(lines(count), () => releases++),
      HttpError,
    );
    assertEquals([error.status, releases], [503, 1]);
    LISTING_MEMORY.give(rest);
  }
});

Deno.test("listingBody() of a long text is made piece by piece", () => {
  let releases = 0;
  const body = listingBody(lines(5000), () => releases++);
  if (body instanceof Uint8Array) throw new Error("the text is not long");
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
  assertEquals(releases, 0);
  body.close();
  body.close();
  assertEquals(releases, 1);
  assertEquals(text, "0123456789é".repeat(5000));
  assert(pieces > 2);
});
