import { assertEquals, assertMatch } from "@std/assert";
import { RawClient } from "../../support/raw_client.ts";
import { ServerProcess } from "../../support/server_process.ts";
import { accessLogs } from "../../../src/features/logs/access_log.ts";
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
    ["error_log syslog:server=h,tag=a-b;", 'syslog "tag" only allows ' +
      "alphanumeric characters and underscore"],
    ["open_log_file_cache off x;",
      'invalid "open_log_file_cache" parameter "x"'],
    ["open_log_file_cache max=0;",
      '"open_log_file_cache" must have "max" parameter'],
    ["open_log_file_cache max=1 valid=x;",
      'invalid "open_log_file_cache" parameter "valid=x"'],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(text), `${message} in x.conf:1`, text);
  }
});

Deno.test("a request is logged though a variable of the log has no value", async () => {
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log;
      http {
        map $b $a { default $b; }
        map $a $b { default $a; }
        log_format own "$uri [$a]";
        access_log logs/access.log own if=$b;
        server { listen 127.0.0.1:0; location / { return 204; } }
      }`,
    files: {},
  });
  const client = await RawClient.connect(server.port);
  for (const path of ["/x", "/y"]) {
    await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assertEquals((await client.response())?.status, 204);
  }
  client.close();
  await server.stop();
  const read = (name: string) =>
    Deno.readTextFileSync(server.path(`logs/${name}.log`));
  assertEquals(read("access"), "/x [-]\n/y [-]\n");
  assertMatch(
    read("error"),
    /cycle while evaluating variable "b" while logging request, client: /,
  );
});
