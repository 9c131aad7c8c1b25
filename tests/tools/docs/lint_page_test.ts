import { assertEquals, assertThrows } from "@std/assert";
import { RULES } from "../../../src/lint/registry.ts";
import { lintPage } from "../../../tools/docs/lint_page.ts";

/** The words of a page, however its lines are broken. */
const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

Deno.test("docs/lint.md says what the rules say", () => {
  const file = new URL("../../../docs/lint.md", import.meta.url);
  const page = Deno.readTextFileSync(file);
  assertEquals(
    words(page),
    words(lintPage(page, RULES)),
    'docs/lint.md is out of date: run "deno task docs:directives"',
  );
});

Deno.test("lintPage() wants a place for the rules", () => {
  assertThrows(() => lintPage("no marks", RULES), Error, "docs/lint.md has no");
});
