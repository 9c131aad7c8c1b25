import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import type { FileIdentity } from "../../../src/files/cache/file_identity.ts";
import {
  contentEtag,
  etagOf,
  lastModifiedOf,
} from "../../../src/files/cache/validators.ts";
import { isEntityTag, isWeakEtag } from "../../../src/http/semantics/etag.ts";
import { contained } from "../../support/contained.ts";

const NOW = Date.now();
const YEAR_2023 = 1_700_000_000_000;
const TODAY = Math.floor(NOW / 1000) * 1000 - 3_600_000;

/** A file of three bytes, in memory if `text` is given. */
function entryOf(
  times: Pick<FileIdentity, "mtimeMs" | "ctimeMs">,
  text?: string,
  ino = 7,
): FileEntry {
  const body = text === undefined ? undefined : new TextEncoder().encode(text);
  const size = body?.length ?? 3;
  return new FileEntry(contained("/srv/a"), "file", {
    identity: { size, dev: 1, ino, ...times },
    body,
  });
}

type Tag = "nginx" | "content" | "host" | undefined;

const CONTENT = '"ba7816bf8f01cfea-3"';

function kindOf(etag: string | undefined, mtimeMs: number): Tag {
  if (etag === undefined) return undefined;
  assert(isEntityTag(etag) && !isWeakEtag(etag), etag);
  if (etag === `"${Math.floor(mtimeMs / 1000).toString(16)}-3"`) return "nginx";
  return etag === CONTENT ? "content" : "host";
}

Deno.test("validators: what is believed of a file's times", () => {
  const rows: [
    what: string,
    mtimeMs: number,
    ctimeMs: number,
    small: Tag,
    large: Tag,
    date: number | undefined,
  ][] = [
    ["written", TODAY + 123, TODAY, "nginx", "nginx", TODAY + 123],
    ["copied", YEAR_2023 + 1, TODAY, "nginx", "nginx", YEAR_2023 + 1],
    ["unpacked", YEAR_2023, TODAY, "content", "host", YEAR_2023],
    ["of the epoch", 0, TODAY, "content", "host", undefined],
    ["of 1980", 315_532_801_000, TODAY, "content", "host", undefined],
    ["in an image", YEAR_2023, YEAR_2023, "content", undefined, YEAR_2023],
    ["without status time", YEAR_2023, 0, "content", undefined, YEAR_2023],
    ["of a clock, the same", YEAR_2023 + 1, 0, "nginx", "nginx", YEAR_2023 + 1],
    ["of before the epoch", -1500, TODAY, "content", "host", undefined],
    ["to come", TODAY + 1e7 + 1, TODAY, "nginx", "nginx", undefined],
    ["beyond all dates", 1e15, TODAY, "content", "host", undefined],
  ];
  for (const [what, mtimeMs, ctimeMs, small, large, date] of rows) {
    const times = { mtimeMs, ctimeMs };
    const [one, other] = [entryOf(times, "abc"), entryOf(times)];
    assertEquals(kindOf(etagOf(one), mtimeMs), small, what);
    assertEquals(kindOf(etagOf(other), mtimeMs), large, what);
    assertEquals(lastModifiedOf(one, NOW), date, what);
    const changed = ctimeMs > 0 ? "host" : undefined;
    const exact = large === "nginx" ? changed : large;
    assertEquals(kindOf(etagOf(one, true), mtimeMs), "content", what);
    assertEquals(kindOf(etagOf(other, true), mtimeMs), exact, what);
  }
});

Deno.test("validators: while a file may change within its second, it has no exact date", () => {
  const fresh = entryOf({ mtimeMs: NOW - 5, ctimeMs: NOW - NOW % 1000 }, "abc");
  const settled = entryOf({ mtimeMs: TODAY + 123, ctimeMs: TODAY }, "abc");
  assertEquals(lastModifiedOf(fresh, NOW), NOW - 5);
  assertEquals(lastModifiedOf(fresh, NOW, true), undefined);
  assertEquals(lastModifiedOf(settled, NOW, true), TODAY + 123);
});

Deno.test("validators: a tag of this host names the version", () => {
  const times = { mtimeMs: YEAR_2023, ctimeMs: TODAY };
  const etag = etagOf(entryOf(times));
  assertEquals(etagOf(entryOf(times)), etag);
  assertNotEquals(etagOf(entryOf(times, undefined, 8)), etag);
  assertNotEquals(
    etagOf(entryOf({ ...times, ctimeMs: TODAY + 1000 })),
    etag,
  );
});

Deno.test("validators: what has just changed may change again", () => {
  const times = {
    mtimeMs: YEAR_2023,
    ctimeMs: Math.floor(Date.now() / 1000) * 1000,
  };
  const [one, other] = [entryOf(times), entryOf(times)];
  assertEquals(etagOf(one), etagOf(one));
  assertNotEquals(etagOf(one), etagOf(other));
});

Deno.test("validators: versions that look alike", () => {
  const first = { mtimeMs: YEAR_2023 + 100, ctimeMs: TODAY };
  const second = { ...first, mtimeMs: YEAR_2023 + 900 };
  const later = { ...first, mtimeMs: YEAR_2023 + 1900 };
  const rows: [
    what: string,
    before: FileEntry,
    now: FileEntry,
    tag: Tag,
    isDated: boolean,
  ][] = [
    ["same", entryOf(first, "abc"), entryOf(second, "abc"), "nginx", true],
    ["other", entryOf(first, "xyz"), entryOf(second, "abc"), "content", false],
    ["longer", entryOf(first, "ab"), entryOf(second, "abc"), "nginx", false],
    ["later", entryOf(first, "xyz"), entryOf(later, "abc"), "nginx", true],
    ["large, same", entryOf(first), entryOf(first), "nginx", true],
    ["large, other", entryOf(first), entryOf(second), "host", false],
    [
      "large, moved",
      entryOf(first),
      entryOf(first, undefined, 8),
      "host",
      false,
    ],
  ];
  for (const [what, before, now, tag, isDated] of rows) {
    now.follow(before);
    assertEquals(kindOf(etagOf(now), now.mtimeMs), tag, what);
    assertEquals(lastModifiedOf(now, NOW) !== undefined, isDated, what);
    // What was found stays so, as long as the version does.
    const again = new FileEntry(now.path, "file", {
      identity: now.identity,
      body: now.body,
    });
    again.follow(now);
    assertEquals(again.resembles, now.resembles, what);
  }
});

Deno.test("contentEtag: strong, the same for the same bytes, else another", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const etag = contentEtag(bytes("abc"));
  assertEquals(etag, '"ba7816bf8f01cfea-3"');
  assert(isEntityTag(etag) && !isWeakEtag(etag));
  assertEquals(contentEtag(bytes("abc")), etag);
  assertNotEquals(contentEtag(bytes("abd")), etag);
  assertEquals(contentEtag(bytes("")), '"e3b0c44298fc1c14-0"');
});
