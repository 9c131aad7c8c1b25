import { assertEquals, assertThrows } from "@std/assert";
import { commentFor, parseSelection } from "../../src/lint/selection.ts";
import { lintExample } from "./lint_support.ts";

const NAMES = ["secret-file", "alias-slash", "plain-443"];

Deno.test("parseSelection() says which rules are followed", () => {
  const rows: [string, string[]][] = [
    ["on", NAMES],
    ["off", []],
    ["secret-file", ["secret-file"]],
    ["secret-file,plain-443", ["secret-file", "plain-443"]],
    ["-secret-file", ["alias-slash", "plain-443"]],
    ["-secret-file,-plain-443", ["alias-slash"]],
    ["-secret-file -plain-443", ["alias-slash"]],
    ["secret-file,-secret-file", []],
  ];
  for (const [text, expected] of rows) {
    const selection = parseSelection(text, NAMES);
    assertEquals(NAMES.filter((name) => selection.has(name)), expected, text);
  }
});

Deno.test("parseSelection() refuses rules that there are not", () => {
  const rows: [string, string][] = [
    [
      "alias-slahs",
      'no rule is called "alias-slahs", did you mean "alias-slash"?',
    ],
    [
      "-alias-slahs",
      'no rule is called "alias-slahs", did you mean "alias-slash"?',
    ],
    ["xyz", 'no rule is called "xyz"'],
    [",", "no rule is named"],
  ];
  for (const [text, message] of rows) {
    assertThrows(() => parseSelection(text, NAMES), SyntaxError, message);
  }
});

Deno.test("a comment is for its line and the next one", () => {
  const rows: [string[], number, boolean | undefined][] = [
    [["alias x; # lint: off"], 1, false],
    [["alias x; # lint: -alias-slash"], 1, false],
    [["alias x; # lint: -plain-443"], 1, true],
    [["  # lint: off", "alias x;"], 2, false],
    [["# lint: off", "", "alias x;"], 3, undefined],
    [["alias x; # lint: off", "alias y;"], 2, undefined],
    [["# lint: -plain-443", "a; # lint: -alias-slash"], 2, false],
    [["alias x; # lint: of"], 1, undefined],
    [["alias x; # lint:"], 1, undefined],
    [["alias x; # hint: off"], 1, undefined],
    [["alias x;"], 1, undefined],
    [[], 1, undefined],
  ];
  for (const [lines, line, expected] of rows) {
    const said = commentFor(lines, line, NAMES)?.has("alias-slash");
    assertEquals(said, expected, lines.join("\n"));
  }
});

Deno.test("what a comment is for is not told", async () => {
  const text = `server {
    # lint: -alias-slash
    location /a { alias a/; }
    location /b { alias b/; } # lint: off
    location /c { alias c/; } # lint: -plain-443
    location /d { alias d/; }
}`;
  const found = await lintExample({ text }, { has: () => true });
  assertEquals(found.map((line) => line.split("\n")[0]), [
    'alias-slash: "location /c" has no slash at its end, and its alias has ' +
    "one in x.conf:5",
    'alias-slash: "location /d" has no slash at its end, and its alias has ' +
    "one in x.conf:6",
  ]);
});
