import { assertEquals } from "@std/assert";
import {
  canonicalLogPath,
  isStandardStream,
} from "../../src/logging/log_sink.ts";

const PATH_ROWS: [path: string, name: string, standard: boolean][] = [
  ["stderr", "/dev/stderr", true],
  ["/dev/stderr", "/dev/stderr", true],
  ["/dev/fd/2", "/dev/stderr", true],
  ["/proc/self/fd/2", "/dev/stderr", true],
  ["/dev/stdout", "/dev/stdout", true],
  ["/dev/fd/1", "/dev/stdout", true],
  ["/proc/self/fd/1", "/dev/stdout", true],
  ["stdout", "stdout", false],
  ["/dev/null", "/dev/null", false],
  ["/var/log/stderr", "/var/log/stderr", false],
];

for (const [path, name, standard] of PATH_ROWS) {
  Deno.test(`canonicalLogPath and isStandardStream know ${path}`, () => {
    assertEquals(canonicalLogPath(path), name);
    assertEquals(isStandardStream(path), standard);
  });
}

Deno.test("canonicalLogPath follows links to standard streams", async () => {
  const folder = await Deno.makeTempDir();
  const link = (target: string, name: string) =>
    Deno.symlinkSync(target, `${folder}/${name}`);
  link("/dev/stdout", "out");
  link("out", "again");
  link("/proc/self/fd/2", "err");
  link("file", "file.log");
  link("round", "round");
  Deno.writeTextFileSync(`${folder}/file`, "");
  const rows: [name: string, expected: string][] = [
    ["out", "/dev/stdout"],
    ["again", "/dev/stdout"],
    ["err", "/dev/stderr"],
    ["file.log", `${folder}/file.log`],
    ["round", `${folder}/round`],
    ["missing", `${folder}/missing`],
  ];
  for (const [name, expected] of rows) {
    assertEquals(canonicalLogPath(`${folder}/${name}`), expected);
  }
  assertEquals(canonicalLogPath(`/proc/${Deno.pid}/fd/1`), "/dev/stdout");
  assertEquals(canonicalLogPath("/proc/1/fd/x"), "/proc/1/fd/x");
  await Deno.remove(folder, { recursive: true });
});
