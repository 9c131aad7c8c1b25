import { assertEquals } from "@std/assert";
import {
  parseConfig,
  type Statement,
} from "../../../src/config/syntax/parser.ts";
import {
  block,
  say,
  statementsText,
} from "../../../src/cli/folder/statements.ts";

/** Names, arguments and blocks alone: places differ. */
function essence(statements: readonly Statement[]): unknown {
  return statements.map(({ name, args, block }) => [
    name,
    [...args],
    block === undefined ? undefined : essence(block),
  ]);
}

Deno.test("statementsText() is read as the same statements", () => {
  const statements = [
    say("a"),
    say("b", "plain", "$uri", "/index.html", "[::]:80", "~", "\\.[^/.]+$"),
    say("c", "", " ", "a b", "a;b", "{}", '"', "'", "\\", '\\"', "#x", "a#b"),
    say("e", "\\.", "a\\", "\\t", "\\d+\\.x$", "\\;", "\\ "),
    say("d", "line\nbreak\ttab", "ümlaut 日本 😀", "\\n", "a\\'b"),
    block("server", [], [block("location", ["/"], [say("x", "1")]), say("y")]),
    block("empty", ["a b"], []),
  ];
  const text = statementsText(statements);
  assertEquals(essence(parseConfig(text, "text")), essence(statements));
});
