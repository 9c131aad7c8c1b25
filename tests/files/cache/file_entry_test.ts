import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import { NO_IDENTITY } from "../../../src/files/cache/file_identity.ts";
import { load } from "../../../src/files/cache/file_loader.ts";
import { contained } from "../../support/contained.ts";

/** The entry of a file that is held open, in a folder that is removed. */
function withLarge(run: (entry: FileEntry, path: string) => void): void {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const path = `${folder}/large`;
  Deno.writeTextFileSync(path, "content".repeat(2000));
  // As it was written, the clock of files may not have gone on.
  Deno.utimeSync(path, 9, 9);
  const entry = load(contained(path), 0, { maxBodyBytes: 0, symlinks: "off" });
  try {
    run(entry, path);
  } finally {
    entry.retire();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a file is closed with its last user after its entry retires", () =>
  withLarge((entry) => {
    assertStrictEquals(entry.acquire(), entry.acquire());
    entry.retire();
    entry.release();
    assert(entry.open);
    entry.release();
    assert(!entry.open);
  }));

/** Where nobody looks whether the bytes of {@linkcode withLarge} are the same. */
const MIDDLE = 5000;

function writeInMiddle(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(MIDDLE, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(9));
}

/** Waits for the next second, the precision of the status-change time. */
function nextSecond(): void {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(memory, 0, 0, 1010 - Date.now() % 1000);
}

/** What happens to a file that was closed, and whether it is sent then. */
const REOPENED: [what: string, (path: string) => void, sent: boolean][] = [
  ["nothing", () => {}, true],
  ["touched", (path) => Deno.utimeSync(path, 1, 1), true],
  [
    "appended to",
    (path) => Deno.writeTextFileSync(path, "!", { append: true }),
    true,
  ],
  [
    "given other rights, in another second",
    (path) => {
      nextSecond();
      Deno.chmodSync(path, 0o600);
    },
    true,
  ],
  [
    "written to in the middle, in another second, with its time given back",
    (path) => {
      const { atime, mtime } = Deno.statSync(path);
      nextSecond();
      writeInMiddle(path);
      Deno.utimeSync(path, atime!, mtime!);
    },
    false,
  ],
  ["written to in the middle", writeInMiddle, false],
  ["shortened", (path) => Deno.truncateSync(path, 3), false],
  ["written anew", (path) => {
    Deno.writeTextFileSync(path, "another");
    // The clock of files may not have gone on.
    const later = Date.now() / 1000 + 1;
    Deno.utimeSync(path, later, later);
  }, false],
  ["removed", (path) => Deno.removeSync(path), false],
  ["another file", (path) => {
    // The old one is kept, so that its number is not given to the new one.
    Deno.renameSync(path, `${path}.old`);
    Deno.writeTextFileSync(path, "content");
  }, false],
];

for (const [what, change, sent] of REOPENED) {
  Deno.test(`a file that was closed is opened again: ${what}`, () =>
    withLarge((entry, path) => {
      entry.retire();
      change(path);
      if (!sent) return void assertThrows(() => entry.acquire());
      entry.acquire();
      assert(entry.open);
      entry.release();
      assert(!entry.open);
    }));
}

Deno.test("deleted says whether a file is open that no name leads to", () =>
  withLarge((entry, path) => {
    assert(!entry.deleted);
    Deno.renameSync(path, `${path}.moved`);
    assert(!entry.deleted);
    Deno.removeSync(`${path}.moved`);
    assert(entry.deleted);
  }));

function fileOf(mtimeMs: number, text: string, torn = false): FileEntry {
  const body = new TextEncoder().encode(text);
  const identity = { ...NO_IDENTITY, mtimeMs, size: body.length };
  return new FileEntry(contained("/x"), "file", { identity, body, torn });
}

Deno.test("follow() notes what tells two versions apart too little", () => {
  const rows: [before: FileEntry, after: FileEntry, resembles: string][] = [
    [fileOf(1000, "a"), fileOf(2000, "b"), "nothing"],
    [fileOf(1000, "a"), fileOf(1999, "bc"), "time"],
    [fileOf(1000, "a"), fileOf(1000, "b"), "time_and_size"],
    [fileOf(1000, "a"), fileOf(1000, "a"), "nothing"], // the same, read again
    [fileOf(1000, "a", true), fileOf(1000, "a"), "time_and_size"],
    [fileOf(1000, "a"), fileOf(2000, "b", true), "time_and_size"],
    [new FileEntry(contained("/x"), "missing"), fileOf(0, ""), "nothing"],
  ];
  for (const [i, [before, after, resembles]] of rows.entries()) {
    after.follow(before);
    assertEquals(after.resembles, resembles, `row ${i}`);
  }
});

Deno.test("what was derived is its owner's, and goes with the entry", () => {
  const entry = fileOf(0, "");
  const [one, two] = [{}, {}];
  assert(entry.underived);
  assertEquals(entry.derivedFor(one), undefined);
  entry.setDerived(one, 1);
  entry.setDerived(two, 2);
  entry.setDerived(one, 3);
  assertEquals([entry.derivedFor(one), entry.derivedFor(two)], [3, 2]);
  entry.retire();
  assertEquals([entry.derivedFor(one), entry.derivedFor(two)], [
    undefined,
    undefined,
  ]);
});

Deno.test("sibling() is a name in the same folder, each time the same", () => {
  const entry = fileOf(0, "");
  assertEquals(entry.sibling(".gz"), contained("/x.gz"));
  assertStrictEquals(entry.sibling(".gz"), entry.sibling(".gz"));
});
