import { assert, assertEquals } from "@std/assert";
import {
  type FileIdentity,
  identityOf,
  isSameFile,
  isSettled,
  isWrite,
  NO_IDENTITY,
  sameIdentity,
} from "../../../src/files/cache/file_identity.ts";

const FILE: FileIdentity = {
  size: 3,
  mtimeMs: 1_500,
  ctimeMs: 2_000,
  dev: 1,
  ino: 2,
};

/** A change, and whether it leaves the same file, and the same version. */
const CHANGES: [change: Partial<FileIdentity>, file: boolean, same: boolean][] =
  [
    [{}, true, true],
    [{ size: 4 }, true, false],
    [{ mtimeMs: 1_501 }, true, false],
    [{ ctimeMs: 3_000 }, true, false],
    [{ dev: 2 }, false, false],
    [{ ino: 3 }, false, false],
  ];

Deno.test("a file and a version of it are known by their numbers", () => {
  for (const [change, file, same] of CHANGES) {
    const other = { ...FILE, ...change };
    assertEquals(isSameFile(FILE, other), file, JSON.stringify(change));
    assertEquals(sameIdentity(FILE, other), same, JSON.stringify(change));
  }
});

Deno.test("identityOf() tells what a stat tells", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, "abc");
  Deno.utimeSync(path, 12, 34.5);
  const info = Deno.statSync(path);
  const identity = identityOf(info);
  assertEquals([identity.size, identity.mtimeMs], [3, 34_500]);
  assertEquals([identity.dev, identity.ino], [info.dev, info.ino!]);
  assert(identity.ctimeMs > 0);
  Deno.removeSync(path);
});

Deno.test("identityOf() does without what a system does not tell", () => {
  const info = { size: 0, mtime: null, ctime: null, dev: 0, ino: null };
  assertEquals(identityOf(info as unknown as Deno.FileInfo), NO_IDENTITY);
});

Deno.test("isWrite() tells a write from a time that was given", () => {
  const rows: [mtimeMs: number, ctimeMs: number, write: boolean][] = [
    [5000, 5000, true],
    [5999, 5000, true], // the second has no parts
    [6000, 5000, false],
    [4000, 5000, false],
    [1, 5000, false],
    [5000, 0, false], // a system without the second one
  ];
  for (const [mtimeMs, ctimeMs, write] of rows) {
    assertEquals(
      isWrite({ ...FILE, mtimeMs, ctimeMs }),
      write,
      `${mtimeMs} ${ctimeMs}`,
    );
  }
});

Deno.test("isSettled() wants both times to be a while ago", () => {
  const now = 1_000_000;
  const rows: [mtimeMs: number, ctimeMs: number, settled: boolean][] = [
    [0, 0, true],
    [now - 51, now - 1051, true],
    [now - 50, now - 1051, false],
    [now - 51, now - 1050, false],
    [now, now, false],
    [now + 1, 0, false], // a time to come
  ];
  for (const [mtimeMs, ctimeMs, settled] of rows) {
    const identity = { ...FILE, mtimeMs, ctimeMs };
    assertEquals(isSettled(identity, now), settled, `${mtimeMs} ${ctimeMs}`);
  }
});
