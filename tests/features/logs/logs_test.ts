import { assertEquals, assertMatch } from "@std/assert";
import { RawClient } from "../../support/raw_client.ts";
import { ServerProcess } from "../../support/server_process.ts";

Deno.test("a request is logged though a variable of the log has no value", async () => {
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log;
      http {
        map $b $a { default $b; }
        map $a $b { default $a; }
        log_format own "$uri [$a]";
        access_log logs/access.log own if=$b;
        server { listen 127.0.0.1:0; location / { return 204; } }
      }`,
    files: {},
  });
  const client = await RawClient.connect(server.port);
  for (const path of ["/x", "/y"]) {
    await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assertEquals((await client.response())?.status, 204);
  }
  client.close();
  await server.stop();
  const read = (name: string) =>
    Deno.readTextFileSync(server.path(`logs/${name}.log`));
  assertEquals(read("access"), "/x [-]\n/y [-]\n");
  assertMatch(
    read("error"),
    /cycle while evaluating variable "b" while logging request, client: /,
  );
});
