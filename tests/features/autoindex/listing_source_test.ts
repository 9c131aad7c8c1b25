import { assert, assertEquals } from "@std/assert";
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
