import { assertEquals } from "@std/assert";
import {
  canonicalLogPath,
  isStandardStream,
  openLogSink,
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

Deno.test("openLogSink makes a file that only its owner may change", async () => {
  const folder = await Deno.makeTempDir();
  const sink = openLogSink(`${folder}/new/access.log`);
  sink.close();
  const { mode } = await Deno.stat(`${folder}/new/access.log`);
  assertEquals(mode! & 0o133, 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openLogSink writes behind what others have written", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/access.log`;
  const [one, two] = [openLogSink(path), openLogSink(path)];
  const encoder = new TextEncoder();
  one.writeSync(encoder.encode("1"));
  await two.write(encoder.encode("2"));
  one.writeSync(encoder.encode("3"));
  one.close();
  two.close();
  assertEquals(await Deno.readTextFile(path), "123");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openLogSink writes to the standard streams, which stay open", async () => {
  const module = new URL("../../src/logging/log_sink.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = `import { openLogSink } from "${module}";
    const bytes = (text) => new TextEncoder().encode(text);
    for (const name of ["stderr", "/dev/stdout"]) {
      const sink = openLogSink(name);
      await sink.write(bytes(name));
      sink.close();
      openLogSink(name).writeSync(bytes("!"));
    }`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, script],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stdout), "/dev/stdout!");
  assertEquals(decoder.decode(stderr), "stderr!");
});
