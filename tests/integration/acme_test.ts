import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import type { X509Certificate } from "node:crypto";
import { Client } from "../../src/features/acme/authority/client.ts";
import { SigningKey } from "../../src/features/acme/authority/keys.ts";
import { AcmeServer, type AcmeServerOptions } from "../support/acme_server.ts";
import type { Meddling } from "../support/authority_front.ts";
import { hasPebble } from "../support/pebble.ts";
import { eventually } from "../support/server_process.ts";

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
  {
    servers: ["a.test b.test"],
    pebble: { badNonces: 30 },
    plain: "location = /metrics { metrics; }",
  },
  async (both) => {
    await both.hasSaid(/no certificate for a\.test, b\.test yet/);
    await both.hasIssued(1);
    const first = await both.shown("b.test");
    assertMatch(first?.subjectAltName ?? "", /DNS:a\.test, DNS:b\.test/);
    assertEquals(modeOf(both, "state"), 0o700);
    const files = stateFiles(both);
    assertEquals(files.length, 5, files.join());
    for (const name of files) {
      assertEquals(modeOf(both, `state/${name}`), 0o600, name);
    }
    const metrics = async () => {
      const url = `http://127.0.0.1:${both.httpPort}/metrics`;
      return await (await fetch(url)).text();
    };
    const ends = Date.parse(first!.validTo) / 1000;
    const told = await metrics();
    const file = `${both.server.path("state")}/${files[0]?.slice(0, 17)}`;
    assert(
      new RegExp(
        `^webserv_certificate_expiry\\S+{file="${file}.*\\.pem"} ${ends}$`,
        "m",
      )
        .test(told),
      told,
    );
    assertMatch(
      told,
      /last_success_timestamp_seconds{issuer="pebble",names="a\.test, b\.test"} 1/,
    );
    assert(!told.includes("last_failure_timestamp"));
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
  "TLS-ALPN-01 is answered, also where nothing speaks plain HTTP",
  {
    servers: ["a.test b.test"],
    issuer: "challenge tls-alpn-01;",
    plain: "return 444;",
  },
  async (both) => {
    await both.hasIssued(1);
    const shown = await both.shown("a.test");
    assertMatch(shown?.issuer ?? "", /Pebble/);
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

/** How often something was asked of the authority. */
function count({ front }: AcmeServer, what: RegExp): number {
  return front.requests.filter((request) => what.test(request)).length;
}

/** No answer before the client has given up. */
function never({ signal }: Request): Promise<Response> {
  return new Promise((resolve) =>
    signal.addEventListener(
      "abort",
      () => resolve(new Response(null, { status: 502 })),
    )
  );
}

acmeTest(
  "after kill -9 in the middle of an order the same order is gone on with",
  {
    servers: ["a.test"],
    meddling: (request) =>
      request.url.includes("/certZ/") ? never(request) : undefined,
  },
  async (both) => {
    await eventually(
      () => count(both, /certZ/) > 0,
      "the certificate is asked for",
      20_000,
    );
    await both.server.stop("SIGKILL");
    both.front.answer(() => undefined);
    await both.restart();
    await both.hasIssued(1);
    assertEquals(count(both, /order-plz/), 1);
    assertMatch((await both.shown("a.test"))?.subjectAltName ?? "", /a\.test/);
  },
);

acmeTest(
  "a reload in the middle of an order goes on with it",
  {
    servers: ["a.test"],
    meddling: (request) =>
      request.url.includes("/finalize-order/") ? never(request) : undefined,
  },
  async (both) => {
    await eventually(
      () => count(both, /finalize-order/) > 0,
      "the order is ready",
      20_000,
    );
    both.front.answer(() => undefined);
    await both.reload(["a.test", "b.test"]);
    await both.hasIssued(2);
    assertEquals(count(both, /order-plz/), 2);
  },
);

acmeTest(
  "who is asked too often is left alone as long as he says",
  {
    servers: ["a.test"],
    meddling: ({ url }) =>
      url.includes("/order-plz")
        ? new Response(
          JSON.stringify({
            type: "urn:ietf:params:acme:error:rateLimited",
            detail: "too many certificates\nof this kind",
          }),
          { status: 429, headers: { "Retry-After": "7200" } },
        )
        : undefined,
  },
  async (both) => {
    await both.hasSaid(/tried again at/);
    const [, at] =
      /rateLimited, too many certificates of this kind \(nothing .* tried again at (\S+)/
        .exec(both.server.stderr)!;
    const wait = Date.parse(at!) - Date.now();
    assert(wait > 7190_000 && wait < 7300_000, `${wait}`);
    // Nor is he asked by a program that is started again.
    await both.restart();
    await both.hasSaid(/no certificate for a\.test yet/);
    assertEquals(count(both, /order-plz/), 1);
    assertEquals(count(both, /sign-me-up/), 1);
  },
);

acmeTest(
  "a certificate that was revoked is renewed when the authority says so (RFC 9773)",
  { servers: ["a.test"], meddling: () => undefined },
  async (both) => {
    await both.hasIssued(1);
    const first = await both.shown("a.test");
    let replaced = "";
    both.front.answer(withRenewalInfo("2020-01-01", "2020-01-02", (order) => {
      replaced ||= order.replaces ?? "";
    }));
    // A start asks at once, and not only after hours.
    await both.restart();
    await both.hasIssued(1);
    await both.hasSaid(/to be renewed now, see https:\/\/a\.test\/why/);
    const second = await both.shown("a.test");
    assertNotEquals(second?.serialNumber, first?.serialNumber);
    const [asked] = both.front.requests.filter((it) => it.includes("/info/"));
    assertEquals(asked, `GET /info/${replaced}`);
    const serial = replaced.split(".")[1]!;
    const bytes = Uint8Array.fromBase64(serial, { alphabet: "base64url" });
    assertEquals(
      bytes.toHex().replace(/^0+/, ""),
      first?.serialNumber.toLowerCase().replace(/^0+/, ""),
    );
    // It says so of the new one, too, which is not heard for an hour.
    await eventually(
      () =>
        new Set(both.front.requests.filter((it) => it.includes("/info/")))
          .size === 2,
      "the new one is asked about",
    );
    await both.reload(["a.test"]);
    assertEquals(both.issued, 1);
  },
);

/** The public key of a certificate, in PEM. */
function keyOf({ publicKey }: X509Certificate): unknown {
  return publicKey.export({ type: "spki", format: "pem" });
}

/** Has the authority revoke a certificate, as its account. */
async function revoke(
  { front, server }: AcmeServer,
  certificate: X509Certificate,
): Promise<void> {
  const text = (name: string) =>
    Deno.readTextFileSync(server.path(`state/${name}`));
  const ending = new AbortController();
  const client = new Client({
    uri: front.directory,
    roots: [Deno.readTextFileSync(front.rootFile)],
    signal: ending.signal,
    now: () => Date.now(),
  });
  const key = await SigningKey.read(text("account.key"));
  const account: string = JSON.parse(text("account.json")).url;
  const der = new Uint8Array(certificate.raw);
  await client.post(`${front.origin}/revoke-cert`, { key, account }, {
    certificate: der.toBase64({ alphabet: "base64url", omitPadding: true }),
    reason: 1,
  });
  ending.abort();
  client.close();
}

acmeTest(
  "a certificate that its owner has revoked at the authority is renewed at once, and others are not",
  { servers: ["a.test", "b.test"], meddling: () => undefined },
  async (both) => {
    await both.hasIssued(2);
    const first = (await both.shown("a.test"))!;
    const other = (await both.shown("b.test"))!;
    // An authority with renewal information knows what it has revoked.
    both.front.answer(async (request, forward) => {
      const { pathname, origin } = new URL(request.url);
      if (pathname === "/dir") {
        const directory = await (await forward()).json();
        return Response.json({ ...directory, renewalInfo: `${origin}/info` });
      }
      if (!pathname.startsWith("/info/")) return undefined;
      const serial = Uint8Array.fromBase64(pathname.split(".").at(-1)!, {
        alphabet: "base64url",
      }).toHex().replace(/^00/, "");
      const status = await both.pebble.statusOf(serial);
      const year = status === "Revoked" ? 2020 : 2029;
      return Response.json({
        suggestedWindow: {
          start: `${year}-01-01T00:00:00Z`,
          end: `${year}-01-02T00:00:00Z`,
        },
      });
    });
    await both.reload(["a.test", "b.test"]);
    const asked = () => count(both, /GET \/info\//);
    await eventually(() => asked() >= 2, "both are asked about", 20_000);
    assertEquals(both.issued, 2);
    await revoke(both, first);
    assertEquals(await both.pebble.statusOf(first.serialNumber), "Revoked");
    await both.reload(["a.test", "b.test"]);
    await both.hasIssued(3);
    const second = (await both.shown("a.test"))!;
    assertNotEquals(second.serialNumber, first.serialNumber);
    assertNotEquals(keyOf(second), keyOf(first));
    assertEquals(await both.pebble.statusOf(second.serialNumber), "Valid");
    await eventually(() => asked() >= 5, "the new one is asked about", 20_000);
    const then = (await both.shown("b.test"))!;
    assertEquals(then.serialNumber, other.serialNumber);
    assertEquals(both.issued, 3);
  },
);

/** An authority that says when to renew; `order` is told of each order. */
function withRenewalInfo(
  start: string,
  end: string,
  order: (payload: { readonly replaces?: string }) => void,
): Meddling {
  return async (request, forward) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname === "/dir") {
      const directory = await (await forward()).json();
      return Response.json({ ...directory, renewalInfo: `${origin}/info` });
    }
    if (pathname.startsWith("/info/")) {
      return Response.json({
        suggestedWindow: {
          start: `${start}T00:00:00Z`,
          end: `${end}T00:00:00Z`,
        },
        explanationURL: "https://a.test/why",
      }, { headers: { "Retry-After": "21600" } });
    }
    if (pathname === "/order-plz") {
      const { payload } = await request.json();
      const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
      order(JSON.parse(new TextDecoder().decode(bytes)));
    }
    return undefined;
  };
}

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

acmeTest(
  "a process that takes the place of another one renews in its stead",
  { servers: ["a.test"], pebble: { lifetime: 6 } },
  async (both) => {
    await both.hasIssued(1);
    const { server } = both;
    server.signal("SIGUSR2");
    await both.hasSaid(/took the place of process/);
    const pid = Number(server.read("x.pid"));
    try {
      assertNotEquals(pid, server.pid);
      assertEquals((await server.status).code, 0);
      const serial = async () => (await both.shown("a.test"))?.serialNumber;
      const before = await serial();
      assertMatch(before ?? "", /^[0-9A-F]+$/);
      await both.hasIssued(both.issued + 1);
      assertNotEquals(await serial(), before);
      assert(!/\[(error|crit|alert|emerg)\]/.test(server.stderr));
    } finally {
      Deno.kill(pid, "SIGTERM");
    }
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
