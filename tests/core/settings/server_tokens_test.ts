import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { VERSION } from "../../../src/version.ts";
import { RawClient } from "../../support/raw_client.ts";
import {
  read,
  request,
  serverOf,
  valuesOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["server_tokens;", "invalid number of arguments"],
  ['server_tokens "a\nb";', "invalid value"],
  ["server_tokens $host;", "variables"],
];

for (const [text, message] of BROKEN) {
  Deno.test(`server_tokens refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

Deno.test("server_tokens is what Server and error pages say", async () => {
  await using server = serverOf(
    `location /off/ { server_tokens off; }
     location /on/ { server_tokens on; }
     location /build/ { server_tokens build; }
     location /text/ { server_tokens "Tea <Pot>/1 Date: x"; }
     location /none/ { server_tokens ""; }`,
    Object.fromEntries(
      ["off", "on", "build", "text", "none", "default"].map((name) =>
        [`${name}/a`, "x"] as const
      ),
    ),
  );
  const rows: [folder: string, header: string | undefined, page: string][] = [
    ["default", `webserv/${VERSION}`, `<p>webserv/${VERSION}</p>`],
    ["on", `webserv/${VERSION}`, `<p>webserv/${VERSION}</p>`],
    ["off", "webserv", "<p>webserv</p>"],
    ["text", "Tea <Pot>/1 Date: x", "<p>Tea &lt;Pot&gt;/1 Date: x</p>"],
    ["none", undefined, ""],
    [
      "build",
      `webserv/${VERSION} (deno/${Deno.version.deno})`,
      `<p>webserv/${VERSION} (deno/${Deno.version.deno})</p>`,
    ],
  ];
  for (const [folder, header, page] of rows) {
    const expected = header === undefined ? [] : [header];
    const found = await request(server, `/${folder}/a`);
    assertEquals(valuesOf(found, "server"), expected);
    const missing = await request(server, `/${folder}/missing`);
    assertEquals(missing.status, 404);
    assertEquals(valuesOf(missing, "server"), expected);
    assertEquals(missing.text.includes("<p>"), page !== "");
    assert(missing.text.includes(page), missing.text);
  }
});

Deno.test("server_tokens may look like a date and not be patched as one", async () => {
  await using server = serverOf('server_tokens "ü Date: x";', { a: "x" });
  using client = await RawClient.connect(server.port);
  for (let i = 0; i < 2; i++) {
    await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const response = (await client.response())!;
    assertEquals(response.field("server"), "\xc3\xbc Date: x");
    assert(/^\w{3}, \d\d /.test(response.field("date")!));
    assertEquals(response.text, "x");
    await new Promise((resolve) => setTimeout(resolve, 1050));
  }
});

Deno.test("server_tokens of the server is for requests that are refused", async () => {
  await using server = serverOf("server_tokens off;");
  using client = await RawClient.connect(server.port);
  await client.send("BROKEN\r\n\r\n");
  const response = (await client.response())!;
  assertEquals(response.status, 400);
  assertEquals(response.field("server"), "webserv");
});
