/** Every rule finds what its own examples say, and nothing else. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { RULES } from "../../src/lint/registry.ts";
import type { Example } from "../../src/lint/rule.ts";
import { lintExample } from "./lint_support.ts";

/** The lines that an example says are warned of. */
function linesOf({ text }: Example): number[] {
  return text.split("\n").flatMap((line, index) =>
    line.endsWith("# here") ? [index + 1] : []
  );
}

for (const rule of RULES) {
  rule.examples.forEach((example, index) => {
    Deno.test(`lint ${rule.name}: example ${index + 1}`, async () => {
      const found = await lintExample(example, {
        has: (name) => name === rule.name,
      });
      const lines = found.map((message) => {
        const [first = "", advice = ""] = message.split("\n");
        assert(first.startsWith(`${rule.name}: `), first);
        assertMatch(advice, /^ {9}\S/);
        return Number(/ in x\.conf:(\d+)$/.exec(first)?.[1]);
      });
      assertEquals(lines, linesOf(example), found.join("\n"));
    });
  });
}

Deno.test("every rule has examples for and against it, and says why", () => {
  for (const { name, finds, why, examples } of RULES) {
    assertMatch(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assertMatch(finds, /\.$/);
    assertMatch(why, /\.$/);
    const counts = examples.map((example) => linesOf(example).length);
    assert(counts.some((count) => count > 0), name);
    assert(counts.includes(0), name);
  }
  const names = RULES.map(({ name }) => name);
  assertEquals(names, [...new Set(names)]);
});

/** Locations before `location ~ ^/a/.*b`, and what is advised. */
const ADVICE: readonly (readonly [location: string, advice: RegExp])[] = [
  ["~ ^/a/", /write it before that one/],
  ["^~ /a/", /write it inside that one, or leave out the "\^~" there/],
];

for (const [location, advice] of ADVICE) {
  Deno.test(`lint unreachable-location: beside ${location}`, async () => {
    const text = `server { location ${location} { }\n location ~ ^/a/.*b { } }`;
    const [message = ""] = await lintExample({ text }, {
      has: (name) => name === "unreachable-location",
    });
    assertMatch(message, advice);
  });
}

/** Statements that are in one file with what they are about, or in another. */
const SECOND_PLACES: readonly {
  readonly rule: string;
  readonly before: string;
  readonly other: string;
  readonly behind: string;
  readonly files?: Example["files"];
}[] = [
  {
    rule: "root-in-location",
    before: "server { location / { root r; }\n",
    other: "location /a { }",
    behind: "}",
    files: { "r/index.html": "" },
  },
  {
    rule: "access-inheritance",
    before: "server {\n",
    other: "deny 192.0.2.1;",
    behind: "location /a { allow 192.0.2.2; } }",
  },
  {
    rule: "if-try-files",
    before: "server { location / { if ($arg_a) { add_header A a; }\n",
    other: "try_files $uri =404;",
    behind: "} }",
  },
  {
    rule: "try-files-missing",
    before: "server { location / { try_files $uri /gone; }\n",
    other: "location /gone { return 404; }",
    behind: "}",
  },
  {
    rule: "unreachable-location",
    before: "server {\n",
    other: "location ~ ^/a/ { }",
    behind: "location ~ ^/a/.*b { } }",
  },
];

for (const { rule, before, other, behind, files } of SECOND_PLACES) {
  Deno.test(`lint ${rule}: a second place has its file, where it is another`, async () => {
    const selection = { has: (name: string) => name === rule };
    const [here = ""] = await lintExample(
      { text: `${before}${other}\n${behind}`, files: files ?? {} },
      selection,
    );
    const where = /\bline 2\b/;
    assertMatch(here, where);
    const [there = ""] = await lintExample({
      text: `${before}include other.conf;\n${behind}`,
      files: { ...files, "other.conf": `\n${other}\n` },
    }, selection);
    assertEquals(there, here.replace(where, "other.conf:2"));
  });
}
