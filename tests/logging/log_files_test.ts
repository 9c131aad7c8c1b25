import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { LogFiles } from "../../src/logging/log_files.ts";
import type { LogFile } from "../../src/logging/log_file.ts";

function addLine(file: LogFile, line: string): void {
  file.buffer.appendLatin1(`${line}\n`);
  file.lineDone();
}

async function withFolder(
  run: (folder: string, files: LogFiles) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const files = new LogFiles();
  try {
    await run(folder, files);
  } finally {
    await files.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("LogFiles.open gives one log for each path", () =>
  withFolder((folder, files) => {
    const first = files.open(`${folder}/a.log`);
    assertStrictEquals(files.open(`${folder}/a.log`), first);
    assert(files.open(`${folder}/b.log`) !== first);
    return Promise.resolve();
  }));

Deno.test("LogFiles.open gives one log for all names of standard error", () =>
  withFolder((_folder, files) => {
    const log = files.open("stderr");
    assertEquals(log.path, "/dev/stderr");
    assertStrictEquals(files.open("/dev/stderr"), log);
    assertStrictEquals(files.open("/dev/fd/2"), log);
    assert(files.open("/dev/stdout") !== log);
    return Promise.resolve();
  }));

Deno.test("LogFiles.open throws, and remembers nothing, when it cannot open", () =>
  withFolder(async (folder, files) => {
    await Deno.mkdir(`${folder}/log`);
    assertThrows(() => files.open(`${folder}/log`), Deno.errors.IsADirectory);
    await Deno.remove(`${folder}/log`);
    files.open(`${folder}/log`);
  }));

Deno.test("LogFiles.release closes a log with its last user", () =>
  withFolder(async (folder, files) => {
    const path = `${folder}/a.log`;
    const first = files.open(path);
    const second = files.open(path);
    addLine(first, "one");
    await files.release(first);
    assertEquals(await Deno.readTextFile(path), "");
    addLine(second, "two");
    await files.release(second);
    assertEquals(await Deno.readTextFile(path), "one\ntwo\n");
    assert(files.open(path) !== second);
  }));

Deno.test("LogFiles.close waits for logs whose last user has gone", async () => {
  const written: string[] = [];
  const slow = new LogFiles({
    open: () => ({
      async write(bytes) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        written.push(new TextDecoder().decode(bytes));
        return bytes.length;
      },
      writeSync: (bytes) => bytes.length,
      close: () => void written.push("closed"),
    }),
  });
  const file = slow.open("a.log");
  addLine(file, "one");
  const released = slow.release(file);
  await slow.close();
  assertEquals(written, ["one\n", "closed"]);
  await released;
});

Deno.test("LogFiles.release ignores a log that it has already closed", () =>
  withFolder(async (folder, files) => {
    const path = `${folder}/a.log`;
    const old = files.open(path);
    await files.release(old);
    const current = files.open(path);
    await files.release(old);
    addLine(current, "still open");
    assertEquals(await current.flush(), true);
    assertEquals(await Deno.readTextFile(path), "still open\n");
  }));

Deno.test("LogFiles.flush and flushSync write every log", () =>
  withFolder(async (folder, files) => {
    const paths = [`${folder}/a.log`, `${folder}/b.log`];
    const logs = paths.map((path) => files.open(path));
    for (const log of logs) addLine(log, "one");
    assertEquals(await files.flush(), true);
    for (const log of logs) addLine(log, "two");
    files.flushSync();
    for (const path of paths) {
      assertEquals(await Deno.readTextFile(path), "one\ntwo\n");
    }
  }));

Deno.test("LogFiles.reopen makes every file anew", () =>
  withFolder(async (folder, files) => {
    const paths = [`${folder}/a.log`, `${folder}/b.log`];
    const logs = paths.map((path) => files.open(path));
    for (const log of logs) addLine(log, "old");
    for (const path of paths) await Deno.rename(path, `${path}.1`);
    await files.reopen();
    for (const log of logs) addLine(log, "new");
    await files.flush();
    for (const path of paths) {
      assertEquals(await Deno.readTextFile(`${path}.1`), "old\n");
      assertEquals(await Deno.readTextFile(path), "new\n");
    }
  }));

Deno.test("LogFiles.start writes within about a second and stop ends it", () =>
  withFolder(async (folder, files) => {
    const path = `${folder}/a.log`;
    const log = files.open(path);
    files.start();
    files.start();
    addLine(log, "one");
    const startMs = Date.now();
    while (log.pendingBytes > 0 && Date.now() - startMs < 5000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    files.stop();
    assertEquals(await Deno.readTextFile(path), "one\n");
  }));
