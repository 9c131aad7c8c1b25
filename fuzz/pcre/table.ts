/**
 * `deno run --allow-ffi --allow-write fuzz/pcre/table.ts`: asks PCRE2 what
 * patterns take of texts, and writes the answers down for the tests, which so
 * need no PCRE2.
 */

import { fromFileUrl } from "@std/path/posix";
import { byteString } from "../../src/http/byte_string.ts";
import { randomPattern, randomSubject } from "../patterns.ts";
import { Random } from "../random.ts";
import { Pcre } from "./library.ts";

const TABLE = fromFileUrl(
  new URL("../../tests/fixtures/pcre_table.json", import.meta.url),
);

/** Random patterns beside those below. */
const RANDOM_PATTERNS = 250;

/** Texts for each pattern that names none. */
const SUBJECTS: readonly string[] = [
  "",
  "a",
  "ab",
  "aab",
  "abc",
  "ABC",
  "a\n",
  "a\nb",
  "\r\n",
  "a-b",
  "a b",
  "a1_",
  "12",
  "-",
  "]",
  "[",
  "^",
  "é",
  "aéb",
  "a\xa0b",
  "\x85",
  "\t\v\f",
  "k",
  "ſ",
  "\u212a",
  "\u2028",
  "/adm12/x",
  "/private",
  "a{,3}",
  "x{",
  "aaaaaa",
  "abab",
  "\x07\x1b\x01",
];

/** Patterns, and texts that are telling for them. */
const PATTERNS: readonly (readonly [pattern: string, ...texts: string[]])[] = [
  // Classes
  ["^/adm[[:digit:]]+/", "/adm12/x", "/adm[/", "/admd/", "/adm:/x"],
  ["[[:alpha:]]+"],
  ["[[:^alpha:]]+"],
  ["[[:lower:]]+"],
  ["[[:upper:]]+"],
  ["[[:alnum:]_]+"],
  ["[[:ascii:]]+"],
  ["[[:blank:]]+"],
  ["[[:cntrl:]]+"],
  ["[[:graph:]]+"],
  ["[[:print:]]+"],
  ["[[:punct:]]+"],
  ["[[:space:]]+"],
  ["[[:word:]]+"],
  ["[[:xdigit:]]+"],
  ["[^[:space:]]+"],
  ["[^[:^digit:]]+"],
  ["[a[:digit:]b]+"],
  ["[[:alpha:]"],
  ["[[:foo:]]"],
  ["[:alpha:]"],
  ["[[.a.]]"],
  ["[[=a=]]"],
  ["[[:alpha:]-z]"],
  ["[[:alpha:]-]+"],
  ["[]x]+", "]", "x]", "a"],
  ["[^]x]+", "]", "x]", "a"],
  ["[]"],
  ["[^]"],
  ["[a-\\d]"],
  ["[\\d-z]"],
  ["[\\d-]+", "1-2", "-"],
  ["[-a]+", "-a", "b"],
  ["[a-]+", "-a", "b"],
  ["[a-c-e]+", "abc-e", "d"],
  ["[+--]+", "+,-", "."],
  ["[--/]+", "-./", "0"],
  ["[z-a]"],
  ["[a[b]+", "a[b", "]"],
  ["[a\\]b]+", "a]b"],
  ["[\\b]", "\b", "b"],
  ["[\\Qa-z]\\E]+", "a-z]", "b"],
  ["[a\\E-c]+", "abc", "-"],
  ["[\\w.-]+", "a.b-c_1", "é"],
  ["[^\\W\\d]+"],
  ["[\\x41-\\x43]+"],
  ["[\\101-\\103]+"],
  ["[\\h]+"],
  ["[\\v]+"],
  ["[\\R]"],
  ["[\\B]"],
  ["[\\8]", "8"],
  ["[é]", "é", "e"],
  ["[\\x80-\\xff]+"],
  ["(?xx)[a b]+", "a b", "ab"],
  // Escapes
  ["\\Aa", "a", "ba", "b\na"],
  ["a\\Z", "a", "a\n", "a\nb"],
  ["a\\z", "a", "a\n"],
  ["\\A/private", "/private", "A/private"],
  ["\\Ga", "a", "ba"],
  ["\\h+"],
  ["\\H+"],
  ["\\v+"],
  ["\\V+"],
  ["\\R"],
  ["\\R\\n", "\r\n", "\r\n\n", "\n\n"],
  ["(*BSR_ANYCRLF)\\R"],
  ["\\N+"],
  ["\\d+"],
  ["\\D+"],
  ["\\s+"],
  ["\\S+"],
  ["\\w+"],
  ["\\W+"],
  ["\\ba", "a", "éa", "_a", "-a"],
  ["a\\B", "ab", "a", "aé"],
  ["[[:<:]]a", "ba", "-a", "a"],
  ["a[[:>:]]", "ab", "a-", "a"],
  ["\\Qa.b\\E+", "a.b", "a.bb", "axb"],
  ["\\Qa.b", "a.b", "axb"],
  ["\\E\\Ea", "a"],
  ["\\x41"],
  ["\\x{41}"],
  ["\\x{100}"],
  ["\\x4"],
  ["\\xg"],
  ["\\x{}"],
  ["\\101"],
  ["\\0101", "\b1", "A"],
  ["\\o{101}"],
  ["\\o{400}"],
  ["\\o{}"],
  ["\\e"],
  ["\\a"],
  ["\\cA"],
  ["\\ca"],
  ["\\c"],
  ["\\t\\f", "\t\f"],
  ["\\-\\_\\/\\!", "-_/!"],
  ["\\i"],
  ["\\y"],
  ["\\u0041"],
  ["\\"],
  ["\\é", "é"],
  ["\\pL+"],
  ["\\p{Lu}+"],
  ["\\p{^Lu}+"],
  ["\\PN+"],
  ["(?i)\\p{Lu}+"],
  ["\\p{Xwd}+"],
  ["\\p{L&}+"],
  ["\\p{Foo}"],
  // Places
  ["a$", "a", "a\n", "a\n\n", "a\r"],
  ["^a$", "a", "b\na", "a\nb"],
  ["(?m)^a$", "a", "b\na", "a\nb", "b\na\n"],
  ["(?m)^", "", "\n", "a\n"],
  ["(?m)$", "a\nb"],
  [".+", "a\nb", "a\rb", "a\u2028b", "é"],
  ["^.$", "é", "a", "\n"],
  ["^..$", "é", "aé", "ab"],
  ["(?s).+", "a\nb"],
  ["é+", "éé", "é"],
  ["(?:é)+", "éé", "é"],
  // Groups, names, references
  ["(a)(b)?", "a", "ab"],
  ["(?<n>a)(?P<m>b)(?'o'c)", "abc"],
  ["(?<n>a)\\k<n>\\k{n}\\k'n'(?P=n)\\g{n}", "aaaaaa", "aaaaa"],
  ["(a)(b)\\g{-1}\\g1\\g{2}", "abbab"],
  ["(a)\\1", "aa", "ab"],
  ["(a)|b\\1", "a", "b"],
  ["(?:(a)|b)*", "ab", "ba", "abb"],
  ["(?:(a)|(b)|c)+", "abc", "cab"],
  ["((a)|b)*", "ab"],
  ["(a|ab)(c|bcd)(d*)", "abcd"],
  ["(a*)*", "aab", "b"],
  ["(a*)+", "aab", "b"],
  ["(a|)+", "aab", "b"],
  ["(?:a|(b))*?c", "abac"],
  ["(a)?\\1b", "aab", "b"],
  ["\\1(a)", "a", "aa"],
  ["(\\1a|b)+", "bba", "ba"],
  ["\\2(a)(b)", "ab"],
  ["(a)\\12", "a\n", "a2"],
  ["\\8"],
  ["\\11", "\t"],
  ["(?i)(a)\\1", "aA", "Aa"],
  ["(?|(a)|(b))\\1", "aa", "bb", "ab"],
  ["(?|(a)(b)|(c))(d)", "abd", "cd"],
  ["(?<n>a)(?<n>b)"],
  ["(?J)(?<n>a)|(?<n>b)\\k<n>", "a", "bb"],
  ["(?<1>a)"],
  ["(?<n"],
  ["(?n)(a)(?<m>b)", "ab"],
  // Flags
  ["(?i)abc"],
  ["a(?i)b", "aB", "AB"],
  ["a(?i)b|c", "C", "aB"],
  ["(a(?i)b)c", "aBc", "aBC"],
  ["(?i:a)b", "Ab", "AB"],
  ["(?i)a(?-i)b", "Ab", "AB"],
  ["(?i)[a-c]+"],
  ["(?i)[^a]+"],
  ["(?i)k", "k", "K", "\u212a"],
  ["(?i)s", "S", "ſ"],
  ["(?i)é", "é", "É"],
  ["(?x) a b # c", "ab", "a b"],
  ["(?x)a\\ b", "a b"],
  ["(?x)a +b", "aab"],
  ["(?U)a+", "aaa"],
  ["(?U)a+?", "aaa"],
  ["(?^)a"],
  ["(?i-s)a.", "Ab", "A\n"],
  ["(?a)b"],
  ["a(?#comment)b", "ab"],
  ["a(?#x)+", "aaa"],
  ["(?#"],
  // Quantifiers
  ["a{,3}", "aaa", "a{,3}"],
  ["x{", "x{"],
  ["x{a}", "x{a}"],
  ["a{2}", "aaa"],
  ["a{2,}", "aaa"],
  ["a{1,2}?", "aaa"],
  ["a{2}{3}"],
  ["a{3,2}"],
  ["a{65536}"],
  ["a**"],
  ["*a"],
  ["a|*"],
  ["^*"],
  ["\\b+"],
  ["a++b", "aaab"],
  ["a++a", "aaa"],
  ["a*+a", "aaa"],
  ["a?+a", "a", "aa"],
  ["a{1,2}+a", "aa", "aaa"],
  ["(?>a+)a", "aaa"],
  ["(?>a|ab)c", "ac", "abc"],
  ["(*atomic:a|ab)c", "abc"],
  ["(?:a+)++b", "aab"],
  ["a\\Q\\E+", "aaa"],
  // Look around
  ["a(?=b)", "ab", "ac"],
  ["a(?!b)", "ab", "ac"],
  ["(?<=a)b", "ab", "cb"],
  ["(?<!a)b", "ab", "cb"],
  ["(?<=a|bc)d", "ad", "bcd", "cd"],
  ["(?<=a+)b"],
  ["(?<=ab(?:c|de))f"],
  ["(?=(a))\\1", "a"],
  ["(?!(a)b)\\w", "ab", "ac"],
  ["(?=a)*b", "b"],
  ["(*pla:a)\\w", "ab"],
  ["(*nlb:a)b", "ab", "cb"],
  ["^(?!.*\\.php).*$", "/a.php", "/a.html"],
  // Conditions and verbs
  ["(a)?(?(1)b|c)", "ab", "c", "ac"],
  ["(?<n>a)?(?(<n>)b|c)", "ab", "c"],
  ["(?(?=a)ab|cd)", "ab", "cd"],
  ["(?(?!a)cd|ab)", "ab", "cd"],
  ["(a)?(?(1)b)c", "abc", "ac", "c"],
  ["(a)(?(2)b)"],
  ["(a)(?(1)b|c|d)"],
  ["a(*FAIL)|b", "ab"],
  ["(*NO_JIT)a"],
  // As configurations have them
  ["\\.php$", "/a.php", "/a.php/", "/a.phpx"],
  ["\\.(?:css|js|png|jpe?g)$", "/a.jpeg", "/a.css", "/a.cs"],
  ["^/(.*)/$", "/a/b/", "/a"],
  ["^/img/(.*)/(.*)/(.*)\\.(png|jpg)$", "/img/a/b/c/d.png", "/img/a.png"],
  ["^(www\\.)?(.+)$", "www.a.org", "a.org"],
  ["^~/\\.", "^~/."],
  ["/\\.(?!well-known)", "/.git", "/.well-known/x"],
  ["^(.+\\.php)(/.+)$", "/a.php/b", "/a.php"],
  ["^/users/(?<id>[0-9]+)(?:/(?<tab>\\w+))?$", "/users/1", "/users/1/x"],
  ["(^|/)\\.", "/.a", ".a", "a."],
  ["^/[A-Za-z0-9_-]{3}$", "/a_-", "/ab"],
];

interface Entry {
  /** As a configuration has it. */
  readonly pattern: string;
  readonly flags: string;
  /** Each text, one character for each byte, with what is taken of it; none if the pattern is refused. */
  readonly texts?: readonly (readonly [string, unknown])[];
}

const pcre = new Pcre();

function entry(
  pattern: string,
  texts: readonly string[],
  ignoreCase: boolean,
): Entry {
  const flags = ignoreCase ? "i" : "";
  const compiled = pcre.compile(byteString(pattern), ignoreCase);
  if (compiled === undefined) return { pattern, flags };
  const answers = texts.map((text) => {
    const taken = compiled.exec(text);
    if (typeof taken === "number") throw new Error(`${pattern}: ${taken}`);
    return [text, taken?.map((part) => part ?? null) ?? null] as const;
  });
  compiled.free();
  return { pattern, flags, texts: answers };
}

const entries: Entry[] = [];
for (const [pattern, ...texts] of PATTERNS) {
  const bytes = (texts.length > 0 ? texts : SUBJECTS).map(byteString);
  entries.push(entry(pattern, bytes, false));
  entries.push(entry(pattern, bytes, true));
}
const random = new Random(1);
for (let count = 0; count < RANDOM_PATTERNS; count++) {
  const pattern = randomPattern(random);
  const texts = Array.from({ length: 4 }, () => randomSubject(random));
  entries.push(entry(pattern, texts, random.below(4) === 0));
}

/** JSON in ASCII, one pattern on a line. */
const lines = entries.map((entry) =>
  JSON.stringify(entry).replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
);
Deno.writeTextFileSync(TABLE, `[\n${lines.join(",\n")}\n]\n`);
console.log(`${entries.length} patterns in ${TABLE}`);
