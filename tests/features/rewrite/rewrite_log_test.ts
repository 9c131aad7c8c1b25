import { assertEquals } from "@std/assert";
import { RawClient } from "../../support/raw_client.ts";
import { ServerProcess } from "../../support/server_process.ts";

Deno.test("rewrite_log says what each rewrite and if comes to", async () => {
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log notice;
      http {
        access_log off;
        rewrite_log on;
        server {
          listen 127.0.0.1:0;
          location /a/ {
            rewrite ^/x /y;
            if ($arg_if ~* "^Q$") { rewrite ^/a/(.*)$ /to/$1?b=$arg_if? redirect; }
            rewrite ^/a/(.*)$ /b/$1?c=1 last;
          }
          location / { return 204; }
        }
      }`,
    files: {},
  });
  const client = await RawClient.connect(server.port);
  for (const target of ["/a/%09?z", "/a/1?if=q"]) {
    await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.response();
  }
  client.close();
  await server.stop();
  const lines = Deno.readTextFileSync(server.path("logs/error.log"))
    .split("\n")
    .map((line) => /\[notice\] \S+ \*\d+ (.*), client: /.exec(line)?.[1])
    .filter((line) => line !== undefined);
  assertEquals(lines, [
    '"^/x" does not match "/a/\\x09"',
    '"^Q$" does not match ""',
    '"^/a/(.*)$" matches "/a/\\x09"',
    'rewritten data: "/b/\\x09", args: "c=1&z"',
    '"^/x" does not match "/a/1"',
    '"^Q$" matches "q"',
    '"^/a/(.*)$" matches "/a/1"',
    'rewritten redirect: "/to/1?b=q"',
  ]);
});
