import { assertEquals } from "@std/assert";
import { expandGlob, isGlob } from "../../../src/config/syntax/glob.ts";

const DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  "/": ["etc", "srv"],
  "/etc": ["b.conf", "a.conf", ".hidden.conf", "a.conf.bak", "sub", "sub-2"],
  "/etc/sub": ["z.conf", "x.conf"],
  "/etc/sub-2": ["x.conf"],
  "/etc/sub/..": ["sub"],
  "/etc/sub-2/..": ["sub"],
  "/etc/sub/../sub": ["z.conf", "x.conf"],
  "/etc/sub-2/../sub": ["z.conf", "x.conf"],
  "/odd": [
    "a*b",
    "a+b",
    "aab",
    "[x",
    "a]b",
    "a-b",
    "aéb",
    "é",
    "a{b,c}",
    "+(a|b)",
  ],
  ".": ["local.conf"],
};

function list(path: string): readonly string[] {
  const names = DIRECTORIES[path];
  if (names === undefined) throw new Error(`cannot list ${path}`);
  return names;
}

Deno.test("expandGlob() finds what glob(3) finds, sorted", () => {
  const rows: [pattern: string, expected: string[]][] = [
    ["/etc/*.conf", ["/etc/a.conf", "/etc/b.conf"]],
    ["/etc/*", [
      "/etc/a.conf",
      "/etc/a.conf.bak",
      "/etc/b.conf",
      "/etc/sub",
      "/etc/sub-2",
    ]],
    ["/etc/?.conf", ["/etc/a.conf", "/etc/b.conf"]],
    ["/etc/[b-z].conf", ["/etc/b.conf"]],
    ["/etc/[!b].conf", ["/etc/a.conf"]],
    ["/etc/[^b].conf", ["/etc/a.conf"]],
    ["/etc/[ab].conf", ["/etc/a.conf", "/etc/b.conf"]],
    ["/etc/[z-a].conf", []],
    // a leading dot wants a dot
    ["/etc/.*", ["/etc/.hidden.conf"]],
    ["/etc/?hidden.conf", []],
    ["/etc/[.]hidden.conf", []],
    // no wildcard passes a slash; the order is that of the whole paths
    ["/etc*x.conf", []],
    ["/etc/s*/x.conf", ["/etc/sub-2/x.conf", "/etc/sub/x.conf"]],
    ["/*/a.conf", ["/etc/a.conf"]],
    ["/etc/*/../sub/[z].conf", [
      "/etc/sub-2/../sub/z.conf",
      "/etc/sub/../sub/z.conf",
    ]],
    ["/*/*/*.conf", [
      "/etc/sub-2/x.conf",
      "/etc/sub/x.conf",
      "/etc/sub/z.conf",
    ]],
    // relative
    ["*.conf", ["local.conf"]],
    // nothing is no error
    ["/nowhere/*.conf", []],
    ["/etc/*.nothing", []],
    ["/etc/a.conf/*", []],
    // characters that regular expressions know
    ["/odd/a\\*[b]", ["/odd/a*b"]],
    ["/odd/a+*", ["/odd/a+b"]],
    ["/odd/a[*]b", ["/odd/a*b"]],
    ["/odd/a[]]b", ["/odd/a]b"]],
    ["/odd/a[!]*a+é-]b", []],
    ["/odd/a[+-]b", ["/odd/a+b", "/odd/a-b"]],
    ["/odd/[x*", ["/odd/[x"]],
    ["/odd/a?b", [
      "/odd/a*b",
      "/odd/a+b",
      "/odd/a-b",
      "/odd/a]b",
      "/odd/aab",
      "/odd/aéb",
    ]],
    ["/odd/a[é]b", ["/odd/aéb"]],
    ["/odd/a[[:alpha:]]b", ["/odd/aab"]],
    // what other tools read as alternatives, negations and comments
    ["/odd/a{b,c}*", ["/odd/a{b,c}"]],
    ["/odd/{a,b}*", []],
    ["/odd/!(a)*", []],
    ["/odd/+(*", ["/odd/+(a|b)"]],
    ["/odd/*(a|b)", ["/odd/+(a|b)"]],
    ["/odd/[+](a\\|b)", ["/odd/+(a|b)"]],
    ["/odd/#*", []],
    ["/odd/**b", [
      "/odd/a*b",
      "/odd/a+b",
      "/odd/a-b",
      "/odd/a]b",
      "/odd/aab",
      "/odd/aéb",
    ]],
    ["/odd/?", ["/odd/é"]],
  ];
  for (const [pattern, expected] of rows) {
    assertEquals(expandGlob(pattern, list), expected, pattern);
  }
});

Deno.test("isGlob() sees a pattern where nginx does", () => {
  const rows: [path: string, expected: boolean][] = [
    ["/etc/*.conf", true],
    ["/etc/?", true],
    ["/etc/[a]", true],
    ["/etc/[", true],
    ["/e*c/x", true],
    ["/etc/x.conf", false],
    ["/etc/{a,b}", false],
    ["/etc/a]", false],
    ["/etc/\\x", false],
    ["", false],
  ];
  for (const [path, expected] of rows) {
    assertEquals(isGlob(path), expected, path);
  }
});
