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
