import { assertEquals, assertMatch } from "@std/assert";
import {
  fileProblem,
  listingProblem,
  mayBeCut,
  mayBeMixed,
} from "../../soak/answer_checks.ts";
import { contentOf, LINE_BYTES, versionOf } from "../../soak/content.ts";
import { SoakFile, type Way } from "../../soak/files.ts";
import { History } from "../../soak/history.ts";
import type { Answer } from "../../soak/wire.ts";

const VALID_MS = 1000;

function answerOf(
  status: number,
  body: Uint8Array,
  fields: Readonly<Record<string, string>> = {},
): Answer {
  const now = performance.now();
  const field = (name: string) => fields[name];
  return { status, body, askedAt: now, endedAt: now, field };
}

/** A file that was version 1 long ago, and is version 2. */
function changed(way: Way = "replaced"): SoakFile {
  const file = new SoakFile("x.txt", way, 120);
  const past = performance.now() - 10_000;
  const history = new History<ReturnType<typeof stateOf>>(
    stateOf(file, 1),
    () => past,
  );
  history.change(stateOf(file, 2), () => {});
  return Object.assign(file, { history });
}

function stateOf(file: SoakFile, version: number) {
  return { version, size: file.sizeOf(version) };
}

function whole(file: SoakFile, version: number): Uint8Array {
  return contentOf(file.name, version, file.sizeOf(version));
}

/** Two bodies in one: the first `bytes` of `a`, then what `b` has there. */
function mixed(a: Uint8Array, b: Uint8Array, bytes: number): Uint8Array {
  const body = b.slice();
  body.set(a.subarray(0, bytes));
  return body;
}

function expectProblem(problem: string | undefined, pattern: RegExp): void {
  assertMatch(problem ?? "no problem", pattern);
}

Deno.test("fileProblem: a version that is in force is right", () => {
  const file = changed();
  assertEquals(
    fileProblem(file, answerOf(200, whole(file, 2)), VALID_MS),
    undefined,
  );
});

Deno.test("fileProblem: an old version is right only as long as it is valid", () => {
  const file = changed();
  const old = answerOf(200, whole(file, 1));
  expectProblem(fileProblem(file, old, VALID_MS), /expected version 2/);
  assertEquals(fileProblem(file, old, 20_000), undefined);
});

Deno.test("fileProblem: a version that never was is wrong", () => {
  const file = changed();
  expectProblem(
    fileProblem(file, answerOf(200, whole(file, 3)), VALID_MS),
    /version 3 .* expected version 2/,
  );
});

Deno.test("fileProblem: two versions in one body are seen wherever they meet", () => {
  const file = changed();
  const [a, b] = [whole(file, 1), whole(file, 2)];
  for (const bytes of [10, LINE_BYTES, 1000, b.length - 65, b.length - 64]) {
    expectProblem(
      fileProblem(file, answerOf(200, mixed(a, b, bytes)), 20_000),
      /no version|expected/,
    );
  }
  // The newer one's end missing, or a line twice, is none either.
  const twice = mixed(b.subarray(LINE_BYTES), b, 5 * LINE_BYTES);
  expectProblem(
    fileProblem(file, answerOf(200, twice), 20_000),
    /no version of it/,
  );
});

Deno.test("fileProblem: a cut body is wrong, but while it is written in place", () => {
  const replaced = changed();
  const part = whole(replaced, 2).subarray(0, 640);
  expectProblem(fileProblem(replaced, answerOf(200, part), VALID_MS), /640/);
  const rewritten = changed("rewritten");
  expectProblem(fileProblem(rewritten, answerOf(200, part), VALID_MS), /640/);
  expectProblem(
    fileProblem(rewritten, answerOf(200, new Uint8Array(0)), VALID_MS),
    /empty/,
  );
  assertEquals(fileProblem(rewritten, answerOf(200, part), 20_000), undefined);
  assertEquals(
    fileProblem(rewritten, answerOf(200, new Uint8Array(0)), 20_000),
    undefined,
  );
});

Deno.test("fileProblem: nothing is right only where nothing is", () => {
  const file = changed("comes_and_goes");
  const missing = answerOf(404, new Uint8Array(0));
  expectProblem(fileProblem(file, missing, VALID_MS), /404, but it is there/);
  file.history.change(undefined, () => {});
  assertEquals(
    fileProblem(file, answerOf(404, missing.body), VALID_MS),
    undefined,
  );
});

Deno.test("fileProblem: any other status is wrong", () => {
  for (const status of [204, 301, 403, 500]) {
    expectProblem(
      fileProblem(changed(), answerOf(status, new Uint8Array(0)), VALID_MS),
      /status/,
    );
  }
});

Deno.test("fileProblem: a tag is of one content only", () => {
  const file = changed();
  const tagged = (version: number, etag: string) =>
    fileProblem(file, answerOf(200, whole(file, version), { etag }), 20_000);
  assertEquals(tagged(1, '"a"'), undefined);
  assertEquals(tagged(2, '"b"'), undefined);
  assertEquals(tagged(2, 'W/"b"'), undefined);
  expectProblem(tagged(2, '"a"'), /tag "a" was that of version 1/);
});

Deno.test("fileProblem: 304 is right for what is in force", () => {
  const file = changed();
  file.tags.note('"a"', stateOf(file, 1));
  file.tags.note('"b"', stateOf(file, 2));
  const told = (etag: string) =>
    fileProblem(file, answerOf(304, new Uint8Array(0), { etag }), VALID_MS);
  assertEquals(told('"b"'), undefined);
  expectProblem(told('"a"'), /304 for version 1/);
  expectProblem(told('"c"'), /304 for undefined/);
});

Deno.test("fileProblem: a range is of one version, and of its size", () => {
  const file = changed();
  const size = file.sizeOf(2);
  const range = (from: Uint8Array, start: number, text: string) =>
    fileProblem(
      file,
      answerOf(206, from.slice(start, start + 128), { "content-range": text }),
      VALID_MS,
    );
  const two = whole(file, 2);
  assertEquals(range(two, 64, `bytes 64-191/${size}`), undefined);
  expectProblem(range(two, 64, `bytes 64-200/${size}`), /128 bytes as/);
  expectProblem(range(two, 128, `bytes 64-191/${size}`), /of no version/);
  expectProblem(range(two, 64, `bytes 64-191/${size + 1}`), /range of/);
  expectProblem(range(whole(file, 1), 64, `bytes 64-191/${size}`), /range of/);
  const none = (text: string) =>
    fileProblem(
      file,
      answerOf(416, new Uint8Array(0), { "content-range": text }),
      VALID_MS,
    );
  assertEquals(none(`bytes */${size}`), undefined);
  expectProblem(none(`bytes */${size - 1}`), /416/);
});

Deno.test("mayBeCut: only where bytes are lost, and only then", () => {
  const now = performance.now();
  const recent = { from: now - 20_000, to: now };
  const since = { from: now - 100, to: now };
  assertEquals(mayBeCut(changed("replaced"), recent), false);
  assertEquals(mayBeCut(changed("comes_and_goes"), recent), false);
  assertEquals(mayBeCut(changed("grown"), recent), false);
  for (const way of ["rewritten", "truncated"] as const) {
    assertEquals(mayBeCut(changed(way), recent), true, way);
    assertEquals(mayBeCut(changed(way), since), false, way);
  }
});

Deno.test("versionOf: only whole lines of one version, in their places", () => {
  const content = contentOf("n", 7, 640);
  assertEquals(versionOf("n", content), 7);
  assertEquals(versionOf("n", content.subarray(128), 128), 7);
  assertEquals(versionOf("n", content.subarray(128), 64), undefined);
  assertEquals(versionOf("m", content), undefined);
  assertEquals(versionOf("n", new Uint8Array(640)), undefined);
});

Deno.test("listingProblem: what is there, what is not, and the end", () => {
  const listed = new Map([
    ["a", new History(true)],
    ["b", new History(false)],
  ]);
  const page = (names: string[], end = "</html>\r\n") =>
    listingProblem(
      listed,
      answerOf(200, new Uint8Array(0)),
      names.map((name) => `<a href="${name}">`).join() + end,
    );
  assertEquals(page(["a"]), undefined);
  expectProblem(page([]), /no a/);
  expectProblem(page(["a", "b"]), /gone b/);
  expectProblem(page(["a", "a"]), /2 times/);
  expectProblem(page(["a"], ""), /cut/);
});

Deno.test("mayBeMixed: a file that loses bytes while the system sends it", () => {
  const now = performance.now();
  const during = { from: now - 20_000, to: now };
  const after = { from: now - 1000, to: now };
  const rows = [
    ["rewritten", during, "mixed", true],
    ["truncated", during, "mixed", true],
    ["rewritten", after, "mixed", false],
    ["replaced", during, "mixed", false],
    ["grown", during, "mixed", false],
    ["rewritten", during, "whole", false],
    ["rewritten", during, "short", false],
  ] as const;
  for (const [way, period, what, expected] of rows) {
    const file = changed(way);
    const two = mixed(whole(file, 1), whole(file, 2), 10 * LINE_BYTES);
    const body = what === "mixed"
      ? two
      : what === "whole"
      ? whole(file, 2)
      : two.subarray(0, -1);
    const answer = answerOf(200, body);
    const name = `${way}, ${what}`;
    assertEquals(mayBeMixed(file, answer, period), expected, name);
  }
});
