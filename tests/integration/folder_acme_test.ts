/** `webserv DIR -d name`, with an authority that is Pebble. */

import { assert, assertEquals } from "@std/assert";
import { hasPebble, Pebble } from "../support/pebble.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
} from "../support/server_process.ts";
import { ask } from "../support/raw_client.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

/** How long an authority may take, in ms. */
const ISSUE_MS = 30_000;

/** The page under `name`, with the authority's root alone as trusted. */
async function fetchPage(
  name: string,
  port: number,
  root: string,
): Promise<string> {
  using tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  using conn = await Deno.startTls(tcp, { hostname: name, caCerts: [root] });
  const text = `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
  await conn.write(new TextEncoder().encode(text));
  return await new Response(conn.readable).text();
}

Deno.test({
  name: "webserv DIR -d gets a certificate, serves, redirects, and keeps it",
  ignore: IS_MISSING,
  async fn() {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    const state = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const args = [
      ...["www", "-d", "Example.org,www.example.org", "--state", state],
      ...["--issuer", pebble.directory, "--issuer-ca", pebble.rootFile],
      ...["-l", String(https), "--http", String(http)],
    ];
    const options = { config: "", files: { "www/index.html": "hello" }, args };
    const orders = () => pebble.output.match(/POST \/order-plz/g)?.length ?? 0;
    {
      await using server = await ServerProcess.start(options);
      assert(server.stdout.includes("  https://www.example.org/  as soon"));
      await eventually(
        () => /has issued a certificate/.test(server.stderr),
        "a certificate is issued",
        ISSUE_MS,
      );
      const root = await pebble.root();
      for (const name of ["example.org", "www.example.org"]) {
        const page = await fetchPage(name, https, root);
        assert(page.endsWith("\r\n\r\nhello"), page);
        const request = `GET /a%20b?c HTTP/1.1\r\nHost: ${name}\r\n` +
          "Connection: close\r\n\r\n";
        const answer = await ask(http, request);
        assertEquals(
          [answer.status, answer.field("location")],
          [301, `https://${name}/a%20b?c`],
        );
      }
      assertEquals(orders(), 1);
    }
    {
      await using _server = await ServerProcess.start(options);
      // At once, by what is kept.
      const page = await fetchPage("example.org", https, await pebble.root());
      assert(page.endsWith("\r\n\r\nhello"), page);
      assertEquals(orders(), 1);
    }
    Deno.removeSync(state, { recursive: true });
  },
});

Deno.test("webserv -T DIR -d prints what serves it, and makes nothing", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const words = ["-d", "example.org", "--state", `${folder}/state`];
  const dump = await runProgram(["-T", folder, ...words]);
  assertEquals(dump.code, 0, dump.stderr);
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, dump.stdout);
  const test = await runProgram(["-t", "-p", folder, "-c", file]);
  assertEquals(test.code, 0, test.stderr);
  assertEquals([...Deno.readDirSync(folder)].length, 0);
  Deno.removeSync(file);
  Deno.removeSync(folder, { recursive: true });
});
