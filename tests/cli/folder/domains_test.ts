import { assertEquals, assertThrows } from "@std/assert";
import { checkedDomains } from "../../../src/cli/folder/domains.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

Deno.test("checkedDomains() takes names as the DNS has them", () => {
  const rows: [words: string[], names: string[]][] = [
    [["example.org"], ["example.org"]],
    [["Example.ORG."], ["example.org"]],
    [["a.example, b.example"], ["a.example", "b.example"]],
    [["a.example", "a.example"], ["a.example"]],
    [["bücher.example"], ["xn--bcher-kva.example"]],
    [["xn--bcher-kva.example"], ["xn--bcher-kva.example"]],
    [["1.example", "a-b.c9.example"], ["1.example", "a-b.c9.example"]],
    [[`${"a".repeat(63)}.example`], [`${"a".repeat(63)}.example`]],
  ];
  for (const [words, names] of rows) {
    assertEquals(checkedDomains(words, false), names);
  }
});

Deno.test("checkedDomains() says what to do instead", () => {
  const SYNTAX =
    "expected a name: letters, digits and hyphens, with dots between them";
  const ADDRESS = "expected a name: certificates are not got for addresses";
  const LOCAL =
    "nobody outside of your network finds this name: for this machine " +
    'alone write "--tls", for an authority of your own "--issuer URL"';
  const rows: [word: string, why: string][] = [
    [
      "*.example.org",
      "a wildcard takes a record in the DNS (DNS-01), which webserv cannot " +
      "write: name every host, such as " +
      '"-d example.org -d www.example.org"',
    ],
    ["https://example.org/a", 'expected a name, such as "-d example.org"'],
    ["192.0.2.1", ADDRESS],
    ["[2001:db8::1]", ADDRESS],
    ["2001:db8::1", ADDRESS],
    ["::1", ADDRESS],
    ["", SYNTAX],
    [".", SYNTAX],
    ["a..example", SYNTAX],
    [".example.org", SYNTAX],
    ["-a.example", SYNTAX],
    ["a-.example", SYNTAX],
    ["a_b.example", SYNTAX],
    ["a b.example", SYNTAX],
    ["example.org:443", SYNTAX],
    ["example.org/", SYNTAX],
    ["me@example.org", SYNTAX],
    ["a.*.example", SYNTAX],
    ["~^a\\.example$", SYNTAX],
    ["$host", SYNTAX],
    [`${"a".repeat(64)}.example`, SYNTAX],
    [Array(64).fill("aaa").join("."), SYNTAX],
    ["bü cher.example", SYNTAX],
    ["localhost", LOCAL],
    ["printer", LOCAL],
    ["nas.local", LOCAL],
    ["a.home.arpa", LOCAL],
    ["a.test", LOCAL],
    ["nas.lan", LOCAL],
    ["wiki.corp", LOCAL],
    ["a.onion", LOCAL],
  ];
  for (const [word, why] of rows) {
    const error = assertThrows(() => checkedDomains([word], false), UsageError);
    assertEquals(error.message, `invalid option: "-d ${word}", ${why}`);
  }
});

Deno.test("checkedDomains() leaves local names to an authority of one's own", () => {
  const names = ["localhost", "nas.local", "printer"];
  assertEquals(checkedDomains(names, true), names);
  assertThrows(() => checkedDomains(["*.local"], true), UsageError);
});
