import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { read, request, serverOf } from "../../support/module_support.ts";

Deno.test("random_index stands in a location", () => {
  assertThrows(() => read("random_index on;"), ConfigError, "not allowed here");
});

Deno.test("random_index serves each file of the folder some time", async () => {
  await using server = serverOf(
    `location / { random_index on; }
     location /off/ { random_index off; }
     location /list/ { autoindex on; }`,
    {
      "r/a.txt": "a",
      "r/b b.html": "b",
      "r/index.html": "index",
      "r/.hidden": "hidden",
      "r/folder/in": "in",
      ".git/config": "secret",
      "empty/.hidden": "",
      "list/.hidden": "",
      "off/index.html": "index",
    },
  );
  const www = `${server.folder}/www`;
  Deno.symlinkSync("a.txt", `${www}/r/link.txt`);
  Deno.symlinkSync("nowhere", `${www}/r/broken`);
  Deno.symlinkSync("folder", `${www}/r/linked`);
  const seen = new Map<string, string>();
  for (let i = 0; i < 150; i++) {
    const response = await request(server, "/r/");
    assertEquals(response.status, 200);
    seen.set(response.text, response.field("content-type")!);
  }
  assertEquals([...seen.keys()].sort(), ["a", "b", "index"]);
  assertEquals(seen.get("b"), "text/html; charset=utf-8");
  assertEquals((await request(server, "/r/a.txt")).text, "a");
  assertEquals((await request(server, "/r")).status, 301);
  assertEquals((await request(server, "/off/")).text, "index");
  assertEquals((await request(server, "/empty/")).status, 403);
  assertEquals((await request(server, "/none/")).status, 404);
  assertEquals((await request(server, "/.git/")).status, 404);
  assertEquals((await request(server, "/r/a.txt/")).status, 404);
  assert((await request(server, "/list/")).text.startsWith("<html>"));
  const head = await request(server, "/r/", { method: "HEAD" });
  assertEquals(head.status, 200);
});
