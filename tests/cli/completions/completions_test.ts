/** The completions, tried in the shells themselves. */

import { assert, assertEquals } from "@std/assert";
import {
  completionScript,
  type Shell,
} from "../../../src/cli/completions/completions.ts";
import { isInstalled } from "../../support/programs.ts";
import { runProgram, writeFiles } from "../../support/server_process.ts";

/** Files and folders beside each other, some with blanks in their names. */
const FILES = {
  "a folder/x": "",
  "able/x": "",
  "afile": "",
  "a file": "",
};

/**
 * What is typed, and what the last word may become. `=` alone is a word to
 * bash. Values that can only be thought up have none.
 */
const ROWS: readonly (readonly [
  typed: readonly string[],
  becomes: readonly string[],
])[] = [
  [["ex"], ["explain"]],
  [["pro"], ["probe"]],
  [["ab"], ["able"]],
  [["-s", "re"], ["reload", "reopen"]],
  [["-s", "q"], ["quit"]],
  [["--is"], ["--issuer", "--issuer-ca"]],
  [["able", "--ho"], ["--host"]],
  [["--lint", "off"], ["off"]],
  [["--lint", "if-"], ["if-settings", "if-try-files"]],
  [["-c", "a"], ["a folder", "a file", "able", "afile"]],
  [["-p", "a"], ["a folder", "able"]],
  [["able", "--tls", "--state", "ab"], ["able"]],
  [["able", "--email", "a"], []],
  [["explain", "a.test", "--j"], ["--json"]],
  [["explain", "a.test", "--sp"], []],
  [["explain", "a.test", "-X", "H"], ["HEAD"]],
  [["explain", "a.test", "-c", "af"], ["afile"]],
  [["probe", "a.test", "--ins"], ["--insecure"]],
  [["probe", "a.test", "--ca", "a f"], ["a file", "a folder"]],
  [["completions", "f"], ["fish"]],
  [["completions", "b"], ["bash"]],
];

/** How a shell is asked what the last word may become. */
interface Driver {
  /** Its arguments. */
  command(script: string, words: readonly string[]): string[];
  /** What it printed, as a list. */
  parse(stdout: string): string[];
  /** What it cannot be asked in this way. */
  readonly leaves?: (words: readonly string[]) => boolean;
}

const BASH = `source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_webserv
((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;

const DRIVERS = {
  bash: {
    command: (script, words) => ["-c", BASH, "x", script, "webserv", ...words],
    parse: (stdout) => stdout.split("\n").filter(Boolean),
  },
  fish: {
    command: (script, words) => {
      const line = ["webserv", ...words]
        .map((word) => word.replaceAll(" ", "\\ ")).join(" ");
      return ["--no-config", "-c", `source ${script}; complete -C '${line}'`];
    },
    parse: (stdout) =>
      stdout.split("\n").filter(Boolean)
        .map((line) => line.split("\t")[0]!.replace(/\/$/, "")),
  },
} as const satisfies Record<string, Driver>;

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { HOME: cwd, TERM: "xterm" },
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  const decoder = new TextDecoder();
  assertEquals([code, decoder.decode(stderr)], [0, ""], args.join(" "));
  return decoder.decode(stdout);
}

/** The script of a shell in a folder with {@linkcode FILES}. */
async function withScript(
  shell: Shell,
  use: (script: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    writeFiles(folder, FILES);
    const script = `${folder}/.script`;
    Deno.writeTextFileSync(script, completionScript(shell));
    await use(script, folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A test that is left out, and says so, where a shell is not installed. */
function test(shell: Shell, name: string, fn: () => Promise<void>): void {
  const isThere = isInstalled(shell);
  Deno.test({
    name: `${shell} ${name}${
      isThere ? "" : " (left out: it is not installed)"
    }`,
    ignore: !isThere,
    fn,
  });
}

for (const shell of ["bash", "fish"] as const) {
  test(shell, "completes options, values and files", async () => {
    const { command, parse } = DRIVERS[shell];
    await withScript(shell, async (script, folder) => {
      for (const [words, becomes] of ROWS) {
        const stdout = await run(shell, command(script, words), folder);
        assertEquals(
          parse(stdout).sort(),
          [...becomes].sort(),
          words.join(" "),
        );
      }
    });
  });
}

test("bash", "completes behind =, which is a word to it", async () => {
  await withScript("bash", async (script, folder) => {
    const { command } = DRIVERS.bash;
    for (
      const [words, becomes] of [
        [["--lint", "=", "of"], "off\n"],
        [["able", "--state", "=", "ab"], "able\n"],
      ] as const
    ) {
      assertEquals(await run("bash", command(script, words), folder), becomes);
    }
    const all = await run("bash", command(script, ["--lint", "="]), folder);
    assert(all.startsWith("on\noff\nalias-slash\n"), all);
  });
});

/**
 * An interactive zsh, a line with the key TAB behind it, and the wait for what
 * the line then is.
 */
const ZSH = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; RPS1=; stty cols 120; unset zle_bracketed_paste"
zpty -w z "autoload -Uz compinit; compinit -u -D; source $1; print RE''ADY"
zpty -r z out '*READY*'
zpty -w -n z "$2"$'\\t'
zpty -r z out "*$3*"
zpty -d z`;

test("zsh", "completes options, values and files", async () => {
  await withScript("zsh", async (script, folder) => {
    for (const [words, becomes] of ROWS) {
      // Only where the line becomes longer there is something to wait for.
      const [only, ...others] = becomes;
      if (only === undefined || others.length > 0) continue;
      const line = ["webserv", ...words].join(" ");
      const expected = ["webserv", ...words.slice(0, -1), only].join(" ");
      if (line === expected) continue;
      await run("zsh", ["-f", "-c", ZSH, "x", script, line, expected], folder);
    }
  });
});

Deno.test("webserv completions prints a script, or says what it can", async () => {
  for (const shell of ["bash", "zsh", "fish"] as const) {
    assertEquals(await runProgram(["completions", shell]), {
      code: 0,
      stdout: completionScript(shell),
      stderr: "",
    });
  }
  for (const words of [[], ["csh"], ["bash", "zsh"], ["toString"]]) {
    assertEquals(await runProgram(["completions", ...words]), {
      code: 1,
      stdout: "",
      stderr: "webserv: completions: expected one shell of bash, zsh, fish\n",
    });
  }
});
