import { assertEquals, assertThrows } from "@std/assert";
import { parsePattern } from "../../../src/regex/syntax/parser.ts";
import { PatternError } from "../../../src/regex/pattern_error.ts";

Deno.test("parsePattern() says what is wrong, and what to write", () => {
  const rows: [pattern: string, message: string, advice?: string][] = [
    ["a)", 'a ")" that closes nothing', 'write "\\)"'],
    ["(a", '"(a" has no closing ")"', 'write "\\(" for a parenthesis'],
    ["[a", '"[a" has no closing "]"', 'write "\\[" for a bracket'],
    ["[]", '"[]" has no closing "]"', 'write "\\[" for a bracket'],
    [
      "*a",
      '"*" follows nothing that can be repeated',
      'write "\\*" for the character',
    ],
    [
      "a**",
      '"*" follows nothing that can be repeated',
      'write "\\*" for the character',
    ],
    [
      "^*",
      '"*" follows nothing that can be repeated',
      'write "\\*" for the character',
    ],
    ["a{3,2}", 'the numbers in "{3,2}" are out of order'],
    ["a{70000}", 'a number in "{70000}" is above 65535'],
    [
      "[[:foo:]]",
      'unknown POSIX class "[:foo:]"',
      "known are alpha, lower, upper, alnum, ascii, blank, cntrl, digit, " +
      "graph, print, punct, space, word, xdigit",
    ],
    [
      "[:alpha:]",
      '"[:alpha:]" stands outside of a character class',
      'write "[[:alpha:]]"',
    ],
    [
      "[\\d-z]",
      '"\\d-z" is no range of characters',
      'write the "-" last in the class, or "\\-"',
    ],
    [
      "[a-\\d]",
      '"a-\\d" is no range of characters',
      'write the "-" last in the class, or "\\-"',
    ],
    ["[z-a]", 'the range "z-a" runs backwards'],
    [
      "\\",
      'a "\\" at the end',
      'write "\\\\" for a backslash, and quote the pattern',
    ],
    [
      "\\y",
      'unknown escape "\\y"',
      'write "y" without the backslash, or "\\\\y"',
    ],
    [
      "\\x{100}",
      '"\\x{100}" is no byte',
      "patterns match the bytes of UTF-8: write the character itself",
    ],
    [
      "\\400",
      '"\\400" is no byte',
      "patterns match the bytes of UTF-8: write the character itself",
    ],
    [
      "\\N{U+e9}",
      '"\\N{...}" names a character, which needs UTF-8 mode',
      "write the character itself",
    ],
    ["\\1", 'there is no group "1"'],
    ["\\k<n>", 'there is no group "n"'],
    ["(a)\\g{-2}", 'there is no group "-2"'],
    ["(?<n>a)(?<n>b)", 'two groups have the name "n"'],
    ["(?|(?<a>x)|(?<b>y))", '"a" and "b" are names of the same group'],
    [
      "(?<1>a)",
      '"1" is no name for a group',
      'expected up to 32 letters, digits and "_", no digit first',
    ],
    ["(?y)a", '"(?y" begins no group', 'write "\\(" for a parenthesis'],
    ["(?--i)", 'a second "-" among the flags of a group'],
    ["(?#a", '"(?#" without its ")"'],
    ["(a)(?(1)b|c|d)", '"(?(1)b|c|d)" has more than two parts'],
    [
      "(?<=a+)b",
      'what "(?<=a+)" looks for has no fixed length',
      "write an alternative for each length",
    ],
    ["(".repeat(251) + ")".repeat(251), "groups more than 250 deep"],
    // What PCRE has and we have not.
    [
      "(?R)",
      'recursion "(?R)" is not supported by webserv',
      "write the group's pattern once more",
    ],
    [
      "(a)(?1)",
      'recursion "(?1)" is not supported by webserv',
      "write the group's pattern once more",
    ],
    [
      "(?<n>a)(?&n)",
      'recursion "(?&n)" is not supported by webserv',
      "write the group's pattern once more",
    ],
    [
      "(?<n>a)(?P>n)",
      'recursion "(?P>n)" is not supported by webserv',
      "write the group's pattern once more",
    ],
    [
      "(a)\\g<1>",
      'a call of a group, "\\g<" is not supported by webserv',
      "write the group's pattern once more",
    ],
    [
      "(?C1)a",
      'the callout "(?C1)" is not supported by webserv',
      "leave it out",
    ],
    [
      "(?(DEFINE)a)",
      'the condition "(?(DEFINE)a)" is not supported by webserv',
      "conditions are a group's number or name, or a look around",
    ],
    [
      "(*UTF8)é",
      'the verb "(*UTF8)" is not supported by webserv',
      "leave it out: letters beyond ASCII match as they are, in one case",
    ],
    [
      "(*UCP)a",
      'the verb "(*UCP)" is not supported by webserv',
      "leave it out: letters beyond ASCII match as they are, in one case",
    ],
    [
      "(*CRLF)a",
      'the verb "(*CRLF)" is not supported by webserv',
      "leave it out",
    ],
    [
      "a(*SKIP)b",
      'the verb "(*SKIP)" is not supported by webserv',
      'write "\\(" for a parenthesis',
    ],
    [
      "a(*ACCEPT)b",
      'the verb "(*ACCEPT)" is not supported by webserv',
      'write "\\(" for a parenthesis',
    ],
    ["\\X", 'the escape "\\X" is not supported by webserv', "write (?:.|\\n)"],
    [
      "\\p{Greek}",
      'the property "\\p{Greek}" is not supported by webserv',
      "a general category such as \\p{L} is, and a class such as [[:alpha:]]",
    ],
  ];
  for (const [pattern, message, advice] of rows) {
    const error = assertThrows(
      () => parsePattern(pattern, false),
      PatternError,
      undefined,
      pattern,
    );
    assertEquals([error.message, error.advice], [message, advice], pattern);
  }
});
