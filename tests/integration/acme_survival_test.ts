/** What happens to certificates when something breaks around them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { AcmeServer } from "../support/acme_server.ts";
import { hasPebble, Pebble } from "../support/pebble.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

const IS_ROOT = (() => {
  const file = Deno.makeTempFileSync();
  const { uid } = Deno.statSync(file);
  Deno.removeSync(file);
  return uid === 0;
})();

/** How often the authority was asked for something. */
function asked({ pebble }: AcmeServer, path: string): number {
  return pebble.output.split(`POST ${path}`).length - 1;
}

/** The file in the folder of state whose name ends so, without `account`. */
function stateFile({ server }: AcmeServer, end: string): string {
  const { name } = [...Deno.readDirSync(server.path("state"))]
    .find(({ name }) => name.endsWith(end) && !name.startsWith("account"))!;
  return server.path(`state/${name}`);
}

Deno.test({
  name:
    "a storm of reloads in the middle of an order does not make one order each",
  ignore: IS_MISSING,
  async fn() {
    await using both = await AcmeServer.start({
      servers: ["a.test b.test"],
      main: "worker_processes 2;",
    });
    for (let i = 0; i < 30; i++) {
      both.server.signal("SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await both.hasIssued(1);
    assertMatch((await both.shown("b.test"))?.subjectAltName ?? "", /b\.test/);
    // Whatever is cut off between its request and its answer is asked again.
    assert(asked(both, "/order-plz") <= 3, both.pebble.output);
  },
});

Deno.test({
  name: "state that somebody has broken is made anew",
  ignore: IS_MISSING,
  async fn(t) {
    await using both = await AcmeServer.start({ servers: ["a.test"] });
    await both.hasIssued(1);
    const account = both.server.path("state/account.json");
    const record = stateFile(both, ".json");
    const pair = stateFile(both, ".pem");
    const kept = Deno.readTextFileSync(account);
    const { directory, url, thumbprint } = JSON.parse(kept);
    const order = { directory, url: "https://localhost:1/", key: "none" };
    const key = Deno.readTextFileSync(pair)
      .replace(/-----BEGIN CERT[^]*/, "");
    const rows: [what: string, file: string, text: string][] = [
      ["an account of nothing", account, ""],
      ["an account that is a list", account, "[]"],
      [
        "an account without contacts",
        account,
        JSON.stringify({ directory, url, thumbprint }),
      ],
      [
        "an account that is nowhere",
        account,
        JSON.stringify({ ...JSON.parse(kept), url: `${url}0` }),
      ],
      ["a record of nothing", record, ""],
      ["a record of null", record, "null"],
      [
        "a record by another clock",
        record,
        JSON.stringify({ failures: 9, retryAt: Date.now() + 1e12 }),
      ],
      [
        "an order without a key",
        record,
        JSON.stringify({ failures: 0, order: { directory } }),
      ],
      [
        "an order that has failed three times",
        record,
        JSON.stringify({ failures: 3, order: { ...order, key } }),
      ],
      [
        "an order with a broken key",
        record,
        JSON.stringify({ failures: 0, order }),
      ],
    ];
    for (const [what, file, text] of rows) {
      await t.step(what, async () => {
        await both.server.stop("SIGTERM");
        Deno.writeTextFileSync(file, text);
        Deno.writeTextFileSync(pair, "no certificate");
        await both.restart();
        await both.hasSaid(/\.pem" cannot be used \(it has no certificate\)/);
        await both.hasIssued(1);
        assertMatch((await both.shown("a.test"))?.subjectAltName ?? "", /a\./);
      });
    }
  },
});

Deno.test({
  name: "a folder that is lost while it is served is told of, and the " +
    "certificate stays",
  ignore: IS_MISSING,
  async fn() {
    await using both = await AcmeServer.start({
      servers: ["a.test"],
      pebble: { lifetime: 12 },
    });
    await both.hasIssued(1);
    const first = await both.shown("a.test");
    Deno.removeSync(both.server.path("state"), { recursive: true });
    Deno.writeTextFileSync(both.server.path("state"), "");
    await both.hasSaid(
      /state\/\S+ cannot be written: .* tried again/,
    );
    const then = await both.shown("a.test");
    assertEquals(then?.serialNumber, first?.serialNumber);
    Deno.removeSync(both.server.path("state"));
    // Nothing was asked for that could not be kept.
    assertEquals(asked(both, "/order-plz"), 1);
    await both.restart();
    await both.hasIssued(1);
  },
});

Deno.test({
  name: "root makes the folder for the user of the configuration",
  ignore: IS_MISSING || !IS_ROOT || Deno.build.os !== "linux",
  async fn() {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    Deno.chmodSync(folder, 0o755);
    Deno.copyFileSync(pebble.rootFile, `${folder}/ca.crt`);
    // Somebody else's keys are not given away, whatever is written.
    const taken = `${folder}/private`;
    writeFiles(taken, { "mail.key": "secret" });
    const issuer = (name: string, state: string) =>
      `acme_issuer ${name} {
        uri ${pebble.directory}; state_path ${folder}/${state};
        ssl_trusted_certificate ${folder}/ca.crt; accept_terms_of_service;
      }
      server {
        listen 127.0.0.1:${https} ssl; server_name ${name}.test;
        acme_certificate ${name};
        ssl_certificate $acme_certificate;
        ssl_certificate_key $acme_certificate_key;
      }`;
    await using server = await ServerProcess.start({
      config: `user nobody; http {
        ${issuer("a", "a/state")} ${issuer("b", "private")}
        server { listen 127.0.0.1:${http}; return 404; }
      }`,
    });
    const says = (text: string) =>
      eventually(() => server.stderr.includes(text), text, 20_000);
    await says("has issued a certificate for a.test");
    const { uid, mode } = Deno.statSync(`${folder}/a/state`);
    assertEquals([uid === 0, mode! & 0o777], [false, 0o700]);
    for (const { name } of Deno.readDirSync(`${folder}/a/state`)) {
      const info = Deno.statSync(`${folder}/a/state/${name}`);
      assertEquals([info.uid, info.mode! & 0o777], [uid, 0o600], name);
    }
    await says(`state_path "${taken}" cannot be written`);
    assertEquals(Deno.statSync(taken).uid, 0);
    assertEquals(Deno.statSync(`${taken}/mail.key`).uid, 0);
    Deno.removeSync(folder, { recursive: true });
  },
});

/** How often the server is killed, and how much later each time, in ms. */
const KILLS = 12;
const LATER_MS = 110;

Deno.test({
  name: "whenever it is killed, nothing is lost and nothing is asked for twice",
  ignore: IS_MISSING,
  async fn() {
    await using both = await AcmeServer.start({
      servers: ["a.test", "b.test"],
      // So that there is a moment between any two steps.
      async meddling() {
        await new Promise((resolve) => setTimeout(resolve, 40));
        return undefined;
      },
    });
    const folder = both.server.path("state");
    const read = (name: string) => {
      try {
        return Deno.readTextFileSync(`${folder}/${name}`);
      } catch {
        return undefined;
      }
    };
    const served = new Map<string, string>();
    let account: string | undefined;
    let said = "";
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, kill * LATER_MS));
      const seen = new Map<string, string>();
      for (const name of ["a.test", "b.test"]) {
        const serial = (await both.shown(name))?.serialNumber;
        if (serial !== undefined) seen.set(name, serial);
      }
      await both.server.stop("SIGKILL");
      said += both.server.stderr;
      // What has been served once is served for good.
      for (const [name, serial] of served) assertEquals(seen.get(name), serial);
      for (const [name, serial] of seen) served.set(name, serial);
      // The key of the account never changes.
      const key = read("account.key");
      if (account !== undefined) assertEquals(key, account);
      account = key;
      for (const { name } of Deno.readDirSync(folder)) {
        const { mode } = Deno.statSync(`${folder}/${name}`);
        assertEquals(mode! & 0o777, 0o600, name);
        const text = read(name)!;
        if (name.endsWith(".json")) JSON.parse(text);
        if (name.endsWith(".pem")) {
          const [key, cert] = text.split(/(?=-----BEGIN CERT)/);
          const certificate = new X509Certificate(cert!);
          assert(certificate.checkPrivateKey(createPrivateKey(key!)), name);
        }
      }
      await both.restart();
    }
    await eventually(
      () =>
        [...Deno.readDirSync(folder)]
          .filter(({ name }) => name.endsWith(".pem")).length === 2,
      "both are stored",
      20_000,
    );
    for (const name of ["a.test", "b.test"]) {
      assert(await both.shown(name) !== undefined, name);
    }
    assertMatch(both.pebble.output, /There are now 1 accounts/);
    assert(!both.pebble.output.includes("There are now 2 accounts"));
    // An order is made again only if nobody has heard of the one before, or
    // the authority came for its proof when nobody was there.
    said += both.server.stderr;
    const orders = said.split("is ordered: ").length - 1;
    const refused = both.pebble.output.match(/authz \S+ set INVALID/g) ?? [];
    assert(orders <= 2 + refused.length, `${refused.length} ${said}`);
    const issued = both.pebble.output.split("Issued certificate").length - 1;
    assertEquals(issued, 2);
  },
});

/** Whether a file system in memory, which is soon full, can be mounted. */
const MOUNTS = IS_ROOT && Deno.build.os === "linux" && (() => {
  const folder = Deno.makeTempDirSync();
  const isThere = mount(folder);
  if (isThere) unmount(folder);
  Deno.removeSync(folder);
  return isThere;
})();

function mount(folder: string): boolean {
  const args = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder];
  return new Deno.Command("mount", { args, stderr: "null" }).outputSync()
    .success;
}

function unmount(folder: string): void {
  new Deno.Command("umount", { args: ["-l", folder] }).outputSync();
}

Deno.test({
  name: "on a full disk the certificate that came is served, and it is had " +
    "again when there is room",
  ignore: IS_MISSING || !MOUNTS,
  async fn() {
    const held = Promise.withResolvers<void>();
    await using both = await AcmeServer.start({
      servers: ["a.test"],
      async meddling({ url }) {
        if (url.includes("/certZ/")) await held.promise;
        return undefined;
      },
    });
    using ending = new DisposableStack();
    ending.defer(() => held.resolve());
    const fetched = () =>
      both.front.requests.filter((line) => line.includes("/certZ/")).length;
    await eventually(() => fetched() > 0, "all but its end is done", 20_000);
    const folder = both.server.path("state");
    await both.server.stop("SIGKILL");
    Deno.removeSync(folder, { recursive: true });
    Deno.mkdirSync(folder);
    assert(mount(folder));
    ending.defer(() => unmount(folder));
    const before = fetched();
    await both.restart();
    await eventually(
      () => fetched() > before,
      "the certificate is asked for",
      20_000,
    );
    using file = Deno.openSync(`${folder}/fill`, { create: true, write: true });
    try {
      for (;;) file.writeSync(new Uint8Array(1024));
    } catch (error) {
      assertMatch((error as Error).message, /No space/);
    }
    held.resolve();
    await both.hasIssued(1);
    await both.hasSaid(/is served, and cannot be stored in \S+ \(28: No space/);
    const first = await both.shown("a.test");
    assertMatch(first?.subjectAltName ?? "", /a\.test/);
    const orders = asked(both, "/order-plz");
    await both.server.stop("SIGKILL");
    Deno.removeSync(`${folder}/fill`);
    file.truncateSync();
    await both.restart();
    await both.hasIssued(1);
    const second = await both.shown("a.test");
    assertEquals(second?.serialNumber, first?.serialNumber);
    assertEquals(asked(both, "/order-plz"), orders);
    await both.restart();
    const third = await both.shown("a.test");
    assertEquals(third?.serialNumber, first?.serialNumber);
    await both.server.stop("SIGKILL");
  },
});
