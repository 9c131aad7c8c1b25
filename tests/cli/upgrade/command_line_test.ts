import { assertEquals, assertThrows } from "@std/assert";
import { splitCommandLine } from "../../../src/cli/upgrade/command_line.ts";

const TAKE_OVER = '--take-over={"pid":1}';

const ROWS: readonly {
  readonly text: string;
  readonly own: readonly string[];
  readonly flags: readonly string[];
  readonly words: readonly string[];
}[] = [
  { text: "webserv\0", own: [], flags: [], words: [] },
  {
    text: "./webserv\0-c\0a b.conf\0-g\0\0",
    own: ["-c", "a b.conf", "-g", ""],
    flags: [],
    words: ["-c", "a b.conf", "-g", ""],
  },
  {
    text: "deno\0run\0--allow-net\0main.ts\0-c\0x\0",
    own: ["-c", "x"],
    flags: ["run", "--allow-net", "main.ts"],
    words: ["-c", "x"],
  },
  {
    text: `deno\0run\0main.ts\0${TAKE_OVER}\0-c\0x\0`,
    own: [TAKE_OVER, "-c", "x"],
    flags: ["run", "main.ts"],
    words: ["-c", "x"],
  },
];

Deno.test("splitCommandLine() tells the program, the runtime's part and its own", () => {
  for (const { text, own, flags, words } of ROWS) {
    const [program] = text.split("\0");
    assertEquals(splitCommandLine(text, own), {
      program: program!,
      flags,
      words,
    });
  }
});

Deno.test("splitCommandLine() refuses what is not of this process", () => {
  for (
    const [text, own] of [
      ["", []],
      ["webserv\0-c\0x\0", ["-c", "y"]],
      ["webserv\0", ["webserv"]],
      ["webserv\0", ["a", "webserv"]],
    ] as const
  ) {
    assertThrows(() => splitCommandLine(text, own), Error, "cannot be read");
  }
});
