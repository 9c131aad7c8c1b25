/** The table of options: that all that is made of it agrees. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { COMMANDS } from "../../../src/cli/options/commands.ts";
import { namesOf, type Option } from "../../../src/cli/options/option.ts";
import { OPTIONS, SYNOPSIS } from "../../../src/cli/options/program.ts";
import { usage } from "../../../src/cli/options/usage.ts";
import { runProgram } from "../../support/server_process.ts";

const LISTS: readonly (readonly [string, readonly Option[]])[] = [
  ["webserv", OPTIONS],
  ...COMMANDS.map(({ name, options }) => [name, options] as const),
];

Deno.test("an option stands once in its table", () => {
  for (const [name, options] of LISTS) {
    const names = options.flatMap(namesOf);
    assertEquals(names.length, new Set(names).size, name);
    for (const { text } of options) {
      // What a shell shows is a line.
      assert(/^[a-z]/.test(text) && !/[.:;]$/.test(text), text);
      assert(text.length <= 72, text);
    }
  }
});

Deno.test("the commands of the table are those of the program", () => {
  const main = Deno.readTextFileSync(
    fromFileUrl(new URL("../../../src/main.ts", import.meta.url)),
  );
  const block = /const COMMANDS = \{(.*?)\n\} as const/s.exec(main)![1]!;
  const names = [...block.matchAll(/^ {2}(\w+): async/gm)].map(([, n]) => n);
  assertEquals(names.sort(), COMMANDS.map(({ name }) => name).sort());
});

Deno.test("the help fits into a terminal and has every option", async () => {
  const helps = await Promise.all(
    COMMANDS.map(({ name }) => runProgram([name, "-h"])),
  );
  const texts = [usage(), ...helps.map(({ stdout }) => stdout)];
  for (const text of texts) {
    for (const line of text.split("\n")) assert(line.length <= 80, line);
  }
  for (const [i, [name, options]] of LISTS.entries()) {
    for (const option of options.flatMap(namesOf)) {
      const spelling = `${option.length === 1 ? " -" : " --"}${option}`;
      assert(texts[i]!.includes(spelling), `${name} ${option}`);
    }
  }
});

Deno.test("an option in a synopsis is one of its table", () => {
  for (const [i, [name, options]] of LISTS.entries()) {
    const forms = i === 0 ? SYNOPSIS : COMMANDS[i - 1]!.synopsis;
    const known = options.flatMap(namesOf);
    for (const form of forms) {
      for (const [, word = ""] of form.matchAll(/(?<![\w-])--?([\w-]+)/g)) {
        const names = known.includes(word) ? [word] : [...word];
        for (const one of names) assert(known.includes(one), `${name} ${one}`);
      }
    }
  }
});
