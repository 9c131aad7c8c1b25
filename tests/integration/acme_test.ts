import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { AcmeServer, type AcmeServerOptions } from "../support/acme_server.ts";
import { hasPebble } from "../support/pebble.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

/** A test with a server and its authority. */
function acmeTest(
  name: string,
  options: AcmeServerOptions,
  fn: (both: AcmeServer) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: IS_MISSING,
    async fn() {
      await using both = await AcmeServer.start(options);
      await fn(both);
    },
  });
}

/** The permissions of a file under the folder of the server. */
function modeOf({ server }: AcmeServer, name: string): number {
  return Deno.statSync(server.path(name)).mode! & 0o777;
}

function stateFiles({ server }: AcmeServer): string[] {
  return [...Deno.readDirSync(server.path("state"))]
    .map(({ name }) => name).sort();
}

acmeTest(
  "the server starts without a certificate, gets one, and keeps it",
  { servers: ["a.test b.test"], pebble: { badNonces: 30 } },
  async (both) => {
    assertMatch(both.server.stderr, /no certificate for a\.test, b\.test yet/);
    await both.hasIssued(1);
    const first = await both.shown("b.test");
    assertMatch(first?.subjectAltName ?? "", /DNS:a\.test, DNS:b\.test/);
    assertEquals(modeOf(both, "state"), 0o700);
    const files = stateFiles(both);
    assertEquals(files.length, 5, files.join());
    for (const name of files) {
      assertEquals(modeOf(both, `state/${name}`), 0o600, name);
    }
    // What is stored is served after a start, and nothing else is asked for.
    await both.restart();
    const second = await both.shown("a.test");
    assertEquals(second?.serialNumber, first?.serialNumber);
    assertEquals(both.issued, 0);
  },
);

acmeTest(
  "HTTP-01 is answered before a redirect, deny all and a location",
  {
    servers: ["a.test"],
    plain: "deny all; location / { root www; }",
  },
  async (both) => {
    await both.hasIssued(1);
    const url = `http://127.0.0.1:${both.httpPort}`;
    const other = await fetch(`${url}/.well-known/acme-challenge/unknown`);
    await other.body?.cancel();
    assertEquals(other.status, 403);
  },
);

acmeTest(
  "a certificate of seconds is renewed in time, by several workers, without a refused client",
  {
    main: "worker_processes 2;",
    servers: ["a.test"],
    pebble: { lifetime: 6 },
  },
  async (both) => {
    await both.hasIssued(1);
    const serials = new Set<string>();
    while (both.issued < 3) {
      const shown = await both.shown("a.test");
      if (shown === undefined) throw new Error(both.server.stderr);
      serials.add(shown.serialNumber);
      const left = Date.parse(shown.validTo) - Date.now();
      assert(left > -1000, `the certificate has ended ${-left} ms ago`);
    }
    assert(serials.size >= 2, [...serials].join());
  },
);

acmeTest(
  "a reload asks for what is new alone, and in the middle of an order it goes on",
  { servers: ["a.test"] },
  async (both) => {
    await both.hasIssued(1);
    const first = await both.shown("a.test");
    await both.reload(["a.test", "b.test"]);
    await both.hasIssued(2);
    assertEquals(
      (await both.shown("a.test"))?.serialNumber,
      first?.serialNumber,
    );
    assertMatch((await both.shown("b.test"))?.subjectAltName ?? "", /b\.test/);
    // A server with one more name goes on with its certificate until then.
    await both.pebble.stop();
    await both.reload(["a.test c.test", "b.test"]);
    assertEquals(
      (await both.shown("a.test"))?.serialNumber,
      first?.serialNumber,
    );
    await both.reload(["a.test", "b.test"]);
    await both.hasSaid(
      /no certificate for a\.test, c\.test: \S+ cannot be reached: .*refused/,
    );
    assertEquals(both.issued, 2);
  },
);

acmeTest(
  "one bad name does not block the others, and what the authority says is told",
  {
    servers: ["bad.test", "a.test"],
    pebble: { blocked: ["bad.test"] },
  },
  async (both) => {
    await both.hasIssued(1);
    await both.hasSaid(/no certificate for bad\.test: .*rejectedIdentifier/);
    assertMatch((await both.shown("a.test"))?.subjectAltName ?? "", /a\.test/);
    assertEquals(await both.shown("bad.test"), undefined);
  },
);

acmeTest(
  "a challenge that fails is told, and not tried again at once",
  { servers: ["a.test"], plain: "return 404;", main: "" },
  async (both) => {
    // Somebody else answers there.
    await both.pebble.failLookUp("b.test", true);
    await both.reload(["a.test", "b.test"]);
    await both.hasSaid(/no certificate for b\.test: b\.test was not proved/);
    await both.hasSaid(/look at the name's address in the DNS|is tried again/);
    const [, at] = /not proved.*tried again at (\S+)/
      .exec(both.server.stderr)!;
    assert(Date.parse(at!) > Date.now() + 4 * 60_000, at);
  },
);

acmeTest(
  "after kill -9 in the middle of an order the same order is gone on with",
  { servers: ["a.test"], pebble: { env: { PEBBLE_VA_NOSLEEP: "0" } } },
  async (both) => {
    await both.hasSaid(/is ordered: /);
    const [, url] = /is ordered: (\S+)/.exec(both.server.stderr)!;
    assertEquals(both.issued, 0);
    await both.restart("SIGKILL");
    await both.hasIssued(1);
    assert(!both.server.stderr.includes("is ordered"), both.server.stderr);
    assert(both.pebble.output.includes(url!.split("/").at(-1)!));
  },
);

acmeTest(
  "an account that the authority has lost is made anew; an authority that is down is waited for",
  { servers: ["a.test"], pebble: { lifetime: 9 } },
  async (both) => {
    await both.hasIssued(1);
    const first = await both.shown("a.test");
    // It comes back with nothing.
    await both.pebble.restart();
    await both.hasIssued(2);
    assertNotEquals(
      (await both.shown("a.test"))?.serialNumber,
      first?.serialNumber,
    );
  },
);

acmeTest(
  "two servers on one folder do not both ask, and both serve what comes",
  { servers: ["a.test"], pebble: { lifetime: 6 } },
  async (both) => {
    await both.hasIssued(1);
    await using other = await AcmeServer.beside(both);
    await other.hasSaid(/is used by process \d+/);
    const shown = await other.shown("a.test");
    assert(shown !== undefined);
    await both.hasIssued(3);
    assertEquals(other.issued, 0);
    await both.server.stop();
    await other.hasSaid(/is ordered/);
  },
);

const EXTERNAL_KEY =
  "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

acmeTest(
  "an account elsewhere, a key of RSA and an address are asked for",
  {
    servers: ["_| 127.0.0.1 a.test key=rsa:2048"],
    issuer: `external_account_key kid-1 data:${EXTERNAL_KEY};
      account_key rsa:2048; contact admin@a.test;`,
    pebble: { externalKeys: { "kid-1": EXTERNAL_KEY } },
  },
  async (both) => {
    await both.hasIssued(1);
    const shown = await both.shown("a.test");
    assertMatch(shown?.subjectAltName ?? "", /IP Address:127\.0\.0\.1/);
    assertEquals(shown?.publicKey.asymmetricKeyType, "rsa");
  },
);
