/** What nginx is not asked about blocks of `if`: logs, trailers, defaults. */

import { assertEquals } from "@std/assert";
import { RawClient } from "../../support/raw_client.ts";
import { withServer } from "../../support/config_support.ts";

Deno.test("an if logs where it says, or nowhere", async () => {
  await withServer(
    `location / {
       access_log all.log;
       if ($arg_a = off) { access_log off; }
       if ($arg_a = own) { access_log own.log; }
       return 200 ok;
     }`,
    {},
    async (ask, server) => {
      for (const path of ["/1", "/2?a=off", "/3?a=own"]) await ask(path);
      await server.server.reopenLogs();
      const read = (name: string) =>
        [
          ...Deno.readTextFileSync(`${server.folder}/${name}`)
            .matchAll(/GET (\S+)/g),
        ].map(([, path]) => path);
      assertEquals(read("all.log"), ["/1"]);
      assertEquals(read("own.log"), ["/3?a=own"]);
    },
  );
});

Deno.test("an if has trailers of its own", async () => {
  await withServer(
    "root site; location / { if ($arg_a) { add_trailer X-Sum $arg_a; } }",
    { "site/a.txt": "a" },
    async (_ask, { port }) => {
      for (const [query, expected] of [["?a=7", true], ["", false]] as const) {
        using client = await RawClient.connect(port);
        await client.send(
          `GET /a.txt${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
        );
        const text = new TextDecoder().decode(await client.rest());
        assertEquals(text.endsWith("0\r\nX-Sum: 7\r\n\r\n"), expected);
      }
    },
  );
});

Deno.test("an if in an if is within all of them", async () => {
  await withServer(
    `root site;
     location / {
       if ($arg_a) {
         add_header X-A a;
         if ($arg_b) { add_header X-B b; }
       }
     }`,
    { "site/a.txt": "a" },
    async (ask) => {
      const rows: [string, string | undefined, string | undefined][] = [
        ["/a.txt", undefined, undefined],
        ["/a.txt?a=1", "a", undefined],
        ["/a.txt?b=1", undefined, undefined],
        ["/a.txt?a=1&b=1", undefined, "b"],
      ];
      for (const [path, a, b] of rows) {
        const response = await ask(path);
        assertEquals(
          [response.field("x-a"), response.field("x-b")],
          [a, b],
          path,
        );
      }
    },
  );
});

Deno.test("an if has what answers in its location", async () => {
  await withServer(
    `location /status { stub_status; if ($arg_a) { add_header X-A a; } }
     location /health { health; if ($arg_a) { add_header X-A a; } }
     location /metrics { metrics; if ($arg_a) { add_header X-A a; } }`,
    {},
    async (ask) => {
      for (const path of ["/status", "/health", "/metrics"]) {
        const response = await ask(`${path}?a=1`);
        assertEquals([response.status, response.field("x-a")], [200, "a"]);
      }
    },
  );
});
