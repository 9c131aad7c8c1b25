import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { RawClient } from "../../support/raw_client.ts";
import {
  read,
  request,
  requestText,
  serverOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["add_before_body;", "invalid number of arguments"],
  ["add_after_body /a /b;", "invalid number of arguments"],
  ["add_after_body /a; add_after_body /b;", "is duplicate"],
  ["addition_types;", "invalid number of arguments"],
  [
    "server { location / { if ($uri) { add_after_body /a; } } }",
    "is not allowed here",
  ],
];

for (const [text, message] of BROKEN) {
  Deno.test(`addition refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

Deno.test("parts are found by the client's request, and end with it", async () => {
  await using site = serverOf(
    `add_before_body /says; add_after_body /says;
     location = /says {
       add_header X-Part said;
       return 200 "[$http_range|$request_id|$http_user_agent]";
     }`,
    { "a.html": "page" },
  );
  const { text, fields } = await request(site, "/a.html", {
    fields: "Range: bytes=0-1\r\nUser-Agent: me\r\n",
  });
  const [, before, after] = /^\[\|(\w{32})\|me\]page\[\|(\w{32})\|me\]$/
    .exec(text)!;
  assertEquals(before, after);
  assertEquals(fields.some(([name]) => name === "x-part"), false);
});

Deno.test("a client that leaves has nothing opened for it any more", async () => {
  await using site = serverOf("add_after_body /large.bin;", {
    "a.html": "page",
    "large.bin": new Uint8Array(8 * 1024 * 1024),
  });
  {
    using client = await RawClient.connect(site.port);
    await client.send(requestText("/a.html"));
    await client.readSome(1000);
  }
  const { text } = await request(site, "/none.html");
  assertStringIncludes(text, "404");
});
