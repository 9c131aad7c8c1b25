import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  read,
  request,
  serverOf,
  valuesOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["add_header X;", "invalid number of arguments"],
  ["add_header X y always z;", "invalid number of arguments"],
  ["add_header X y sometimes;", 'invalid parameter "sometimes"'],
  ['add_header "X Y" z;', 'invalid field name "X Y"'],
  ['add_header "" z;', 'invalid field name ""'],
  ['add_header X: "z";', 'invalid field name "X:"'],
  ['add_header X "a\rb";', 'invalid value of the field "X"'],
  ["add_header X $nosuch;", 'unknown "nosuch" variable'],
];

for (const [text, message] of BROKEN) {
  Deno.test(`add_header refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

const IGNORED: [text: string, warning: string][] = [
  [
    "add_header Server x;",
    '"add_header Server" has no effect, use "server_tokens" or "more_set_headers", ignored in x.conf:1',
  ],
  [
    "add_header connection close;",
    '"add_header connection" has no effect, ignored in x.conf:1',
  ],
  [
    "add_header Content-Length 5;",
    '"add_header Content-Length" has no effect, ignored: the server itself ' +
    "says where a message ends in x.conf:1",
  ],
  [
    "add_header transfer-encoding chunked;",
    '"add_header transfer-encoding" has no effect, ignored: the server ' +
    "itself says where a message ends in x.conf:1",
  ],
  [
    "add_header Date x;",
    '"add_header Date" has no effect, ignored in x.conf:1',
  ],
];

for (const [text, warning] of IGNORED) {
  Deno.test(`add_header warns of ${text}`, () => {
    assertEquals(read(text).warnings, [warning]);
  });
}

Deno.test("a value on several lines is sent on one, and warned of", async () => {
  const line = `the value of the field "X" is sent without its line breaks`;
  const rows: [written: string, sent: string | undefined][] = [
    ["a\nb", "a b"],
    [
      "default-src 'self';  \n    img-src *;\r\n\t",
      "default-src 'self'; img-src *;",
    ],
    ["\n", undefined],
    ["a\n$arg_x\nb", "a  b"],
  ];
  for (const [written, sent] of rows) {
    const text = `add_header X "${written}";`;
    assertEquals(read(text).warnings, [`${line} in x.conf:1`]);
    await using server = serverOf(`${text} return 200;`);
    assertEquals((await request(server, "/")).field("x"), sent);
  }
});

Deno.test("add_header adds to nginx's statuses, or always", async () => {
  const statuses = [
    [200, true],
    [201, true],
    [204, true],
    [206, true],
    [301, true],
    [302, true],
    [303, true],
    [307, true],
    [308, true],
    [202, false],
    [400, false],
    [403, false],
    [404, false],
    [500, false],
    [503, false],
  ] as const;
  await using server = serverOf(
    `add_header X-Usual u; add_header X-Always a always;` +
      statuses.map(([status]) => `location =/${status} { return ${status} x; }`)
        .join(""),
  );
  for (const [status, usual] of statuses) {
    const response = await request(server, `/${status}`);
    assertEquals(response.status, status);
    assertEquals(response.field("x-usual"), usual ? "u" : undefined);
    assertEquals(response.field("x-always"), "a");
  }
  assertEquals((await request(server, "/missing")).field("x-always"), "a");
  assertEquals((await request(server, "/missing")).field("x-usual"), undefined);
});

Deno.test("add_header is inherited as a whole or not at all", async () => {
  await using server = serverOf(
    `add_header X-A 1; add_header X-B 2;
     location /same/ { }
     location /other/ { add_header X-C 3; location /other/in/ { } }`,
    { "same/a": "", "other/a": "", "other/in/a": "" },
  );
  const rows: [path: string, ...values: (string | undefined)[]][] = [
    ["/same/a", "1", "2", undefined],
    ["/other/a", undefined, undefined, "3"],
    ["/other/in/a", undefined, undefined, "3"],
  ];
  for (const [path, ...expected] of rows) {
    const response = await request(server, path);
    const found = ["x-a", "x-b", "x-c"].map((name) => response.field(name));
    assertEquals(found, expected);
  }
});

Deno.test("add_header keeps order and repetition", async () => {
  await using server = serverOf(
    "add_header Link a; add_header X 1; add_header Link b;",
    { a: "" },
  );
  for (let repeated = 0; repeated < 3; repeated++) {
    const response = await request(server, "/a");
    assertEquals(valuesOf(response, "link"), ["a", "b"]);
    assertEquals(valuesOf(response, "x"), ["1"]);
  }
});

Deno.test("add_header evaluates variables for each request", async () => {
  await using server = serverOf(
    `add_header X-Query "<$arg_q>" always; add_header X-Status $status always;
     add_header X-Type $sent_http_content_type always;
     add_header X-Empty $arg_none always; add_header X-Const c;`,
    { "a.txt": "a" },
  );
  for (const query of ["1", "2"]) {
    const response = await request(server, `/a.txt?q=${query}`);
    assertEquals(response.field("x-query"), `<${query}>`);
    assertEquals(response.field("x-status"), "200");
    assertEquals(response.field("x-type"), "text/plain");
    assertEquals(response.field("x-empty"), undefined);
    assertEquals(response.field("x-const"), "c");
    assertEquals(response.text, "a");
  }
  const missing = await request(server, "/missing");
  assertEquals(missing.field("x-status"), "404");
  assertEquals(missing.field("x-const"), undefined);
});

Deno.test("add_header never splits a response", async () => {
  await using server = serverOf("add_header X $uri always;", { "a": "" });
  const response = await request(server, "/a%0d%0aSet-Cookie:%20x");
  assertEquals(response.status, 404);
  assertEquals(response.field("set-cookie"), undefined);
  assertEquals(response.field("x"), undefined);
});

Deno.test("add_header takes the place of a field there is one of", async () => {
  await using server = serverOf(
    `location /type/ { add_header Content-Type application/x-mine; }
     location /none/ { add_header Last-Modified ""; add_header ETag ""; }
     location /own/ { add_header ETag '"mine"'; expires 1h; }
     location /expires/ {
       expires 1h; add_header Expires never; add_header Cache-Control public;
     }
     location /daily/ { expires @1h; add_header Expires never; }`,
    {
      "type/a.txt": "",
      "none/a": "",
      "own/a": "a",
      "expires/a": "",
      "daily/a": "",
    },
  );
  const type = await request(server, "/type/a.txt");
  assertEquals(valuesOf(type, "content-type"), ["application/x-mine"]);
  const none = await request(server, "/none/a");
  assertEquals(none.field("last-modified"), undefined);
  assertEquals(none.field("etag"), undefined);
  const own = await request(server, "/own/a");
  assertEquals(valuesOf(own, "etag"), ['"mine"']);
  const match = await request(server, "/own/a", {
    fields: 'If-None-Match: "mine"\r\n',
  });
  assertEquals(match.status, 304);
  assertEquals(valuesOf(match, "etag"), ['"mine"']);
  const expires = await request(server, "/expires/a");
  assertEquals(valuesOf(expires, "expires"), ["never"]);
  assertEquals(valuesOf(expires, "cache-control"), ["max-age=3600", "public"]);
  const daily = await request(server, "/daily/a");
  assertEquals(valuesOf(daily, "expires"), ["never"]);
});

Deno.test("add_header of a page is not said twice when it stands for an error", async () => {
  await using server = serverOf(
    `error_page 404 /page.html; add_header X 1; add_header Y 2 always;`,
    { "page.html": "page" },
  );
  for (const path of ["/page.html", "/missing", "/page.html", "/missing"]) {
    const response = await request(server, path);
    const isPage = path === "/page.html";
    assertEquals(response.status, isPage ? 200 : 404);
    assertEquals(response.text, "page");
    assertEquals(valuesOf(response, "x"), isPage ? ["1"] : []);
    assertEquals(valuesOf(response, "y"), ["2"]);
  }
});
