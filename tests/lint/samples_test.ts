import { assert, assertEquals } from "@std/assert";
import { pathsWith, samplesOf } from "../../src/lint/samples.ts";
import { Pattern } from "../../src/regex/pattern.ts";

Deno.test("samplesOf() finds texts that a pattern matches", () => {
  const sources = [
    "^/a/(\\d+)/(\\w+)\\.jpe?g$",
    "\\.(?:php|inc)$",
    "^/[^/]{3,5}/x",
    "(?i)ABC",
    "^(?<name>[a-z]+)\\.example\\.org$",
    "^/(?:a|b)*z$",
    "^/(?>x+)y",
    "[[:digit:]]{4}",
    "",
  ];
  for (const source of sources) {
    const pattern = new Pattern(source);
    const found = samplesOf(pattern);
    assert(found.length > 0, source);
    for (const text of found) assert(pattern.test(text), `${source}: ${text}`);
    assertEquals(found, [...new Set(found)], source);
  }
});

Deno.test("samplesOf() finds nothing where only a search would", () => {
  for (const source of ["^(a)\\1b", "(*FAIL)", "^(?=b)a", "^\\x01$"]) {
    assertEquals(samplesOf(new Pattern(source)), [], source);
  }
});

Deno.test("samplesOf() asks about what is made of a text", () => {
  assertEquals(
    samplesOf(new Pattern("^/x$"), pathsWith),
    ["/x"],
  );
  assertEquals(
    samplesOf(new Pattern("^/x"), pathsWith),
    ["/x", "/xq7", "/x/q7.html"],
  );
});
