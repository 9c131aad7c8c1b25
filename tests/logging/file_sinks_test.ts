import { assertEquals, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { briefSink, gzipSink, touchLog } from "../../src/logging/file_sinks.ts";
import type { LogSink } from "../../src/logging/log_sink.ts";

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
