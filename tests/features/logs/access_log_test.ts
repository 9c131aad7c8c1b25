import { assertEquals } from "@std/assert";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import {
  accessLogs,
  openingOf,
} from "../../../src/features/logs/access_log.ts";
import { readConfiguration } from "../../../src/server/setup/configuration.ts";
import { serverError, serverScope } from "../../support/config_support.ts";

const ENVIRONMENT = { resolvePath: (path: string) => `/x/${path}` };

function paths(text: string): string[] {
  return accessLogs(serverScope(text), ENVIRONMENT).map(({ path }) => path);
}

Deno.test("access_log has nginx's default and inheritance", () => {
  const rows: [string, string[]][] = [
    ["server { }", ["/x/logs/access.log"]],
    ["server { access_log a.log; }", ["/x/a.log"]],
    ["server { access_log /var/a.log; }", ["/var/a.log"]],
    ["server { access_log off; }", []],
    ["access_log off; server { }", []],
    ["server { access_log a; access_log off; }", []],
    ["server { access_log off; access_log a; }", []],
    ["access_log off; server { access_log a; }", ["/x/a"]],
    ["access_log a; server { }", ["/x/a"]],
    ["access_log a; server { access_log b; }", ["/x/b"]],
    ["server { access_log a; access_log b combined; }", ["/x/a", "/x/b"]],
    ["server { access_log /dev/stdout; }", ["/dev/stdout"]],
    ["server { access_log a combined buffer=8k flush=1s gzip=3; }", ["/x/a"]],
    ["server { access_log a combined if=$arg_a buffer=8k; }", ["/x/a"]],
    ["log_format own x; server { access_log a own; }", ["/x/a"]],
  ];
  for (const [text, expected] of rows) assertEquals(paths(text), expected);
});

Deno.test("logs refuse what makes no sense", () => {
  const rows: [string, string][] = [
    ["access_log a nope;", 'unknown log format "nope"'],
    ["access_log a combined x=y;", 'invalid parameter "x=y"'],
    ["access_log a combined buffer=x;", 'invalid buffer size "x"'],
    ["access_log a combined flush=1x;", 'invalid flush time "1x"'],
    ["access_log a combined gzip=10;", 'invalid compression level "10"'],
    ["access_log a combined gzip=0;", 'invalid compression level "0"'],
    ["access_log off x;", 'invalid parameter "x"'],
    ["access_log a combined buffer=0;", 'invalid buffer size "0"'],
    ["access_log a combined buffer=1k flush=0;", 'invalid flush time "0"'],
    [
      "access_log a combined flush=1s;",
      'no buffer is defined for access_log "a"',
    ],
    [
      "access_log a$host combined gzip;",
      "buffered logs cannot have variables in name",
    ],
    [
      "access_log syslog:server=x combined buffer=1k;",
      "logs to syslog cannot be buffered",
    ],
    [
      "access_log a combined gzip; access_log a combined gzip=2;",
      'access_log "a" already defined with conflicting parameters',
    ],
    [
      "access_log a combined buffer=1k; access_log a;" +
      " access_log a combined buffer=2k;",
      'access_log "a" already defined with conflicting parameters',
    ],
    ["access_log syslog:facility=user;", "no syslog server specified"],
    [
      "error_log syslog:server=h,tag=a-b;",
      'syslog "tag" only allows ' +
      "alphanumeric characters and underscore",
    ],
    [
      "open_log_file_cache off x;",
      'invalid "open_log_file_cache" parameter "x"',
    ],
    [
      "open_log_file_cache max=0;",
      '"open_log_file_cache" must have "max" parameter',
    ],
    [
      "open_log_file_cache max=1 valid=x;",
      'invalid "open_log_file_cache" parameter "valid=x"',
    ],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(text), `${message} in x.conf:1`, text);
  }
});

Deno.test("a log is opened in the way that its buffer says", () => {
  const rows: [text: string, name: string, options: object][] = [
    ["access_log a;", "/x/a", { isPrompt: true }],
    ["access_log /dev/null;", "/dev/null", { isPrompt: false }],
    ["access_log a combined buffer=1k;", "/x/a", {}],
    ["access_log a combined buffer=1k flush=1m;", "/x/a", {}],
    ["access_log a combined buffer=1k flush=1s;", "/x/a", {}],
    ["access_log a combined buffer=1k flush=999ms;", "/x/a", { flushMs: 999 }],
    ["access_log a combined gzip flush=100ms;", "gzip=1:/x/a", {
      flushBytes: 65536,
      flushMs: 100,
    }],
    ["access_log a combined gzip;", "gzip=1:/x/a", {
      flushBytes: 65536,
      flushMs: Infinity,
    }],
    ["access_log a combined gzip=9 buffer=1k flush=1m;", "gzip=9:/x/a", {
      flushBytes: 1024,
      flushMs: 60_000,
    }],
    // One that holds no line is none.
    ["access_log a combined buffer=1;", "/x/a", { flushBytes: 1, flushMs: 0 }],
    ["access_log a combined buffer=64;", "/x/a", {}],
    // Whoever else writes to it writes in the same way.
    ["access_log b combined gzip=2; server { access_log b; }", "gzip=2:/x/b", {
      flushBytes: 65536,
      flushMs: Infinity,
    }],
  ];
  for (const [text, name, options] of rows) {
    const { main, variables } = readConfiguration({
      file: "x.conf",
      statements: parseConfig(`http { ${text} server { } }`, "x.conf"),
      prefix: "/x",
    }, () => {});
    const [server] = [...main.descendantsOf("server")];
    const { path } = accessLogs(server!, ENVIRONMENT)[0]!;
    const opening = openingOf(path, { variables });
    assertEquals(opening, { name, options }, text);
  }
});
