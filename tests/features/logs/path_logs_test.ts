import { assertEquals } from "@std/assert";
import type { Environment } from "../../../src/core/module.ts";
import {
  openLogFileCache,
  pathLogsOf,
} from "../../../src/features/logs/path_logs.ts";
import { LogFiles } from "../../../src/logging/log_files.ts";
import { serverScope } from "../../support/config_support.ts";

Deno.test("open_log_file_cache says how many logs are kept", () => {
  const rows: [text: string, max: number, inactiveMs: number][] = [
    ["", 256, 10_000],
    ["open_log_file_cache off;", 256, 10_000],
    ["open_log_file_cache max=1 off;", 256, 10_000],
    ["open_log_file_cache max=9;", 9, 10_000],
    [
      "open_log_file_cache valid=1m max=1000 min_uses=2 inactive=20s;",
      1000,
      20_000,
    ],
  ];
  for (const [text, max, inactiveMs] of rows) {
    const limits = serverScope(`server { ${text} }`).get(openLogFileCache);
    assertEquals(limits, { max, inactiveMs }, text);
  }
});

/** Long enough for some lines to be written. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

Deno.test("no more logs are kept than are allowed, and none without use", async () => {
  const folder = Deno.makeTempDirSync();
  const logs = new LogFiles();
  const environment = { logs } as Environment;
  const limits = { max: 3, inactiveMs: 1000 };
  const kept = pathLogsOf(environment, limits);
  assertEquals(pathLogsOf(environment, limits), kept);
  function write(name: string, nowMs: number): void {
    const file = kept.get(`${folder}/${name}`, nowMs);
    file.buffer.appendLatin1(`${nowMs}\n`);
    file.lineDone();
  }
  const { bytes: one } = (() => {
    write("a", 0);
    return logs.memory;
  })();
  for (const [i, name] of [..."bcdefab"].entries()) write(name, i + 1);
  await pause();
  assertEquals(logs.memory.bytes, 3 * one);
  write("z", 5000);
  await pause();
  assertEquals(logs.memory.bytes, one);
  await logs.close();
  const content = (name: string) => Deno.readTextFileSync(`${folder}/${name}`);
  assertEquals(content("a"), "0\n6\n");
  assertEquals(content("b"), "1\n7\n");
  assertEquals(content("z"), "5000\n");
  Deno.removeSync(folder, { recursive: true });
});
