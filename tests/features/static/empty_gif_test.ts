import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { read, request, serverOf } from "../../support/module_support.ts";

/** As nginx 1.22.1 sends it. */
const GIF = "47494638396101000100800100000000ffffff21f904010000010" +
  "02c00000000010001000002024c01003b";

Deno.test("empty_gif stands in a location, alone", () => {
  assertThrows(() => read("empty_gif;"), ConfigError, "not allowed here");
  assertThrows(
    () => read("server { location / { empty_gif on; } }"),
    ConfigError,
    "invalid number of arguments",
  );
});

Deno.test("empty_gif may be said twice, as in nginx", () => {
  read("server { location / { empty_gif; empty_gif; } }");
});

Deno.test("empty_gif answers with one pixel", async () => {
  await using server = serverOf(
    "location /e { empty_gif; expires max; location /e/in/ { } }",
    { "e/in/a.txt": "a" },
  );
  for (const path of ["/e", "/e/", "/e/x.gif?y"]) {
    const response = await request(server, path);
    assertEquals(response.status, 200);
    assertEquals(response.body.toHex(), GIF);
    assertEquals(response.field("content-type"), "image/gif");
    assertEquals(
      response.field("last-modified"),
      "Mon, 28 Sep 1970 06:00:00 GMT",
    );
    assertEquals(response.field("cache-control"), "max-age=315360000");
  }
  const head = await request(server, "/e", { method: "HEAD" });
  assertEquals(head.field("content-length"), "43");
  const since = await request(server, "/e", {
    fields: "If-Modified-Since: Mon, 28 Sep 1970 06:00:00 GMT\r\n",
  });
  assertEquals(since.status, 304);
  const post = await request(server, "/e", {
    method: "POST",
    fields: "Content-Length: 0\r\n",
  });
  assertEquals(post.status, 405);
  assertEquals((await request(server, "/e/in/a.txt")).text, "a");
});
