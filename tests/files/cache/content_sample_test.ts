import { assertEquals } from "@std/assert";
import { ContentSample } from "../../../src/files/cache/content_sample.ts";
import { OpenFile } from "../../../src/files/cache/open_file.ts";
import { contained } from "../../support/contained.ts";

const LARGE = "a".repeat(5000) + "b".repeat(5000);

/** What a file holds, what it holds later, and whether it is known again. */
const ROWS: [before: string, after: string, known: boolean][] = [
  ["abc", "abc", true],
  ["abc", "abcd", true], // appended to
  ["abc", "abd", false],
  ["abc", "ab", false],
  ["abc", "", false],
  ["", "anything", true], // nothing was promised
  [LARGE, `${LARGE}more`, true],
  [LARGE, LARGE.replace("a", "x"), false],
  [LARGE, LARGE.replace(/b$/, "x"), false],
  [LARGE, LARGE.slice(1), false],
  // In the middle nobody looks.
  [LARGE, LARGE.replace("ab", "xx"), true],
];

Deno.test("ContentSample knows the beginning and the end again", () => {
  const path = contained(Deno.makeTempFileSync());
  for (const [before, after, known] of ROWS) {
    Deno.writeTextFileSync(path, before);
    const file = OpenFile.open(path);
    const sample = new ContentSample(file, before.length);
    Deno.writeTextFileSync(path, after);
    const what = `${before.slice(0, 9)} → ${after.slice(0, 9)}`;
    assertEquals(sample.isIn(file), known, what);
    file.close();
  }
  Deno.removeSync(path);
});
