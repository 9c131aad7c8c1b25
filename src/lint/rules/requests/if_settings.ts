/** `if-settings`: several `if` in one location, of which one wins. */

import { placeBeside } from "../../../config/errors.ts";
import type { Statement } from "../../../config/syntax/parser.ts";
import { leaves } from "../../if_blocks.ts";
import type { Finding, Rule } from "../../rule.ts";

/** Directives of the script: they do not make an `if` a location. */
const SCRIPT: ReadonlySet<string> = new Set([
  "return",
  "rewrite",
  "set",
  "break",
  "if",
]);

/** The settings of a block that are not part of the script. */
function settingsOf(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(({ name }) => !SCRIPT.has(name));
}

/** The rule. */
export const ifSettings: Rule = {
  name: "if-settings",
  finds: "Several `if` in one location with settings in them.",
  why: "Of those that hold only the last one's settings count, not all.",
  examples: [
    {
      text: "server {\n location / {\n  if ($arg_a) { expires 1d; }\n" +
        "  if ($arg_b) { # here\n   add_header X-B 1;\n  }\n }\n}",
    },
    {
      text: "server {\n location / {\n  if ($arg_a) { expires 1d; }\n" +
        "  if ($arg_b) { return 403; }\n" +
        "  if ($request_method = OPTIONS) { add_header A 1; return 204; }\n" +
        "  if ($arg_c) { set $c 1; }\n }\n" +
        " location /b { if ($arg_b) { gzip off; } }\n" +
        " location /c { if ($request_method = GET) { add_header A 1; }\n" +
        "  if ($request_method = HEAD) { add_header A 2; } }\n}",
    },
  ],
  *check(subject) {
    for (const { scope } of subject.blocks) {
      if (scope.context === "location") {
        yield* rivals(subject.statementsIn(scope, "if"));
      }
    }
  },
};

/** Whether two conditions compare one variable with different texts. */
function excludeEachOther(a: Statement, b: Statement): boolean {
  const [one, other] = [a, b].map(({ args }) =>
    /^\(\s*(\$\w+)\s+=\s+(.*?)\s*\)$/.exec(args.join(" "))
  );
  return one != null && other != null && one[1] === other[1] &&
    one[2] !== other[2] && !`${one[2]}${other[2]}`.includes("$");
}

function* rivals(ifs: readonly Statement[]): Generator<Finding> {
  const setting = ifs.filter(({ block = [] }) =>
    settingsOf(block).length > 0 && !leaves(block)
  );
  for (const [index, other] of setting.entries()) {
    const first = setting.slice(0, index)
      .find((one) => !excludeEachOther(one, other));
    if (first === undefined) continue;
    const names = settingsOf(first.block ?? []).map(({ name }) => name);
    yield {
      place: other.place,
      what: `where this "if" holds too, that of ` +
        `${placeBeside(first.place, other.place)} (${names.join(", ")}) has ` +
        "no effect",
      advice: 'write the settings once, with variables of "map" in them',
    };
  }
}
