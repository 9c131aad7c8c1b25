import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  notModifiedOf,
  Representation,
  validatorsOf,
} from "../../src/http/representation.ts";
import { HeaderList, HttpResponse } from "../../src/http/response.ts";

const NOW = Date.UTC(2026, 10, 27);

function made(): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([
      ["Content-Type", "text/plain"],
      ["Last-Modified", "Fri, 27 Nov 2026 00:00:00 GMT"],
      ["ETag", '"a"'],
      ["Content-Encoding", "gzip"],
      ["Accept-Ranges", "bytes"],
      ["Vary", "Accept-Encoding"],
      ["Cache-Control", "max-age=60"],
    ]),
    body: new Uint8Array(3),
    expiresAfter: 60,
  });
}

Deno.test("Representation is what was made", () => {
  const original = made();
  const { status, headers, body, expiresAfter, headroom } = new Representation(
    original,
    9,
  );
  assertEquals([status, expiresAfter, headroom], [200, 60, 9]);
  assertStrictEquals(headers, original.headers);
  assertStrictEquals(body, original.body);
});

Deno.test("Representation.with() makes a response for one request", () => {
  const representation = new Representation(made());
  const other = representation.with({ status: 404 });
  assert(!(other instanceof Representation));
  other.headers.set("ETag", '"b"');
  assertEquals(representation.headers.get("ETag"), '"a"');
});

Deno.test("Representation works its validators and its 304 out once", () => {
  const representation = new Representation(made());
  const validators = representation.validatorsAt(NOW);
  assertEquals(validators, { etag: '"a"', lastModified: NOW });
  assertStrictEquals(representation.validatorsAt(NOW + 1), validators);
  const { notModified } = representation;
  assertStrictEquals(representation.notModified, notModified);
  assertEquals([notModified.status, notModified.body], [304, undefined]);
  assertEquals(notModified.expiresAfter, 60);
});

Deno.test("notModifiedOf() leaves out what describes content", () => {
  assertEquals([...notModifiedOf(made()).headers].map(([name]) => name), [
    "Last-Modified",
    "ETag",
    "Vary",
    "Cache-Control",
  ]);
});

Deno.test("validatorsOf() takes a date that is none for nothing", () => {
  for (const date of ["", "yesterday", "Fri, 27 Nov 2026"]) {
    const headers = new HeaderList([["Last-Modified", date]]);
    const found = validatorsOf(new HttpResponse(200, { headers }), NOW);
    assertEquals(found, { etag: undefined, lastModified: undefined }, date);
  }
});
