/** `webserv DIR --tls`, as it is started on a laptop. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { freePort } from "../support/free_ports.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
} from "../support/server_process.ts";

const FILES = { "www/index.html": "hello\n" };

/** Asks for the page, with that certificate alone as trusted. */
async function fetchPage(
  server: ServerProcess,
  port: number,
  host: string,
): Promise<string> {
  const cert = server.read("state/self-made.pem")
    .replace(/-----BEGIN PRIVATE KEY-----[^]*/, "");
  using client = Deno.createHttpClient({ caCerts: [cert] });
  const response = await fetch(`https://${host}:${port}/`, { client });
  return await response.text();
}

function start(port: number, from?: ServerProcess): Promise<ServerProcess> {
  return ServerProcess.start({
    config: "",
    files: {
      ...FILES,
      ...(from && {
        "state/self-made.pem": from.read("state/self-made.pem"),
      }),
    },
    args: ["www", "--tls", "-l", String(port), "--state", "state"],
  });
}

Deno.test("webserv DIR --tls serves https with a certificate that is kept", async () => {
  const port = freePort();
  let fingerprint = "";
  await using first = await start(port);
  for (const host of ["localhost", "127.0.0.1"]) {
    assertEquals(await fetchPage(first, port, host), "hello\n", host);
  }
  const pem = first.read("state/self-made.pem");
  fingerprint = new X509Certificate(pem).fingerprint256;
  assert(first.stdout.includes(`https://localhost:${port}/  serves`));
  assert(first.stdout.includes(`SHA-256 ${fingerprint}`), first.stdout);
  // A signal makes it anew where it is gone, and serves it.
  Deno.removeSync(first.path("state/self-made.pem"));
  first.signal("SIGHUP");
  await eventually(
    () => first.stderr.includes("configuration reloaded"),
    "a reload",
  );
  const other = first.read("state/self-made.pem");
  assert(other !== pem);
  assertEquals(await fetchPage(first, port, "localhost"), "hello\n");
  Deno.writeTextFileSync(first.path("state/self-made.pem"), pem);
  await first.stop();
  await using second = await start(port, first);
  assertEquals(await fetchPage(second, port, "localhost"), "hello\n");
  assertEquals(second.read("state/self-made.pem"), pem);
});

Deno.test("webserv -t DIR --tls makes nothing that stays", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const words = ["--tls", "--state", `${folder}/state`];
  const test = await runProgram([...words, "-t", folder]);
  assertEquals(test.code, 0, test.stderr);
  const dump = await runProgram([...words, "-T", folder]);
  assert(
    dump.stdout.includes(`ssl_certificate ${folder}/state/self-made.pem;`),
    dump.stdout,
  );
  assertEquals([...Deno.readDirSync(folder)].length, 0);
  const file = `${folder}/file`;
  Deno.writeTextFileSync(file, "");
  const unkept = ["--tls", "--state", `${file}/state`, folder];
  const failed = await runProgram(["-t", ...unkept]);
  assertEquals(failed.code, 1);
  assertMatch(failed.stderr, /cannot be kept at "\S+" \(20: Not a directory\)/);
  Deno.removeSync(file);
  const wrong = await runProgram([...words, `${folder}/missing`]);
  assertEquals(
    wrong.stderr,
    `webserv: there is no folder "${folder}/missing"\n`,
  );
  assertEquals([...Deno.readDirSync(folder)].length, 0);
  Deno.removeSync(folder, { recursive: true });
});
