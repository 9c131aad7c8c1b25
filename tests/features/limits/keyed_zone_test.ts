import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { request } from "../../support/module_support.ts";
import { runProgram } from "../../support/server_process.ts";

/** The status of a request of key `k`. */
async function statusOf(server: InProcessServer, k: string): Promise<number> {
  return (await request(server, `/a?k=${k}`)).status;
}

function configOf(zone: string): string {
  return `access_log off; limit_req_zone ${zone};
    server { listen 127.0.0.1:0; root site; limit_req zone=one; }`;
}

function serverWith(zone: string): InProcessServer {
  return new InProcessServer({
    config: configOf(zone),
    files: { "site/a": "a" },
  });
}

Deno.test("a zone that nothing declares, or for something else, is an error", () => {
  const rows: [http: string, server: string, message: string][] = [
    ["", "limit_req zone=x;", 'zero size shared memory zone "x"'],
    ["", "limit_conn x 1;", 'zero size shared memory zone "x"'],
    [
      "limit_conn_zone $host zone=x:1m;",
      "limit_req zone=x;",
      'the shared memory zone "x" is already declared for a different use',
    ],
    [
      "limit_req_zone $host zone=x:1m rate=1r/s;",
      "location / { limit_conn x 1; }",
      'the shared memory zone "x" is already declared for a different use',
    ],
  ];
  for (const [http, server, message] of rows) {
    const config = `${http} server { listen 127.0.0.1:0; ${server} }`;
    const error = assertThrows(
      () => new InProcessServer({ config }),
      ConfigError,
      message,
    );
    assert(error.message.includes("webserv.conf:1"), error.message);
  }
});

Deno.test("a zone whose declaration is wrong is one mistake, not two", async () => {
  const file = Deno.makeTempFileSync({ suffix: ".conf" });
  Deno.writeTextFileSync(
    file,
    `limit_req_zone $host zone=x:1k rate=1r/s;
    server { listen 127.0.0.1:0; limit_req zone=x; limit_conn y 1; }`,
  );
  const { stderr } = await runProgram(["-t", "-c", file]);
  Deno.removeSync(file);
  assertEquals([...stderr.matchAll(/\[emerg\] (.*) in /g)].map(([, m]) => m), [
    'zone "zone=x:1k" is too small',
    'zero size shared memory zone "y"',
  ]);
});

Deno.test("a zone is empty at first", async () => {
  await using server = serverWith("$arg_k zone=one:32k rate=1r/m");
  assertEquals(await statusOf(server, "1"), 200);
  assertEquals(await statusOf(server, "1"), 503);
  assertEquals(await statusOf(server, "2"), 200);
});
