import { assertEquals } from "@std/assert";
import {
  briefName,
  gzipName,
  isPlainPath,
  wayOf,
} from "../../src/logging/log_name.ts";

Deno.test("a log's name says in which way it is written", () => {
  const rows: [name: string, way: ReturnType<typeof wayOf>, plain: boolean][] =
    [
      ["/a", undefined, true],
      ["stderr", undefined, true],
      ["gzip=0:/a", undefined, true],
      [gzipName("/a", 9), { path: "/a", level: 9 }, false],
      [briefName("/a\n:b"), { path: "/a\n:b" }, false],
      ["syslog:server=h", undefined, false],
    ];
  for (const [name, way, plain] of rows) {
    assertEquals(wayOf(name), way, name);
    assertEquals(isPlainPath(name), plain, name);
  }
});
