import { assertEquals } from "@std/assert";
import {
  errorLogDirective,
  ownErrorLogs,
} from "../../../src/core/settings/error_log.ts";
import {
  configured,
  serverError,
  serverScope,
} from "../../support/config_support.ts";

Deno.test("error_log has a level", () => {
  const log = (text: string) =>
    configured(`${text} server { }`).get(errorLogDirective)
      .map(({ path, level }) => `${path} ${level}`);
  assertEquals(log("error_log a;"), ["/x/a error"]);
  assertEquals(log("error_log a debug;"), ["/x/a debug"]);
  assertEquals(log("error_log stderr;"), ["stderr error"]);
  assertEquals(log("error_log a; error_log b warn;"), [
    "/x/a error",
    "/x/b warn",
  ]);
});

Deno.test("error_log takes nginx's words for what to debug", () => {
  const level = (words: string) =>
    configured(`error_log a ${words}; server { }`).get(errorLogDirective)[0]
      ?.level;
  for (
    const words of [
      "debug",
      "debug_http",
      "debug_core debug_event",
      "debug debug_http",
    ]
  ) assertEquals(level(words), "debug", words);
});

Deno.test("error_log refuses what makes no sense", () => {
  const rows: [string, string][] = [
    ["error_log a loud;", 'invalid log level "loud"'],
    ["error_log a debug_all;", 'invalid log level "debug_all"'],
    ["error_log a error warn;", 'duplicate log level "warn"'],
    [
      "error_log memory:32m;",
      '"memory:32m": "error_log" to memory is not supported by webserv',
    ],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(text), `${message} in x.conf:1`, text);
  }
});

Deno.test("error_log has no variables in its path, which is told", () => {
  const warnings: string[] = [];
  configured("error_log logs/$host.log; server { }", warnings);
  assertEquals(warnings, [
    '"logs/$host.log" is the name of a file: the path of "error_log" has no ' +
    "variables in x.conf:1",
  ]);
});

Deno.test("error_log off is told to be a file", () => {
  const warnings: string[] = [];
  configured("error_log off; server { }", warnings);
  assertEquals(warnings, [
    '"error_log off" writes to a file called "off"; ' +
    '"error_log /dev/null" writes nothing in x.conf:1',
  ]);
});

Deno.test("ownErrorLogs() are those of the innermost block that has any", () => {
  const paths = (text: string) =>
    ownErrorLogs(serverScope(text))?.map(({ path }) => path);
  const rows: [text: string, paths: string[] | undefined][] = [
    ["server { }", undefined],
    ["error_log a; server { }", ["/x/a"]],
    ["error_log a; error_log b; server { }", ["/x/a", "/x/b"]],
    ["error_log a; server { error_log b; }", ["/x/b"]],
  ];
  for (const [text, expected] of rows) {
    assertEquals(paths(text), expected, text);
  }
  // One outside of http is that of the process.
  const main = configured("error_log a; http { server { } }");
  const [server] = [...main.descendantsOf("server")];
  assertEquals(ownErrorLogs(server!), undefined);
});
