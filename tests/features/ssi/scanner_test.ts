import { assertEquals } from "@std/assert";
import { Scanner, type Token } from "../../../src/features/ssi/scanner.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

/** What a page comes to, its texts joined: `[name key=value]` for a command. */
function scanned(page: string, cuts: readonly number[] = []): string {
  const scanner = new Scanner(32);
  let result = "";
  const show = (token: Token) => {
    switch (token.kind) {
      case "text":
        return textOf(token.bytes);
      case "command": {
        const { name, parameters } = token.command;
        return `[${
          [name, ...parameters.map((each) => each.join("="))].join(" ")
        }]`;
      }
      case "mistake":
        return `{${token.message}}`;
    }
  };
  let from = 0;
  for (const to of [...cuts, page.length]) {
    for (const token of scanner.add(bytesOf(page.slice(from, to)))) {
      result += show(token);
    }
    from = to;
  }
  for (const token of scanner.end()) result += show(token);
  return result;
}

const ROWS: [page: string, result: string][] = [
  ["", ""],
  ["plain", "plain"],
  ["<!--#a-->", "[a]"],
  ["x<!--#a-->y<!--#b -->z", "x[a]y[b]z"],
  ["<!--# a b='c' d=\"e\"-->", "[a b=c d=e]"],
  ["<!--#a b = \n\t'c'\r\n -->", "[a b=c]"],
  ["<!--#a b='\"' c=\"'\"-->", "[a b=\" c=']"],
  ["<!--#a b='\\'\\\\'-->", "[a b=\\'\\\\]"],
  ["<!--#a b='-->'-->", "[a b=-->]"],
  ["<!--#a b='\xc3\xa9'-->\xff", "[a b=\xc3\xa9]\xff"],
  ["<", "<"],
  ["<!--", "<!--"],
  ["<!-<!--<!--#a-->", "<!-<!--[a]"],
  ["<<!--#a-->", "<[a]"],
  ["<!---#a-->", "<!---#a-->"],
  ["<!-- #a-->", "<!-- #a-->"],
  ["<!--x<b>", "<!--x<b>"],
  ["x<!--#", "x"],
  ["x<!--#a b='c'", "x"],
  ["<!--#-->x-->y", '{unexpected ">" symbol in "-" SSI command}y'],
  [
    "<!--#a b-->x",
    '{unexpected "-" symbol after "b" parameter in "a" SSI command}x',
  ],
  [
    "<!--#a b c='d'-->",
    '{unexpected "c" symbol after "b" parameter in "a" SSI command}',
  ],
  [
    "<!--#a b=c-->x",
    '{unexpected "c" symbol before value of "b" parameter in "a" SSI command}x',
  ],
  [
    "<!--#a b=-->x",
    '{unexpected "-" symbol before value of "b" parameter in "a" SSI command}x',
  ],
  [
    "<!--#a b='c'd-->x",
    '{unexpected "d" symbol after "c" value of "b" parameter in "a" SSI command}x',
  ],
  ["<!--#a -x-->y", '{unexpected "x" symbol in "a" SSI command}y'],
  ["<!--#a -- >x-->y", '{unexpected " " symbol in "a" SSI command}y'],
  [`<!--#a b='${"c".repeat(31)}'-->`, `[a b=${"c".repeat(31)}]`],
  [
    `<!--#a b='${"c".repeat(32)}'-->x`,
    `{too long "${
      "c".repeat(32)
    }..." value of "b" parameter in "a" SSI command}x`,
  ],
  [`<!--#${"c".repeat(32)}-->`, `[${"c".repeat(32)}]`],
  [
    `<!--#${"c".repeat(33)}-->x`,
    `{the "${"c".repeat(33)}..." SSI command is too long}x`,
  ],
  [
    `<!--#a ${"c".repeat(33)}='x'-->x`,
    `{too long "${"c".repeat(33)}..." parameter in "a" SSI command}x`,
  ],
];

for (const [page, result] of ROWS) {
  Deno.test(`${JSON.stringify(page.slice(0, 40))} taken apart`, () => {
    assertEquals(scanned(page), result);
    assertEquals(scanned(page, [...page].map((_, i) => i)), result);
  });
}

Deno.test("a page that is cut anywhere is taken apart in the same way", () => {
  const parts = ROWS.map(([page]) => page).concat(
    "<!--#",
    "-->",
    "'",
    '"',
    "-",
  );
  let seed = 3;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 500; round++) {
    const page = Array.from(
      { length: 1 + random(5) },
      () => parts[random(parts.length)],
    ).join("");
    const cuts = Array.from(
      { length: random(6) },
      () => random(page.length + 1),
    )
      .sort((a, b) => a - b);
    assertEquals(
      scanned(page, cuts),
      scanned(page),
      JSON.stringify([page, cuts]),
    );
  }
});
