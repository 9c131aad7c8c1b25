import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import type { InProcessServer } from "../../support/in_process_server.ts";
import { RawClient } from "../../support/raw_client.ts";
import {
  read,
  request,
  type RequestOptions,
  requestText,
  serverOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["add_trailer X;", "invalid number of arguments"],
  ["add_trailer X y sometimes;", "invalid parameter"],
  ['add_trailer "X Y" z;', "invalid field name"],
  ["add_trailer Content-Length 5;", "must not stand in a trailer"],
  ["add_trailer TRANSFER-ENCODING x;", "must not stand in a trailer"],
  ["add_trailer Trailer x;", "must not stand in a trailer"],
];

for (const [text, message] of BROKEN) {
  Deno.test(`add_trailer refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

/** The head and what follows it, as they came. */
async function raw(
  server: InProcessServer,
  target: string,
  options: RequestOptions = {},
): Promise<{ head: string; rest: string }> {
  using client = await RawClient.connect(server.port);
  await client.send(requestText(target, options));
  const text = new TextDecoder("latin1").decode(await client.rest());
  const end = text.indexOf("\r\n\r\n") + 4;
  return { head: text.slice(0, end).toLowerCase(), rest: text.slice(end) };
}

Deno.test("add_trailer adds fields behind a chunked body", async () => {
  const large = "x".repeat(1_500_000);
  await using server = serverOf(
    `add_trailer X-Sent $body_bytes_sent; add_trailer X-Status $status always;
     add_trailer X-Empty $arg_none; add_trailer X-Uri $uri;
     location =/202 { return 202 text; }
     location =/204 { return 204; }
     location =/none { add_trailer X y; return 202 text; }`,
    { "a.txt": "abc", "large.txt": large },
  );
  for (let repeated = 0; repeated < 2; repeated++) {
    const { head, rest } = await raw(server, "/a.txt");
    assert(head.includes("\r\ntransfer-encoding: chunked\r\n"));
    assert(!head.includes("content-length"));
    assert(head.includes("\r\ntrailer: x-sent\r\ntrailer: x-status\r\n"));
    assertEquals(
      rest,
      "3\r\nabc\r\n0\r\nX-Sent: 3\r\nX-Status: 200\r\nX-Uri: /a.txt\r\n\r\n",
    );
  }
  const part = await raw(server, "/a.txt", { fields: "Range: bytes=1-1\r\n" });
  assertEquals(
    part.rest,
    "1\r\nb\r\n0\r\nX-Sent: 1\r\nX-Status: 206\r\nX-Uri: /a.txt\r\n\r\n",
  );
  const whole = await raw(server, "/large.txt");
  assert(whole.rest.endsWith(
    "\r\n0\r\nX-Sent: 1500000\r\nX-Status: 200\r\nX-Uri: /large.txt\r\n\r\n",
  ));
  const other = await raw(server, "/202");
  assertEquals(other.rest, "4\r\ntext\r\n0\r\nX-Status: 202\r\n\r\n");
  const none = await raw(server, "/none");
  assert(none.head.includes("content-length: 4"));
  assertEquals(none.rest, "text");
  const missing = await raw(server, "/missing");
  assert(missing.rest.endsWith("\r\n0\r\nX-Status: 404\r\n\r\n"));
});

Deno.test("add_trailer leaves alone what has no place for trailers", async () => {
  await using server = serverOf(
    "add_trailer X y always; location =/204 { return 204; }",
    { "a.txt": "abc" },
  );
  const old = await request(server, "/a.txt", { minorVersion: 0 });
  assertEquals(old.field("content-length"), "3");
  assertEquals(old.field("trailer"), undefined);
  const head = await request(server, "/a.txt", { method: "HEAD" });
  assertEquals(head.field("content-length"), "3");
  const empty = await request(server, "/204");
  assertEquals(empty.status, 204);
  assertEquals(empty.field("trailer"), undefined);
  const etag = head.field("etag");
  const same = await raw(server, "/a.txt", {
    fields: `If-None-Match: ${etag}\r\n`,
  });
  assert(same.head.startsWith("http/1.1 304 "));
  assertEquals(same.rest, "");
});

Deno.test("add_trailer drops a value that would split the response", async () => {
  await using server = serverOf("add_trailer X $uri always;");
  const { rest } = await raw(server, "/a%0d%0aSet-Cookie:%20x");
  assert(rest.endsWith("\r\n0\r\n\r\n"), rest);
  assert(!rest.includes("Set-Cookie"));
});

Deno.test("add_trailer sends a folded value on one line", async () => {
  await using server = serverOf("add_trailer X $uri always;");
  const { rest } = await raw(server, "/a%0d%0a%20Set-Cookie:%20x");
  assert(rest.endsWith("\r\n0\r\nX: /a Set-Cookie: x\r\n\r\n"), rest);
});

Deno.test("add_trailer keeps the connection in step", async () => {
  await using server = serverOf("add_trailer X y;", { "a.txt": "abc" });
  using client = await RawClient.connect(server.port);
  const one = "GET /a.txt HTTP/1.1\r\nHost: a\r\n";
  await client.send(`${one}\r\n${one}Connection: close\r\n\r\n`);
  const text = new TextDecoder("latin1").decode(await client.rest());
  assertEquals(text.split("3\r\nabc\r\n0\r\nX: y\r\n\r\n").length, 3);
});
