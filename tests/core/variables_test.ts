import { assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { textOf } from "../support/latin1.ts";
import { ask, RawClient } from "../support/raw_client.ts";
import { cookie, queryArgument } from "../../src/core/variables.ts";
import { withServer } from "../support/config_support.ts";

Deno.test("queryArgument() finds the first of its name", () => {
  const rows: [string, string, string | undefined][] = [
    ["a=1", "a", "1"],
    ["a=1&b=2", "b", "2"],
    ["a=1&a=2", "a", "1"],
    ["A=1", "a", "1"],
    ["a=", "a", ""],
    ["a=b=c", "a", "b=c"],
    ["a=%20+", "a", "%20+"],
    ["a", "a", undefined],
    ["", "a", undefined],
    ["ab=1", "a", undefined],
    ["&&a=1", "a", "1"],
  ];
  for (const [args, name, expected] of rows) {
    assertEquals(queryArgument(args, name), expected, args);
  }
});

Deno.test("cookie() finds the first of its name", () => {
  const rows: [string, string, string | undefined][] = [
    ["a=1", "a", "1"],
    ["a=1; b=2", "b", "2"],
    ["A=1; a=2", "a", "1"],
    ["a=1;b=x=y", "b", "x=y"],
    ["a= 1", "a", "1"],
    ["a =  1 ; b", "a", "1 "],
    ["a=1,2; b=3", "a", "1,2"],
    ["a=1, b=2", "b", "2"],
    ["a, a=2", "a", "2"],
    [";a=1", "a", "1"],
    ["a\t=1", "a", undefined],
    // A no-break space is two bytes of a value, or one of Latin-1.
    ["a=\xa0\x85b", "a", "\xa0\x85b"],
    ["a=", "a", ""],
    ["a", "a", undefined],
    ["ab=1", "a", undefined],
    ["", "a", undefined],
  ];
  for (const [header, name, expected] of rows) {
    assertEquals(cookie(header, name), expected, header);
  }
});

Deno.test("variables have nginx's values", async () => {
  const names = [
    "args",
    "query_string",
    "is_args",
    "arg_x",
    "document_root",
    "document_uri",
    "uri",
    "host",
    "http_host",
    "http_user_agent",
    "http_x_y",
    "https",
    "remote_addr",
    "remote_user",
    "request",
    "request_filename",
    "request_method",
    "request_uri",
    "scheme",
    "server_addr",
    "server_name",
    "server_port",
    "server_protocol",
  ];
  const text = names.map((name) => `${name}=$${name}`).join("\n");
  const directives = `server_name own.example other; root site; ` +
    `return 200 "${text}";`;
  await withServer(directives, {}, async (_ask, { port, folder }) => {
    const raw = [
      "GET /%61/../b%20c?x=1&y HTTP/1.1",
      "Host: A.Example:99",
      "User-Agent: ua",
      "X-Y: one",
      "x-y: two",
      "",
      "",
    ].join("\r\n");
    const lines = (await ask(port, raw)).text.split("\n");
    assertEquals(lines, [
      "args=x=1&y",
      "query_string=x=1&y",
      "is_args=?",
      "arg_x=1",
      `document_root=${folder}/site`,
      "document_uri=/b c",
      "uri=/b c",
      "host=a.example",
      "http_host=A.Example:99",
      "http_user_agent=ua",
      "http_x_y=one, two",
      "https=",
      "remote_addr=127.0.0.1",
      "remote_user=",
      "request=GET /%61/../b%20c?x=1&y HTTP/1.1",
      `request_filename=${folder}/site/b c`,
      "request_method=GET",
      "request_uri=/%61/../b%20c?x=1&y",
      "scheme=http",
      "server_addr=127.0.0.1",
      "server_name=own.example",
      `server_port=${port}`,
      "server_protocol=HTTP/1.1",
    ]);
    const bare = (await ask(port, "GET / HTTP/1.0\r\n\r\n")).text.split("\n");
    assertEquals(bare[names.indexOf("host")], "host=own.example");
    assertEquals(bare[names.indexOf("http_host")], "http_host=");
    assertEquals(bare[names.indexOf("is_args")], "is_args=");
    assertEquals(bare.at(-1), "server_protocol=HTTP/1.0");
  });
});

Deno.test("what a client sent comes out as the bytes it sent", async () => {
  const directives = `
    server_name "ü.example";
    add_header X-Sent "ü|$arg_q|$http_x|$cookie_c|$uri|$args|$server_name";
    location /body/ { return 200 "€|$arg_q|$http_x|$cookie_c|$uri|$request"; }
    location /types/ { types { } default_type "text/ü"; return 200 x; }
    location /tokens/ { server_tokens "ü"; return 200 x; }
    location /trailer/ { add_trailer X-T "ü$arg_q"; return 200 x; }
    location /self/ { add_header X-Own "ä"; return 200 x;
      add_header X-Again $sent_http_x_own; }`;
  await withServer(directives, {}, async (ask, { port }) => {
    const fields = "X: \xc3\xa4\xfe\r\nCookie: a=1; c=\xc3\x9f\xfd\r\n";
    const { text, field } = await ask("/body/\xc3\xa4?q=\xc3\xb6\xff", fields);
    assertEquals(
      text,
      "\xe2\x82\xac|\xc3\xb6\xff|\xc3\xa4\xfe|\xc3\x9f\xfd|/body/\xc3\xa4|" +
        "GET /body/\xc3\xa4?q=\xc3\xb6\xff HTTP/1.1",
    );
    assertEquals(
      field("x-sent"),
      "\xc3\xbc|\xc3\xb6\xff|\xc3\xa4\xfe|\xc3\x9f\xfd|/body/\xc3\xa4|" +
        "q=\xc3\xb6\xff|\xc3\xbc.example",
    );
    const rows: [path: string, name: string, value: string][] = [
      ["/types/", "content-type", "text/\xc3\xbc; charset=utf-8"],
      ["/tokens/", "server", "\xc3\xbc"],
      ["/self/", "x-again", "\xc3\xa4"],
    ];
    for (const [path, name, value] of rows) {
      assertEquals((await ask(path)).field(name), value, path);
    }
    using client = await RawClient.connect(port);
    await client.send(
      "GET /trailer/?q=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    const trailer = textOf(await client.rest()).split("\r\n0\r\n")[1];
    assertEquals(trailer, "X-T: \xc3\xbc\xff\r\n\r\n");
  });
});

Deno.test("a variable of a field has all lines, and names with _ for -", async () => {
  const directives = `
    location /sent/ {
      add_header Cache-Control foo; add_header Cache-Control bar;
      add_header Link "</a>"; add_header Link "</b>"; add_header X-Own foo;
      add_header X-Sent "$sent_http_cache_control|$sent_http_link|$sent_http_x_none";
      return 200 x;
    }
    underscores_in_headers on;
    location / { return 200 "$http_x_y_z|$http_x|$http_user_agent"; }`;
  await withServer(directives, {}, async (ask) => {
    assertEquals((await ask("/sent/")).field("x-sent"), "foo, bar|</a>, </b>|");
    const rows: [fields: string, text: string][] = [
      ["X_Y_Z: 1\r\n", "1||"],
      ["x-y_z: 1\r\nX_Y-Z: 2\r\nX-Y-Z: 3\r\n", "1, 2, 3||"],
      ["X: 1\r\nX_: 2\r\n_X: 3\r\n", "|1|"],
      // What has a meaning of its own has one spelling.
      ["User_Agent: evil\r\n", "||"],
    ];
    for (const [fields, text] of rows) {
      assertEquals((await ask("/", fields)).text, text, fields);
    }
  });
});

Deno.test("conditions compare bytes with bytes", async () => {
  const directives = `
    if ($arg_q = "ü") { return 200 "query"; }
    if ($http_x = "ü") { return 200 "field"; }
    if ($cookie_c = "ü") { return 200 "cookie"; }
    if ($uri = "/ü") { return 200 "path"; }
    if ($arg_r ~ "^((?:ö)+)$") { return 200 "$1"; }
    if ($arg_s !~ "^(ö)*$") { return 200 "unlike"; }
    return 200 "none";`;
  await withServer(directives, {}, async (ask) => {
    const rows: [path: string, fields: string, text: string][] = [
      ["/?q=\xc3\xbc", "", "query"],
      ["/?q=\xc3\x83\xc2\xbc", "", "none"],
      ["/?q=\xfc", "", "none"],
      ["/", "X: \xc3\xbc\r\n", "field"],
      ["/", "Cookie: c=\xc3\xbc\r\n", "cookie"],
      ["/\xc3\xbc", "", "path"],
      ["/%c3%bc", "", "path"],
      ["/?r=\xc3\xb6\xc3\xb6", "", "\xc3\xb6\xc3\xb6"],
      ["/?s=\xb6", "", "unlike"],
    ];
    for (const [path, fields, text] of rows) {
      assertEquals((await ask(path, fields)).text, text, path + fields);
    }
  });
});

Deno.test("variables of the connection", async () => {
  const text = "$connection_time|$pipe|$nginx_version";
  await withServer(`return 200 "${text}";`, {}, async (_ask, { port }) => {
    const client = await RawClient.connect(port);
    const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    await client.send(request + request);
    const [first, second] = [await client.response(), await client.response()];
    await client.send(request);
    const third = await client.response();
    const rows = [[first, "."], [second, "p"], [third, "."]] as const;
    for (const [response, pipe] of rows) {
      const [time = "", ...rest] = response!.text.split("|");
      assertMatch(time, /^\d\.\d{3}$/);
      assertEquals(rest, [pipe, VERSION]);
    }
    client.close();
  });
});
