import { assertEquals, assertThrows } from "@std/assert";
import {
  isRunning,
  PidFile,
  readPid,
  removePidFile,
  writePidFile,
} from "../../src/cli/pid_file.ts";

Deno.test("the pid file is written, read and removed", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/run/deep/webserv.pid`;
  writePidFile(path);
  assertEquals(Deno.readTextFileSync(path), `${Deno.pid}\n`);
  assertEquals(readPid(path), Deno.pid);
  removePidFile(path);
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  removePidFile(path);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("removePidFile() leaves the number of another process", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, `${Deno.pid + 1}\n`);
  removePidFile(path);
  assertEquals(readPid(path), Deno.pid + 1);
  Deno.removeSync(path);
});

Deno.test("PidFile goes where another configuration wants it", () => {
  const folder = Deno.makeTempDirSync();
  const [first, second] = [`${folder}/a.pid`, `${folder}/b/b.pid`];
  const file = new PidFile();
  file.moveTo(first);
  assertThrows(() => readPid(first), Error, "No such file");
  file.write(first);
  file.moveTo(second);
  assertEquals(readPid(second), Deno.pid);
  assertThrows(() => readPid(first), Error, "No such file");
  assertThrows(
    () => file.moveTo(`${second}/c.pid`),
    Error,
    `open() "${second}/c.pid" failed (20: Not a directory)`,
  );
  file.moveTo(undefined);
  assertEquals(readPid(second), Deno.pid);
  file.remove();
  assertThrows(() => readPid(second), Error, "No such file");
  file.remove();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a PidFile that is never written removes nothing", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, `${Deno.pid}\n`);
  const file = new PidFile();
  file.write(undefined);
  file.moveTo(path);
  file.remove();
  assertEquals(readPid(path), Deno.pid);
  Deno.removeSync(path);
});

Deno.test("readPid() takes a number and nothing else", () => {
  const path = Deno.makeTempFileSync();
  const rows: [string, number | undefined][] = [
    ["1", 1],
    ["  42\n", 42],
    ["", undefined],
    ["0", undefined],
    ["-1", undefined],
    ["1 2", undefined],
    ["1x", undefined],
    ["0x10", undefined],
    ["01", undefined],
  ];
  for (const [text, expected] of rows) {
    Deno.writeTextFileSync(path, text);
    if (expected !== undefined) assertEquals(readPid(path), expected);
    else {
      assertThrows(
        () => readPid(path),
        Error,
        `invalid PID number "${text.trim()}" in "${path}"`,
      );
    }
  }
  Deno.removeSync(path);
  assertThrows(
    () => readPid(path),
    Error,
    `open() "${path}" failed (2: No such file or directory)`,
  );
});

Deno.test("a pid file that is /dev/null is none", () => {
  writePidFile("/dev/null");
  removePidFile("/dev/null");
  assertThrows(
    () => readPid("/dev/null"),
    Error,
    'the configuration says "pid /dev/null"',
  );
});

Deno.test("isRunning() asks the process", async () => {
  const path = Deno.makeTempFileSync();
  const child = new Deno.Command("true").spawn();
  await child.status;
  const rows: [string, boolean][] = [
    [`${Deno.pid}\n`, true],
    [`${child.pid}\n`, false],
    ["", false],
    ["none", false],
  ];
  for (const [text, expected] of rows) {
    Deno.writeTextFileSync(path, text);
    assertEquals(isRunning(path), expected, text);
  }
  Deno.removeSync(path);
  assertEquals(isRunning(path), false);
});

Deno.test("the pid file steps aside and comes back", () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/it.pid`;
  const file = new PidFile();
  // There may be none.
  file.stepAside();
  file.comeBack();
  file.write(path);
  file.stepAside();
  assertEquals(file.path, `${path}.oldbin`);
  assertEquals(readPid(`${path}.oldbin`), Deno.pid);
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  // What the other one has written by then is no pid of a server.
  Deno.writeTextFileSync(path, "1\n");
  file.comeBack();
  assertEquals([file.path, readPid(path)], [path, Deno.pid]);
  file.stepAside();
  Deno.writeTextFileSync(path, "1\n");
  file.remove();
  assertEquals(readPid(path), 1);
  assertThrows(() => Deno.statSync(`${path}.oldbin`), Deno.errors.NotFound);
  file.write(`${folder}/other.pid`);
  Deno.removeSync(`${folder}/other.pid`);
  assertThrows(
    () => file.stepAside(),
    Error,
    'rename() "' + folder +
      '/other.pid" to "' + folder +
      '/other.pid.oldbin" failed (2: No such file or directory)',
  );
  Deno.removeSync(folder, { recursive: true });
});
