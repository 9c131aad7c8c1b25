import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import {
  briefSink,
  gzipSink,
  isPipe,
  pipeSink,
  touchLog,
} from "../../src/logging/file_sinks.ts";
import { LogFile } from "../../src/logging/log_file.ts";
import type { LogSink } from "../../src/logging/log_sink.ts";
import type { LogTrouble } from "../../src/logging/log_trouble.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

Deno.test("a gzip log is one file however its members are written", async () => {
  const taken: number[] = [];
  let fails = true;
  const sink: LogSink = {
    write(bytes) {
      if (fails && taken.length > 3) throw new Error("full");
      taken.push(...bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
    writeSync(bytes) {
      taken.push(...bytes);
      return bytes.length;
    },
    close() {},
  };
  const log = gzipSink(sink, 6);
  const first = encoder.encode("first line\n");
  let failed = false;
  await log.write(first).catch(() => failed = true);
  assertEquals(failed, true);
  fails = false;
  // It goes on within the member that was begun.
  assertEquals(await log.write(first), first.length);
  assertEquals(log.writeSync(encoder.encode("second\n")), 7);
  const text = decoder.decode(gunzipSync(new Uint8Array(taken)));
  assertEquals(text, "first line\nsecond\n");
});

Deno.test("a brief log follows its path, and never waits for another", async () => {
  const folder = Deno.makeTempDirSync();
  const names = Array.from({ length: 50 }, (_, i) => `${folder}/${i}.log`);
  const write = (line: string) =>
    Promise.all(
      names.map((name) => briefSink(name).write(encoder.encode(line))),
    );
  await write("one\n");
  for (const name of names) Deno.renameSync(name, `${name}.1`);
  await write("two\n");
  briefSink(names[0]!).writeSync(encoder.encode("three\n"));
  assertEquals(Deno.readTextFileSync(names[0]!), "two\nthree\n");
  for (const name of names.slice(1)) {
    assertEquals(Deno.readTextFileSync(name), "two\n");
  }
  for (const name of names) {
    assertEquals(Deno.readTextFileSync(`${name}.1`), "one\n");
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("touchLog() makes a file, and neither folders nor waits for pipes", () => {
  const folder = Deno.makeTempDirSync();
  touchLog(`${folder}/a`);
  touchLog(`${folder}/a`);
  assertEquals(Deno.statSync(`${folder}/a`).size, 0);
  new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).outputSync();
  assertThrows(() => touchLog(`${folder}/pipe`), Error, "it is no file");
  assertThrows(() => touchLog(`${folder}/none/a`), Deno.errors.NotFound);
  assertThrows(() => touchLog(folder), Error);
  Deno.removeSync(folder, { recursive: true });
});

const OTHER_SYSTEM = Deno.build.os === "windows";

/** Makes a pipe, and removes it. */
async function withPipe(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/log`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  try {
    await run(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Fills the pipe, and says with how many bytes. */
async function fill(sink: ReturnType<typeof pipeSink>): Promise<number> {
  let filled = 0;
  for (;;) {
    const count = await sink.writeSync(new Uint8Array(4096).fill(97));
    if (count === 0) return filled;
    filled += count;
  }
}

Deno.test({
  name: "isPipe() tells a pipe from a file and from nothing",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      await Deno.writeTextFile(`${path}.1`, "");
      assertEquals(["", ".1", ".2"].map((end) => isPipe(path + end)), [
        true,
        false,
        false,
      ]);
    }),
});

Deno.test({
  name: "pipeSink() needs no reader: one that comes later has all of it",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      const sink = pipeSink(path);
      assertEquals(await sink.write(new TextEncoder().encode("one\n")), 4);
      assertEquals(sink.writeSync(new TextEncoder().encode("two\n")), 4);
      const reader = await Deno.open(path);
      sink.close();
      const text = await new Response(reader.readable).text();
      assertEquals(text, "one\ntwo\n");
    }),
});

Deno.test({
  name: "pipeSink(): a full pipe is waited for, but not by the thread",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      const sink = pipeSink(path);
      const filled = await fill(sink);
      const late = sink.write(new TextEncoder().encode("late"));
      using reader = await Deno.open(path);
      let text = "";
      const piece = new Uint8Array(filled);
      while (!text.endsWith("late")) {
        const count = await reader.read(piece);
        text += new TextDecoder().decode(piece.subarray(0, count!));
      }
      assertEquals(await late, 4);
      assertEquals(text.length, filled + 4);
      sink.close();
      sink.close();
    }),
});

Deno.test({
  name: "pipeSink(): closing ends a write that waits",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      const sink = pipeSink(path);
      await fill(sink);
      const late = sink.write(new Uint8Array(1));
      sink.close();
      await assertRejects(() => Promise.resolve(late), Error, "is closed");
      assertThrows(() => pipeSink(`${path}.none`), Error, "ENOENT");
    }),
});

Deno.test({
  name: "pipeSink(): what fits of a long write is counted, in whole lines",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      const sink = pipeSink(path);
      const lines = new TextEncoder().encode(
        `${"x".repeat(998)}\n`.repeat(1000),
      );
      const count = sink.writeSync(lines);
      assertEquals([count > 0, count % 999], [true, 0]);
      using reader = await Deno.open(path);
      const read = new Uint8Array(lines.length);
      assertEquals(await reader.read(read), count);
      assertEquals(read.subarray(0, count), lines.subarray(0, count));
      // A line that is longer than what a pipe takes whole.
      assertEquals(sink.writeSync(new Uint8Array(5000)), 5000);
      sink.close();
    }),
});

Deno.test({
  name: "LogFile ends also when nobody has read its pipe",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      const troubles: LogTrouble[] = [];
      const log = new LogFile(path, {
        onTrouble: (trouble) => troubles.push(trouble),
      });
      const line = `${"x".repeat(99)}\n`;
      for (let i = 0; i < 10_000; i++) log.appendLine(line);
      log.flushSync();
      await log.close();
      const lost = troubles.reduce(
        (sum, { droppedLines }) => sum + droppedLines,
        0,
      );
      assertEquals(lost > 0 && lost < 10_000, true, `${lost}`);
    }),
});

Deno.test({
  name: "briefSink() refuses a pipe that has taken its file's place",
  ignore: OTHER_SYSTEM,
  fn: () =>
    withPipe(async (path) => {
      const sink = briefSink(path);
      const write = async () => await sink.write(new Uint8Array(1));
      await assertRejects(write, Error, "it is no file");
      assertThrows(() => sink.writeSync(new Uint8Array(1)), Error, "no file");
    }),
});
