/** What nobody may read of certificates, wherever people and machines look. */

import { assert, assertEquals } from "@std/assert";
import { AcmeServer } from "../support/acme_server.ts";
import { hasPebble } from "../support/pebble.ts";
import { get } from "../support/raw_client.ts";
import { runProgram } from "../support/server_process.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

/** The key of an account elsewhere. */
const SHARED =
  "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

/** Pieces of a secret by which it would be found, also when it is cut off. */
function piecesOf(secret: string): string[] {
  return secret.replace(/-----[A-Z ]+-----/g, "").match(/[\w+/=-]{24,}/g) ?? [];
}

/** The private keys in a text. */
function keysIn(text: string): string {
  return text.replaceAll(/-----BEGIN CERT[^]*?-----END CERT.*/g, "");
}

Deno.test({
  name: "keys, answers to challenges and shared secrets are in no log, no " +
    "page, no metric and no message",
  ignore: IS_MISSING,
  async fn() {
    const answers: string[] = [];
    const told: [where: string, text: string][] = [];
    await using both = await AcmeServer.start({
      servers: ["a.test", "b.test| key=rsa:2048", "bad.test"],
      main: "error_log logs/error.log debug; worker_processes 2;",
      issuer: `external_account_key kid-1 shared.key;`,
      pebble: { externalKeys: { "kid-1": SHARED }, blocked: ["bad.test"] },
      files: { "shared.key": `${SHARED}\n` },
      plain: `access_log logs/access.log;
        location = /metrics { metrics; }
        location = /status { status_page; }
        location = /health { health; }
        location / { return 404; }`,
      async meddling(request, forward) {
        if (!request.url.includes("/authZ")) return undefined;
        const answer = await forward();
        const text = await answer.text();
        for (const { token } of JSON.parse(text).challenges) {
          answers.push(token);
        }
        return new Response(text, answer);
      },
    });
    await both.hasIssued(2);
    await both.hasSaid(/no certificate for bad\.test/);
    // Files that are wrong are told of without what is in them.
    const { server } = both;
    const folder = server.path("state");
    const pem = [...Deno.readDirSync(folder)]
      .map(({ name }) => `${folder}/${name}`);
    const pairs = pem.filter((path) => path.endsWith(".pem"));
    assertEquals(pairs.length, 2);
    const account = Deno.readTextFileSync(`${folder}/account.key`);
    const secrets = [SHARED, account, ...answers];
    for (const path of pairs) secrets.push(keysIn(Deno.readTextFileSync(path)));
    const page = async (path: string) => {
      const { status, text } = await get(both.httpPort, path);
      assertEquals(status, 200, path);
      told.push([path, text]);
    };
    for (const path of ["/metrics", "/status", "/status?data", "/health"]) {
      await page(path);
    }
    const place = ["-p", server.folder, "-c", "webserv.conf"];
    for (
      const args of [
        ["-t", ...place],
        ["-T", ...place],
        ["explain", "https://a.test/", ...place],
        ["explain", "http://a.test/.well-known/acme-challenge/x", ...place],
      ]
    ) {
      const { stdout, stderr } = await runProgram(args);
      told.push([args.join(" "), stdout + stderr]);
    }
    await server.stop("SIGTERM");
    told.push(["the first run", server.stdout + server.stderr]);
    // Broken in the middle, where what is left is still a secret.
    const breaks: readonly (readonly [string, string])[] = [
      [`${folder}/account.key`, account.replace("BEGIN", "END")],
      [`${folder}/account.key`, `${account.slice(0, 90)}\n`],
      [server.path("shared.key"), `${SHARED}!`],
      ...pairs.map((path): readonly [string, string] => [
        path,
        Deno.readTextFileSync(path).replace("-----END PRIV", "-----PRIV"),
      ]),
    ];
    const records = pem.filter((path) => path.endsWith(".json"));
    for (const [path, text] of breaks) {
      const before = Deno.readTextFileSync(path);
      Deno.writeTextFileSync(path, text);
      // So that all is tried anew.
      for (const name of records) Deno.writeTextFileSync(name, "{}");
      await both.restart();
      await both.hasSaid(/cannot be (?:used|read)/);
      await both.server.stop("SIGTERM");
      told.push([`${path} broken`, both.server.stdout + both.server.stderr]);
      Deno.writeTextFileSync(path, before);
    }
    for (const name of ["error.log", "access.log"]) {
      const text = Deno.readTextFileSync(server.path(`logs/${name}`));
      // The authority has asked for its answers, which is told, and no answer.
      told.push([name, text.replaceAll(/acme-challenge\/\S+/g, "")]);
    }
    assert(secrets.flatMap(piecesOf).length > 30);
    for (const [where, text] of told) {
      for (const secret of secrets) {
        for (const piece of piecesOf(secret)) {
          assert(!text.includes(piece), `${where}: ${piece}`);
        }
      }
    }
  },
});
