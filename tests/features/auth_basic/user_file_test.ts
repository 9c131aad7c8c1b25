import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  readUserFile,
  UserFile,
  UserFiles,
} from "../../../src/features/auth_basic/user_file.ts";
import { HttpError } from "../../../src/http/errors.ts";

Deno.test("UserFile reads lines as nginx does", () => {
  const rows: [text: string, entries: [string, string][]][] = [
    ["", []],
    ["a:b", [["a", "b"]]],
    ["a:b\nc:d\n", [["a", "b"], ["c", "d"]]],
    ["a:b\r\nc:d\r\n", [["a", "b"], ["c", "d"]]],
    ["# a:b\n\n\r\n#\nc:d", [["c", "d"]]],
    ["a:b:comment: more\n", [["a", "b"]]],
    ["a\nb:c", [["b", "c"]]],
    ["a:first\na:second", [["a", "first"]]],
    ["a:\nb:c", [["a", ""], ["b", "c"]]],
    [" a:b", [[" a", "b"]]],
    ["a:b\rc:d\n", [["a", "b"]]],
    ["a #:b", [["a #", "b"]]],
    ["\xe4:\xff", [["\xe4", "\xff"]]],
  ];
  for (const [text, entries] of rows) {
    assertEquals([...new UserFile(text).entries], entries, text);
  }
});

Deno.test("UserFile.standInFor() gives a name always the same of all", () => {
  const names = Array.from({ length: 200 }, (_, i) => `nobody${i}`);
  const file = new UserFile("a:1\nb:2\nc:3\n");
  const given = names.map((name) => file.standInFor(name));
  assertEquals(new Set(given), new Set(["1", "2", "3"]));
  assertEquals(given, names.map((name) => file.standInFor(name)));
  assertEquals(new UserFile("").standInFor("a"), undefined);
});

function tellsOf(path: string): [number, string, string] {
  const error = assertThrows(() => readUserFile(path), HttpError);
  return [error.status, error.severity, error.message];
}

Deno.test("readUserFile() fails in nginx's words", () => {
  const folder = Deno.makeTempDirSync();
  const missing = join(folder, "none");
  assertEquals(tellsOf(missing), [
    403,
    "error",
    `open() "${missing}" failed (2: No such file or directory)`,
  ]);
  assertEquals(tellsOf(folder), [
    500,
    "crit",
    `pread() "${folder}" failed (21: Is a directory)`,
  ]);
  const file = join(folder, "file");
  Deno.writeTextFileSync(file, "");
  assertEquals(tellsOf(join(file, "x")), [
    500,
    "crit",
    `open() "${file}/x" failed (20: Not a directory)`,
  ]);
  const large = join(folder, "large");
  Deno.createSync(large).close();
  Deno.truncateSync(large, 16 * 1024 * 1024 + 1);
  assertEquals(tellsOf(large).slice(0, 2), [500, "crit"]);
  new Deno.Command("mkfifo", { args: [join(folder, "pipe")] }).outputSync();
  assertEquals(tellsOf(join(folder, "pipe")), [
    500,
    "crit",
    `pread() "${folder}/pipe" failed (it is no file)`,
  ]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("UserFiles.get() sees a change after half a second", () => {
  const folder = Deno.makeTempDirSync();
  const path = join(folder, "users");
  let now = Date.now();
  const files = new UserFiles(() => now);
  const write = (text: string, at: number) => {
    Deno.writeTextFileSync(path, text);
    Deno.utimeSync(path, new Date(at), new Date(at));
  };
  write("a:1", now);
  const first = files.get(path);
  write("a:2", now); // the same length and time
  assertEquals(files.get(path), first);
  now += 499;
  assertEquals(files.get(path), first);
  now += 1;
  const second = files.get(path);
  assertEquals(second.storedOf("a"), "2");
  now += 10_000;
  assert(files.get(path) === second);
  // What was verified of the same text stays so.
  now += 500;
  write("a:2", now);
  assert(files.get(path) === second);
  now += 500;
  Deno.removeSync(path);
  assertThrows(() => files.get(path), HttpError);
  write("b:1", now);
  assertEquals(files.get(path).storedOf("b"), "1");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("UserFile remembers what was right, the last thousand or so", () => {
  const file = new UserFile("a:1");
  assertEquals(file.wasRight("0"), false);
  for (let i = 0; i < 1024; i++) file.remember(String(i));
  assertEquals(file.wasRight("0"), true);
  file.remember("more");
  const known = ["0", "1", "2", "more"].map((key) => file.wasRight(key));
  assertEquals(known, [true, false, true, true]);
});

Deno.test("UserFiles.recheck() has a change seen at once", () => {
  const path = Deno.makeTempFileSync();
  const files = new UserFiles(() => Date.now());
  Deno.writeTextFileSync(path, "a:1");
  const first = files.get(path);
  Deno.writeTextFileSync(path, "a:2");
  files.recheck();
  assertEquals(files.get(path).storedOf("a"), "2");
  Deno.writeTextFileSync(path, "a:1");
  files.clear();
  assert(files.get(path) !== first);
  assertEquals(files.get(path).storedOf("a"), "1");
  Deno.removeSync(path);
});

Deno.test("UserFiles forgets the files that were not asked for longest", () => {
  const folder = Deno.makeTempDirSync();
  const files = new UserFiles(() => 0);
  const paths = Array.from({ length: 65 }, (_, i) => join(folder, String(i)));
  for (const path of paths) Deno.writeTextFileSync(path, "a:1");
  const made = paths.map((path) => files.get(path));
  assert(files.get(paths[64]!) === made[64]);
  assert(files.get(paths[0]!) !== made[0]);
  Deno.removeSync(folder, { recursive: true });
});
