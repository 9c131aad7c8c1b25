/** What the network has to be for certificates: the authority alone. */

import { assert } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { hasPebble, Pebble } from "../support/pebble.ts";
import { eventually, writeFiles } from "../support/server_process.ts";

const MAIN = fromFileUrl(new URL("../../src/main.ts", import.meta.url));

Deno.test({
  name: "the network to the authority and the addresses is enough, and " +
    "without it the authority is not reached",
  ignore: !hasPebble(),
  async fn() {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    const own = `127.0.0.1:${http},127.0.0.1:${https}`;
    const authority = new URL(pebble.origin).host;
    const rows: [net: string, told: string][] = [
      [own, 'cannot be reached: Requires net access to "localhost'],
      [`${own},${authority}`, "has issued a certificate for a.test"],
    ];
    for (const [net, told] of rows) {
      const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
      writeFiles(folder, {
        "webserv.conf": `pid x.pid; error_log stderr notice; http {
          acme_issuer a { uri ${pebble.directory}; accept_terms_of_service;
            ssl_trusted_certificate ${pebble.rootFile}; state_path state; }
          server { listen 127.0.0.1:${https} ssl; server_name a.test;
            acme_certificate a; ssl_certificate $acme_certificate;
            ssl_certificate_key $acme_certificate_key; }
          server { listen 127.0.0.1:${http}; return 404; }
        }`,
      });
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-check", "--no-prompt", "--allow-read"],
          ...[`--allow-write=${folder}`, `--allow-net=${net}`],
          ...[MAIN, "-p", folder],
        ],
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      let said = "";
      const reading = (async () => {
        const text = child.stderr.pipeThrough(new TextDecoderStream());
        for await (const part of text) said += part;
      })();
      try {
        await eventually(() => said.includes(told), told, 20_000);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${said}`);
      } finally {
        child.kill("SIGKILL");
        await child.status;
        await reading;
      }
      assert(!said.includes("[emerg]"), said);
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
