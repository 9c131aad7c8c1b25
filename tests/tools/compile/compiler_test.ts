/** What is decided on the way to an executable. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { cutBase, sha256 } from "../../../tools/compile/base.ts";
import { lacksBase, reasonOf } from "../../../tools/compile/compiler.ts";
import { executableFlags } from "../../../tools/compile/flags.ts";
import { freshnessOf } from "../../../tools/compile/freshness.ts";
import { writeFiles } from "../../support/server_process.ts";

const NO_NETWORK = `Download https://dl.deno.land/release/v2.9.6/denort-x.zip
error: Writing deno compile executable to temporary file '/x.tmp'

Caused by:
    0: Setting up base binary.
    1: error sending request for url (https://dl.deno.land/x): dns error
    2: client error (Connect)
`;

/** What `deno compile` says, and whether the base is what it lacks. */
const FAILURES: readonly (readonly [stderr: string, lacks: boolean])[] = [
  [NO_NETWORK, true],
  ["0: Setting up base binary.\n1: HTTP status server error (503)", true],
  ["error: Module not found", false],
  ["error: error sending request for url (https://jsr.io/x)", false],
  ["0: Setting up base binary.\n1: denort is a directory", false],
  ["", false],
];

Deno.test("lacksBase() tells a missing base from other errors", () => {
  for (const [stderr, lacks] of FAILURES) {
    assertEquals(lacksBase(stderr), lacks, stderr);
  }
  assertEquals(
    reasonOf(NO_NETWORK),
    "error sending request for url (https://dl.deno.land/x): dns error",
  );
  assertEquals(reasonOf(" other\n"), "other");
});

/** Commands of the `start` task, and the flags of the executable. */
const FLAGS: readonly (readonly [
  command: string,
  unstable: readonly string[] | undefined,
  flags: string,
])[] = [
  ["deno run src/main.ts", undefined, "--no-code-cache"],
  [
    "deno run --frozen --no-prompt --allow-net --allow-sys=x src/main.ts",
    undefined,
    "--no-prompt --allow-net --allow-sys=x --no-code-cache",
  ],
  [
    "deno run --unstable-net src/main.ts",
    ["net", "kv"],
    "--unstable-net --unstable-kv --no-code-cache",
  ],
];

Deno.test("executableFlags() are those of the start task", () => {
  for (const [command, unstable, flags] of FLAGS) {
    const config = {
      tasks: { start: { command } },
      ...(unstable === undefined ? {} : { unstable }),
    };
    assertEquals(executableFlags(config).join(" "), flags, command);
  }
});

Deno.test("executableFlags() of this project grant no more than needed", () => {
  const flags = executableFlags(JSON.parse(Deno.readTextFileSync("deno.json")));
  // --allow-ffi is given up before the first connection.
  for (const wide of ["-A", "--allow-all", "--allow-env"]) {
    assert(!flags.some((flag) => flag.startsWith(wide)), wide);
  }
  assert(flags.includes("--no-prompt"));
});

Deno.test("cutBase() gives the bytes of the checksum and no others", async () => {
  const program = new Uint8Array(500);
  const view = new DataView(program.buffer);
  view.setUint32(0, 0x7f454c46);
  view.setUint16(4, 0x0201);
  view.setBigUint64(0x28, 200n, true);
  view.setUint16(0x3a, 64, true);
  view.setUint16(0x3c, 2, true);
  program.fill(7, 328);
  const expected = await sha256(program.slice(0, 328));
  assertEquals((await cutBase(program, expected)).length, 328);
  program[100] = 1;
  await assertRejects(() => cutBase(program, expected), Error, "SHA-256 is");
  await assertRejects(() => cutBase(program.slice(1)), Error, "not an ELF");
});

Deno.test("freshnessOf() compares an executable with its sources", () => {
  const folder = Deno.makeTempDirSync();
  writeFiles(folder, {
    "src/a/b.ts": "",
    "tools/compile/c.ts": "",
    "deno.json": "",
    "deno.lock": "",
  });
  const executable = `${folder}/webserv`;
  assertEquals(freshnessOf(executable, folder), "missing");
  Deno.writeTextFileSync(executable, "");
  const later = new Date(Date.now() + 10_000);
  Deno.utimeSync(executable, later, later);
  assertEquals(freshnessOf(executable, folder), "fresh");
  const latest = new Date(Date.now() + 20_000);
  for (const name of ["src/a/b.ts", "deno.lock"]) {
    Deno.utimeSync(`${folder}/${name}`, latest, latest);
    assertEquals(freshnessOf(executable, folder), "stale", name);
    Deno.utimeSync(`${folder}/${name}`, 0, 0);
  }
  assertEquals(freshnessOf(executable, folder), "fresh");
  Deno.removeSync(folder, { recursive: true });
});
