import { assertEquals } from "@std/assert";
import {
  Lexer,
  MAX_PARAMETER_LENGTH,
} from "../../../src/config/syntax/lexer.ts";
import { failure } from "../config_support.ts";

/** Words as JSON strings, quoted ones after `q`, marks as they are. */
function tokens(text: string, commandLine = false): string {
  const lexer = new Lexer(text, "x.conf", { commandLine });
  const all: string[] = [];
  for (;;) {
    const token = lexer.next();
    if (token.kind === "end") return all.join(" ");
    if (token.kind !== "word") all.push(token.kind);
    else all.push((token.quoted ? "q" : "") + JSON.stringify(token.text));
  }
}

Deno.test("Lexer.next() divides a text as nginx does", () => {
  const rows: [text: string, expected: string][] = [
    ["", ""],
    [" \t\r\n", ""],
    ["root /a;", '"root" "/a" ;'],
    ["root /a ;", '"root" "/a" ;'],
    ["root\t/a\r\n;", '"root" "/a" ;'],
    ["a{b;}", '"a" { "b" ; }'],
    ["a {} b;", '"a" { } "b" ;'],
    [";;{}", "; ; { }"],
    // comments begin only where a word may
    ["# all of it ; { }", ""],
    ["a # rest\nb;", '"a" "b" ;'],
    ["a#b;", '"a#b" ;'],
    ["a;#b\n#c\r\nd;", '"a" ; "d" ;'],
    ["# ends with a backslash \\\na;", '"a" ;'],
    // marks inside words
    ["a}b;", '"a}b" ;'],
    ["a };", '"a" } ;'],
    ["a'b\"c;", '"a\'b\\"c" ;'],
    ["a(b) c;", '"a(b)" "c" ;'],
    // variables
    ["${uri}{", '"${uri}" {'],
    ["a${uri}b{", '"a${uri}b" {'],
    ["a$ {", '"a$" {'],
    ["a${{b};", '"a${{b}" ;'],
    ["$;", '"$" ;'],
    ["a$b{", '"a$b" {'],
    // quotes
    ['"";', 'q"" ;'],
    ["'' \"\";", 'q"" q"" ;'],
    ['"a b;{}#" ;', 'q"a b;{}#" ;'],
    [`'a"b' "a'b";`, `q"a\\"b" q"a'b" ;`],
    ['"${x}"{', 'q"${x}" {'],
    ['"a$";', 'q"a$" ;'],
    ['"a\nb";', 'q"a\\nb" ;'],
    ['"a")b;', 'q"a" ")b" ;'],
    ['"a")', 'q"a" ")"'],
    // escapes, in quotes and outside
    [String.raw`"\"\'\\";`, String.raw`q"\"'\\" ;`],
    [String.raw`\"\'\\;`, String.raw`"\"'\\" ;`],
    [String.raw`"\t\r\n";`, String.raw`q"\t\r\n" ;`],
    [String.raw`a\t\r\nb;`, String.raw`"a\t\r\nb" ;`],
    [String.raw`"\.\d\$\x";`, String.raw`q"\\.\\d\\$\\x" ;`],
    [String.raw`~\.php$ x;`, String.raw`"~\\.php$" "x" ;`],
    [String.raw`a\ b;`, String.raw`"a\\ b" ;`],
    [String.raw`a\;b;`, String.raw`"a\\;b" ;`],
    [String.raw`a\{b;`, String.raw`"a\\{b" ;`],
    [String.raw`\# \};`, String.raw`"\\#" "\\}" ;`],
    [String.raw`\\t;`, String.raw`"\\t" ;`],
    [String.raw`'a\'b';`, `q"a'b" ;`],
    [String.raw`"a\\";`, String.raw`q"a\\" ;`],
    // beyond ASCII
    ["root /srv/été🌞;", '"root" "/srv/été🌞" ;'],
    ["\u00a0;", '"\u00a0" ;'],
    // a byte order mark, at the beginning only
    ["\uFEFFa;", '"a" ;'],
    ["a \uFEFFb;", '"a" "\uFEFFb" ;'],
    // words that the end of the text ends
    ["a", '"a"'],
    ["a\\", '"a\\\\"'],
    ['"a"', 'q"a"'],
    // in a comment nothing is wrong
    ["# \0 \uFFFD\na;", '"a" ;'],
  ];
  for (const [text, expected] of rows) {
    assertEquals(tokens(text), expected, JSON.stringify(text));
  }
});

Deno.test("Lexer.next() knows the line each token begins in", () => {
  const lexer = new Lexer('a\n# x\n"b\nc" d\\\ne\n{\n}\r\n', "x.conf");
  const lines: [string, number][] = [];
  for (;;) {
    const token = lexer.next();
    lines.push([token.kind === "word" ? token.text : token.kind, token.line]);
    if (token.kind === "end") break;
  }
  assertEquals(lines, [
    ["a", 1],
    ["b\nc", 3],
    ["d\\\ne", 4],
    ["{", 6],
    ["}", 7],
    ["end", 8],
  ]);
  assertEquals(lexer.next(), { kind: "end", line: 8 });
});

Deno.test("Lexer.next() says in nginx's words what is wrong", () => {
  const rows: [text: string, message: string][] = [
    ['"a"b;', 'unexpected "b" in x.conf:1'],
    ["'a'\"b\";", 'unexpected """ in x.conf:1'],
    ["'a''b';", 'unexpected "\'" in x.conf:1'],
    ['"a"}', 'unexpected "}" in x.conf:1'],
    ['"a"#b', 'unexpected "#" in x.conf:1'],
    ['"a"$b', 'unexpected "$" in x.conf:1'],
    ['"a"\\n', 'unexpected "\\" in x.conf:1'],
    ['\n"a"🌞;', 'unexpected "🌞" in x.conf:2'],
    [
      '"a',
      'unexpected end of file, expecting ";" or "}" in x.conf:1',
    ],
    [
      "a 'b;\n}\n",
      'unexpected end of file, expecting ";" or "}" in x.conf:3',
    ],
    [
      '"a\\"',
      'unexpected end of file, expecting ";" or "}" in x.conf:1',
    ],
    ["a b\0c;", "NUL character in a parameter in x.conf:1"],
    ['\n"b\0";', "NUL character in a parameter in x.conf:2"],
    ["a \uFFFD;", "invalid UTF-8 in a parameter in x.conf:1"],
  ];
  for (const [text, message] of rows) {
    assertEquals(failure(() => tokens(text)).message, message, text);
  }
});

Deno.test("Lexer.next() tells where an open quote began", () => {
  assertEquals(
    failure(() => tokens("a;\nb 'c;\n\n")).hint,
    "the ' in line 2 has no closing '",
  );
});

Deno.test("Lexer.next() ends a command line in nginx's words", () => {
  const error = failure(() => tokens('pid "x', true));
  assertEquals(
    error.message,
    'unexpected end of parameter, expecting ";" in x.conf:1',
  );
});

Deno.test("Lexer.next() takes a parameter of the greatest length", () => {
  const longest = "a".repeat(MAX_PARAMETER_LENGTH);
  assertEquals(tokens(`${longest};`), `"${longest}" ;`);
  assertEquals(tokens(`"${longest}";`), `q"${longest}" ;`);
});

Deno.test("Lexer.next() refuses a longer parameter where it began", () => {
  const long = "abcdefghijkl" + "a\\\n".repeat(MAX_PARAMETER_LENGTH);
  const rows: [text: string, message: string][] = [
    [
      `\n${long};`,
      'too long parameter "abcdefghij..." started in x.conf:2',
    ],
    [
      `\n\n"${long}`,
      "too long parameter, probably missing terminating " +
      '""" character in x.conf:3',
    ],
    [
      `'${long}'`,
      "too long parameter, probably missing terminating " +
      '"\'" character in x.conf:1',
    ],
    [
      `${"b".repeat(MAX_PARAMETER_LENGTH + 1)};`,
      'too long parameter "bbbbbbbbbb..." started in x.conf:1',
    ],
  ];
  for (const [text, message] of rows) {
    assertEquals(failure(() => tokens(text)).message, message);
  }
});
