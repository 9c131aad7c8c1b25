/**
 * What people copy from the pages, and follow: configurations are understood,
 * command lines too, tasks and what links lead to are there.
 */

import { assert, assertEquals } from "@std/assert";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { COMMANDS } from "../../../src/cli/options/commands.ts";
import { readCommand } from "../../../src/cli/options/usage.ts";
import { DIRECTIVES } from "../../../src/server/setup/registry.ts";
import { configured } from "../../support/config_support.ts";

const PROJECT = new URL("../../../", import.meta.url);

/** Pages, from the folder of the project. */
const PAGES = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "README.md",
  ...[...Deno.readDirSync(new URL("docs/", PROJECT))]
    .map(({ name }) => `docs/${name}`),
].toSorted();

function textOf(page: string): string {
  return Deno.readTextFileSync(new URL(page, PROJECT));
}

/** The blocks of code in `text`; of `language` alone, if one is named. */
function blocks(text: string, language = "[a-z]*"): string[] {
  const block = new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\``, "gms");
  return [...text.matchAll(block)].map(([, inside = ""]) => inside);
}

/** What stands in a server, and begins a block of a page that does. */
const IN_SERVER = /^(?:location|ssl_)/m;

for (const page of PAGES) {
  const found = blocks(textOf(page), "nginx");
  if (found.length === 0) continue;
  Deno.test(`the configurations of ${page} are understood`, () => {
    for (const block of found) {
      const warnings: string[] = [];
      const isWhole = /^(?:server|http)\b/m.test(block);
      const isPart = !isWhole && IN_SERVER.test(block);
      configured(isPart ? `server { ${block} }` : block, warnings);
      // The files that it names are on another machine.
      const said = warnings.filter((text) => !text.includes("No such file"));
      assertEquals(said, [], block);
    }
  });
}

/** The words of a line for the shell, up to what it would do with others. */
function shellWords(line: string): string[] {
  const words = line.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  const end = words.findIndex((word) => /^(?:[#|>&;]|\d>)/.test(word));
  return words.slice(0, end < 0 ? undefined : end)
    .map((word) => word.replace(/^(['"])(.*)\1$/, "$2"));
}

const BEGINNING =
  /^(?:\$ )?(?:webserv|(?:npx -y )?deno(?:@[\d.]+)? task start)(?: |$)/;

/** What stands behind the name of the program in the lines of a page. */
function commandLines(text: string): string[][] {
  return blocks(text)
    .flatMap((block) => block.replace(/ \\\n\s*/g, " ").split("\n"))
    .map((line) => line.trim())
    // One with brackets or a choice stands for many.
    .filter((line) => BEGINNING.test(line) && !/[[\]|]|\.\.\./.test(line))
    .map((line) => shellWords(line.replace(BEGINNING, "")));
}

Deno.test("what nginx does not have is all told in one place", () => {
  const text = textOf("docs/configuration.md");
  const [, section = ""] = /^## What nginx does not have\n(.*?)^## /ms
    .exec(text) ?? [];
  const untold = DIRECTIVES
    .filter(({ differs }) => /\bnginx has no such directive/i.test(differs))
    .map(({ name }) => name)
    .filter((name) => !new RegExp(`\\b${name}\\b`).test(section));
  assertEquals(untold, []);
});

Deno.test("the command lines of the pages are understood", () => {
  const lines = PAGES.flatMap((page) =>
    commandLines(textOf(page)).map((words) => ({ page, words }))
  );
  assert(lines.length >= 15, `${lines.length} command lines are found`);
  for (const { page, words } of lines) {
    const command = COMMANDS.find(({ name }) => name === words[0]);
    try {
      if (command === undefined) parseArguments(words);
      else readCommand(command, words.slice(1));
    } catch (error) {
      throw new Error(`${page}: ${words.join(" ")}: ${error}`);
    }
  }
});

Deno.test("the tasks that the pages name are there", () => {
  const { tasks } = JSON.parse(textOf("deno.json"));
  const missing = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/deno(?:@[\d.]+)? task\s([a-z0-9:]*[a-z0-9])/g)]
      .filter(([, name = ""]) => !(name in tasks))
      .map(([text]) => `${page}: ${text}`)
  );
  assertEquals(missing, []);
});

Deno.test("the tests that the pages name are there", () => {
  const named = PAGES.flatMap((
    page,
  ) => [...textOf(page).matchAll(/task test (\S+\.ts) --filter "(.*?)"/g)]);
  assert(named.length > 0);
  for (const [line, file = "", filter = ""] of named) {
    const names = [...textOf(file).matchAll(/Deno\.test\(\s*"(.*?)"/g)]
      .map(([, name = ""]) => name);
    assert(names.some((name) => name.includes(filter)), line);
  }
});

/** The anchor that a heading has. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

function withoutBlocks(text: string): string {
  return text.replace(/^ *```.*?^ *```/gms, "");
}

Deno.test("what the pages link to is there", () => {
  const missing = PAGES.flatMap((page) =>
    [...withoutBlocks(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`)
  );
  assertEquals(missing, []);
});

function leadsSomewhere(page: string, link: string): boolean {
  const { href, hash } = new URL(link, new URL(page, PROJECT));
  const file = new URL(href.slice(0, href.length - hash.length));
  try {
    Deno.statSync(file);
  } catch {
    return false;
  }
  if (hash === "") return true;
  return [...withoutBlocks(Deno.readTextFileSync(file)).matchAll(/^#+ (.*)$/gm)]
    .some(([, heading = ""]) => `#${anchorOf(heading)}` === hash);
}
