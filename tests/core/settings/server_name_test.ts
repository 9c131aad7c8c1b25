import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { setHostname } from "../../../src/config/hostname.ts";
import {
  hostName,
  parseServerName,
  primaryName,
} from "../../../src/core/settings/server_name.ts";
import { configured, serverError } from "../../support/config_support.ts";

const PLACE = { file: "x.conf", line: 1 };

function describe(text: string): string {
  const { pattern } = parseServerName(text, PLACE);
  return `${pattern.kind} ${
    pattern.kind === "regex" ? pattern.regex.source : pattern.name
  }`;
}

Deno.test("parseServerName() reads names, wildcards and expressions", () => {
  const rows: [string, string][] = [
    ["example.org", "exact example.org"],
    ["Example.ORG", "exact example.org"],
    ["example.org.", "exact example.org"],
    ["", "exact "],
    ["_", "exact _"],
    ["--", "exact --"],
    ["[::1]", "exact [::1]"],
    ["a b", "exact a b"],
    ["*.example.org", "leading .example.org"],
    ["*.Example.org.", "leading .example.org"],
    ["www.example.*", "trailing www.example."],
    [".example.org", "domain .example.org"],
    ["~^www[.](.+)$", "regex ^www[.](.+)$"],
    ["x$hostname", "exact x$hostname"], // as nginx has it
  ];
  for (const [text, expected] of rows) {
    assertEquals(describe(text), expected, text);
  }
});

Deno.test("parseServerName() knows the name of the machine", () => {
  try {
    setHostname("machine.example");
    for (const text of ["$hostname", "$HostName"]) {
      assertEquals(parseServerName(text, PLACE), {
        text: "machine.example",
        pattern: { kind: "exact", name: "machine.example" },
      });
    }
  } finally {
    setHostname(undefined);
  }
});

Deno.test("parseServerName() refuses what is no name, as nginx does", () => {
  const rows: [string, string][] = [
    ["*", 'server name "*" is invalid'],
    ["*a.b", 'server name "*a.b" is invalid'],
    ["*.", 'server name "*." is invalid'],
    ["**.a", 'server name "**.a" is invalid'],
    [".", 'server name "." is invalid'],
    ["a*b", 'invalid server name or wildcard "a*b"'],
    ["a*", 'invalid server name or wildcard "a*"'],
    ["a.*.b", 'invalid server name or wildcard "a.*.b"'],
    ["*.a.*", 'invalid server name or wildcard "*.a.*"'],
    ["*.*", 'invalid server name or wildcard "*.*"'],
    [".*", 'invalid server name or wildcard ".*"'],
    [".a.*", 'invalid server name or wildcard ".a.*"'],
    ["a..b", 'invalid server name or wildcard "a..b"'],
    ["..", 'invalid server name or wildcard ".."'],
    ["*.a..b", 'invalid server name or wildcard "*.a..b"'],
    ["~", 'empty regex in server name "~"'],
  ];
  for (const [name, message] of rows) {
    const error = assertThrows(
      () => parseServerName(name, PLACE),
      ConfigError,
    );
    assertEquals(error.message, `${message} in x.conf:1`);
  }
  assertThrows(
    () => parseServerName("~[", PLACE),
    ConfigError,
    'invalid regular expression "["',
  );
});

Deno.test("server_name is warned of when it looks like a URL", () => {
  const warnings: string[] = [];
  configured("server { server_name http://a.example b/; }", warnings);
  assertEquals(warnings, [
    'server name "http://a.example" has suspicious symbols in x.conf:1',
    'server name "b/" has suspicious symbols in x.conf:1',
  ]);
  assertEquals(
    serverError("server_name;"),
    'invalid number of arguments in "server_name" directive in x.conf:1',
  );
});

Deno.test("primaryName() and hostName() are what a server is called", () => {
  const rows: [names: string[], primary: string, host: string | undefined][] = [
    [[], "", undefined],
    [[""], "", undefined],
    [["_"], "_", undefined],
    [["Example.org", "b"], "example.org", "example.org"],
    [[".example.org"], "example.org", "example.org"],
    [["*.example.org", "b.example"], "*.example.org", "b.example"],
    [["~^a$"], "~^a$", undefined],
    [["a/b", "c"], "a/b", "c"],
  ];
  for (const [texts, primary, host] of rows) {
    const names = texts.map((text) => parseServerName(text, PLACE));
    assertEquals(primaryName(names), primary, `${texts}`);
    assertEquals(hostName(names), host, `${texts}`);
  }
});
