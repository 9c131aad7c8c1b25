import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { contentEtag } from "../../../src/files/cache/content_etag.ts";
import { isEntityTag, isWeakEtag } from "../../../src/http/semantics/etag.ts";

Deno.test("contentEtag: strong, the same for the same bytes, else another", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const etag = contentEtag(bytes("abc"));
  assertEquals(etag, '"ba7816bf8f01cfea-3"');
  assert(isEntityTag(etag) && !isWeakEtag(etag));
  assertEquals(contentEtag(bytes("abc")), etag);
  assertNotEquals(contentEtag(bytes("abd")), etag);
  assertEquals(contentEtag(bytes("")), '"e3b0c44298fc1c14-0"');
});
