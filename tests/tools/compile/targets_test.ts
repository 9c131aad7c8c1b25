import { assertEquals, assertThrows } from "@std/assert";
import {
  CompileUsageError,
  parseOrder,
  TARGETS,
} from "../../../tools/compile/targets.ts";

const LINUX = "x86_64-unknown-linux-gnu";

/** Arguments, the machine, and the executables that are made. */
const ROWS: readonly (readonly [
  args: readonly string[],
  host: string,
  outputs: readonly string[],
])[] = [
  [[], LINUX, ["dist/webserv"]],
  [[], "x86_64-pc-windows-msvc", ["dist/webserv.exe"]],
  [["--target", LINUX], "aarch64-apple-darwin", ["dist/webserv-linux-x64"]],
  [["--target", "x86_64-pc-windows-msvc"], LINUX, [
    "dist/webserv-windows-x64.exe",
  ]],
  [["--base=npm"], LINUX, ["dist/webserv"]],
  [["--base=deno"], LINUX, ["dist/webserv"]],
  [["--base=npm", `--target=${LINUX}`], LINUX, ["dist/webserv-linux-x64"]],
  [["--all"], LINUX, TARGETS.map(({ file }) => `dist/${file}`)],
];

Deno.test("parseOrder() names what is to be made", () => {
  for (const [args, host, outputs] of ROWS) {
    const { jobs, base } = parseOrder(args, host);
    assertEquals(jobs.map(({ output }) => output), outputs, args.join(" "));
    assertEquals(base, args.includes("--base=npm") ? "npm" : "deno");
  }
  assertEquals(parseOrder([], LINUX).jobs, [
    { triple: LINUX, output: "dist/webserv" },
  ]);
});

/** Arguments that mean nothing. */
const REFUSED: readonly (readonly string[])[] = [
  ["--target"],
  ["--target", "sparc"],
  ["--target", LINUX, "x"],
  ["--all", "x"],
  ["--all", "--target", LINUX],
  ["--base"],
  ["--base=jsr"],
  ["--base", "npm", "x"],
  ["--everything"],
  ["webserv"],
];

Deno.test("parseOrder() refuses what it does not know", () => {
  for (const args of REFUSED) {
    assertThrows(() => parseOrder(args, LINUX), CompileUsageError);
  }
});
