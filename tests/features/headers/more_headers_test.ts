import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  read,
  request,
  serverOf,
  valuesOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["more_set_headers;", "invalid number of arguments"],
  ["more_set_headers -s;", "more_set_headers: option -s takes an argument"],
  ["more_set_headers -t;", "more_set_headers: option -t takes an argument"],
  ['more_set_headers -s "" "A: b";', "option -s has an empty argument"],
  ['more_set_headers -s 4xx "A: b";', 'invalid status "4xx"'],
  ['more_set_headers -s 4040 "A: b";', 'invalid status "4040"'],
  ['more_set_headers -x "A: b";', 'invalid option name: "-x"'],
  ['more_set_headers -r "A: b";', 'invalid option name: "-r"'],
  ['more_set_headers - "A: b";', 'invalid option name: "-"'],
  ['more_clear_headers -a "A";', 'invalid option name: "-a"'],
  ['more_set_input_headers -s 404 "A: b";', 'invalid option name: "-s"'],
  ['more_clear_input_headers -r "A";', 'invalid option name: "-r"'],
  ['more_clear_headers "*";', "more_clear_headers: wildcard key too short: *"],
  ['more_set_headers "";', 'invalid field name ""'],
  ['more_set_headers ": b";', 'invalid field name ""'],
  ['more_set_headers "A b: c";', 'invalid field name "A b"'],
  ['more_set_headers "A: $nope";', 'unknown "nope" variable'],
  ['more_set_headers "A: ${nope";', "the closing bracket in"],
  ['more_set_headers "A: b\rc";', 'invalid value of the field "A"'],
  ['more_set_headers "Content-Length: 5";', 'cannot set "content-length"'],
  ['more_set_headers "Transfer-Encoding: x";', "cannot set"],
  ['more_set_headers -a "Content-Type: text/css";', "does not go with"],
  ['more_set_headers "Server: x" -a;', 'does not go with "server"'],
  ['more_set_input_headers "Host: x";', 'cannot change "host"'],
  ['more_clear_input_headers "Content-Length";', "cannot change"],
  ['more_set_input_headers "X-*: v";', 'cannot set "x-*"'],
];

for (const [text, message] of BROKEN) {
  Deno.test(`headers-more refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

Deno.test("headers-more warns of what the server itself says", () => {
  const { warnings } = read(
    'more_set_headers "Date: x" "A: b";\nmore_clear_headers Content-Length;',
  );
  assertEquals(warnings, [
    '"more_set_headers Date" has no effect, ignored in x.conf:1',
    '"more_clear_headers Content-Length" has no effect, ignored in x.conf:2',
  ]);
});

/** What a location says, and the fields of its answer that begin with `x`. */
const LOCATIONS: [text: string, fields: string][] = [
  ['more_set_headers -s "404,200" "X: 1"; return 200;', "x: 1"],
  ['more_set_headers -s "404, 500" "X: 1"; return 200;', ""],
  ['more_set_headers -a "X: 1" "X: 2"; return 200;', "x: 1, x: 2"],
  ['more_set_headers -a "X: 1" "X: $arg_none"; return 200;', ""],
  ['more_set_headers "X: 1"; more_set_headers "X: 2"; return 200;', "x: 2"],
  ['more_clear_headers X; more_set_headers "X: 2"; return 200;', "x: 2"],
  ['more_set_headers "X: a\n  b"; return 200;', "x: a b"],
  ['more_set_headers "X-A: 1" "X-B: $arg_v"; return 404;', "x-a: 1, x-b: v"],
  ['more_set_headers "X-Q*: $arg_v"; return 404;', ""],
  ['more_set_headers "X: é"; return 200;', "x: Ã©"],
];

for (const [text, fields] of LOCATIONS) {
  Deno.test(`headers-more: ${JSON.stringify(text)}`, async () => {
    await using server = serverOf(text);
    const response = await request(server, "/?v=v");
    assertEquals(
      response.fields.filter(([name]) => name.startsWith("x"))
        .map((field) => field.join(": ")).join(", "),
      fields,
    );
  });
}

Deno.test("a 304 says what the 200 says, Server too", async () => {
  await using server = serverOf(
    'more_set_headers "Server: mine" "X: 1"; more_set_headers -s 304 "Y: 1";',
    { "a.txt": "text" },
  );
  const etag = (await request(server, "/a.txt")).field("etag");
  for (let round = 0; round < 2; round++) {
    const response = await request(server, "/a.txt", {
      fields: `If-None-Match: ${etag}\r\n`,
    });
    assertEquals(response.status, 304);
    assertEquals(valuesOf(response, "server"), ["mine"]);
    assertEquals(valuesOf(response, "x"), ["1"]);
    assertEquals(valuesOf(response, "y"), []);
  }
});

Deno.test("Vary of a coding stays whatever is cleared or set", async () => {
  for (
    const text of [
      "more_clear_headers Vary;",
      'more_clear_headers "v*"; more_set_headers "X: $arg_v";',
      'more_set_headers "Vary: Origin";',
    ]
  ) {
    await using server = serverOf(`gzip_static on; ${text}`, {
      "a.css": "p { }",
      "a.css.gz": "gz",
    });
    const response = await request(server, "/a.css", {
      fields: "Accept-Encoding: gzip\r\n",
    });
    assertEquals(response.text, "gz");
    assertEquals(
      valuesOf(response, "vary").includes("Accept-Encoding"),
      true,
    );
  }
});

Deno.test("a value that would break the line is an error", async () => {
  await using server = serverOf(
    'location / { more_set_headers "X: $uri"; return 200; }',
  );
  assertEquals((await request(server, "/a%0Ab")).status, 500);
  assertEquals((await request(server, "/a")).field("x"), "/a");
});

Deno.test("fields of requests are read as the site wants them", async () => {
  await using server = serverOf(
    `location / {
       more_set_input_headers "X-In: $arg_v" "Referer: r";
       more_clear_input_headers "Accept-*";
       gzip on; gzip_min_length 0; gzip_types text/plain;
       add_header X-Seen "$http_x_in|$http_referer|$http_accept_language";
       error_page 404 /page.txt;
     }`,
    { "a.txt": "text", "page.txt": "page" },
  );
  const fields = "Accept-Encoding: gzip\r\nAccept-Language: de\r\nX-In: a\r\n";
  const response = await request(server, "/a.txt?v=b", { fields });
  assertEquals(response.field("x-seen"), "b|r|");
  assertEquals(response.field("content-encoding"), undefined);
  assertEquals(response.text, "text");
  const page = await request(server, "/none?v=c", { fields });
  assertEquals(page.text, "page");
});

Deno.test("the body of a request whose fields were changed is still read", async () => {
  await using server = serverOf(
    'more_set_input_headers "X-In: a"; location / { return 200 "$http_x_in"; }',
  );
  const response = await request(server, "/", {
    method: "POST",
    fields: "Content-Length: 4\r\n\r\nbody",
  });
  assertEquals(response.status, 200);
});
