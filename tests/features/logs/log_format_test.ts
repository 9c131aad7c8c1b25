import { assert, assertEquals, assertMatch } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { ask } from "../../support/raw_client.ts";
import { errorOf } from "../../support/config_support.ts";

/** The lines that `requests` leave in a log of this format. */
async function linesOf(
  format: string,
  requests: readonly string[],
  { parameters = "", directives = "", count = requests.length } = {},
): Promise<string[]> {
  await using server = new InProcessServer({
    config: `log_format own ${format}; server { listen 127.0.0.1:0; ` +
      `access_log access.log own ${parameters}; root site; ${directives} }`,
    files: { "site/a.txt": "hello", "site/é.txt": "text" },
  });
  for (const request of requests) {
    await ask(server.port, `${request}\r\nConnection: close\r\n\r\n`);
  }
  return await loggedLines(server, count);
}

/** What is in the log as soon as there are `count` lines. */
async function loggedLines(
  { server, folder }: InProcessServer,
  count: number,
): Promise<string[]> {
  for (;;) {
    server.flushLogsSync();
    const text = await Deno.readTextFile(`${folder}/access.log`);
    const lines = text.split("\n").slice(0, -1);
    if (lines.length >= count) return lines;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const SPLIT = "GET /a%0d%0a%20b%0a HTTP/1.1\r\nHost: a";
const GET = "GET /a.txt?x=1 HTTP/1.1\r\nHost: a";

Deno.test("log_format puts its parts together, and variables into them", async () => {
  const rows: [string, string, string][] = [
    ["'$status' ' - ' $request_method", GET, "200 - GET"],
    ["'$body_bytes_sent ${uri}x$is_args$args'", GET, "5 /a.txtx?x=1"],
    ["'[$http_x_y] $http_none'", `${GET}\r\nX-Y: one`, "[one] -"],
    ["'$http_x' $http_y", `${GET}\r\nX:\r\nY: \"\\`, "\\x22\\x5C"],
    ["'$cookie_b|$cookie_none'", `${GET}\r\nCookie: a=1; B=2`, "2|-"],
    ["'$sent_http_content_type'", GET, "text/plain; charset=utf-8"],
    ["'$sent_http_content_length $sent_http_connection'", GET, "5 close"],
    ["'$connection_requests $request_completion'", GET, "1 OK"],
    ["'$upstream_response_time $remote_user'", GET, "- -"],
    ["'$content_length $request_length'", GET, `- ${GET.length + 23}`],
    ["'é $status'", GET, "é 200"],
    // No client writes a line of its own.
    ["'$uri $status'", SPLIT, "/a\\x0D\\x0A b\\x0A 404"],
    ["escape=json '$uri $status'", SPLIT, "/a\\r\\n b\\n 404"],
    ["escape=none '$http_u|$http_n|'", `${GET}\r\nU: \"\\`, '"\\||'],
  ];
  for (const [format, request, expected] of rows) {
    assertEquals(await linesOf(format, [request]), [expected], format);
  }
});

Deno.test("log_format escapes bytes as they came", async () => {
  const request = `${GET}\r\nU: "\xc3\xa9\\`;
  assertEquals(await linesOf("'$http_u'", [request]), [
    "\\x22\\xC3\\xA9\\x5C",
  ]);
  assertEquals(
    await linesOf('escape=json \'{"u":"$http_u","n":"$http_n"}\'', [request]),
    ['{"u":"\\"é\\\\","n":""}'],
  );
  assertEquals(
    await linesOf("'$uri'", ["GET /%C3%A9.txt HTTP/1.1\r\nHost: a"]),
    ["/\\xC3\\xA9.txt"],
  );
  assertEquals(
    await linesOf("escape=none '$uri'", [
      "GET /%C3%A9.txt HTTP/1.1\r\nHost: a",
    ]),
    ["/é.txt"],
  );
});

Deno.test("log_format knows when and how much", async () => {
  const [line = ""] = await linesOf(
    "'$time_local|$time_iso8601|$msec|$request_time|$bytes_sent|$request_id'",
    [GET],
  );
  assertMatch(
    line,
    /^\d\d\/\w{3}\/\d{4}(:\d\d){3} [+-]\d{4}\|\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d\|\d+\.\d{3}\|\d\.\d{3}\|\d{3}\|[0-9a-f]{32}$/,
  );
});

Deno.test("$request_time is of all of the request, a slow head too", async () => {
  await using server = new InProcessServer({
    config: "log_format own $request_time; server { listen 127.0.0.1:0; " +
      "access_log access.log own; root site; }",
    files: { "site/a.txt": "hello" },
  });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const write = (text: string) => conn.write(new TextEncoder().encode(text));
  await new Promise((resolve) => setTimeout(resolve, 60));
  await write("GET /a.txt HTTP/1.1\r\n");
  await new Promise((resolve) => setTimeout(resolve, 120));
  await write("Host: a\r\n\r\n");
  await conn.read(new Uint8Array(1000));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await write("GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  while (await conn.read(new Uint8Array(1000)) !== null);
  const lines = await loggedLines(server, 2);
  const [slow = 0, fast = 1] = lines.map(Number);
  assert(slow >= 0.115 && slow < 1, `${lines}`);
  assert(fast < 0.1, `${lines}`);
});

Deno.test("$gzip_ratio is there when something was compressed", async () => {
  const directives = "gzip on; location /z { default_type text/html; " +
    `return 200 "${"a".repeat(500)}"; }`;
  const [plain, packed = ""] = await linesOf("'$gzip_ratio'", [
    "GET /z HTTP/1.1\r\nHost: a",
    "GET /z HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip",
  ], { directives });
  assertEquals(plain, "-");
  assertMatch(packed, /^\d+\.\d\d$/);
});

Deno.test("access_log if= leaves out what its condition says", async () => {
  const requests = ["0", "1", "", "no"].map((x) =>
    `GET /a.txt?log=${x} HTTP/1.1\r\nHost: a`
  );
  assertEquals(
    await linesOf("$args", requests, {
      parameters: "if=$arg_log",
      count: 2,
    }),
    ["log=1", "log=no"],
  );
});

Deno.test("log_format and access_log refuse what makes no sense", () => {
  const rows: [string, string][] = [
    ["log_format a;", 'invalid number of arguments in "log_format" directive'],
    ["log_format a escape=json;", 'the log format "a" says nothing'],
    ["log_format a escape=xml x;", 'unknown log format escaping "xml"'],
    ["log_format a x; log_format a y;", 'duplicate "log_format" name "a"'],
    ["log_format combined x;", 'duplicate "log_format" name "combined"'],
    ["log_format a $nonsense;", 'unknown "nonsense" variable'],
    [
      "server { access_log x a; } log_format a x;",
      'unknown log format "a"',
    ],
    ["log_format a x; access_log x a if=$none;", 'unknown "none" variable'],
    [
      "server { log_format a x; }",
      '"log_format" directive is not allowed here',
    ],
  ];
  for (const [text, message] of rows) {
    assertEquals(errorOf(`http { ${text} }`), `${message} in x.conf:1`, text);
  }
});
