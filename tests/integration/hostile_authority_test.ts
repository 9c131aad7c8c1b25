/** What an authority says that is broken, slow or hostile: told, and survived. */

import { assert } from "@std/assert";
import { AuthorityFront, type Meddling } from "../support/authority_front.ts";
import { hasPebble, Pebble } from "../support/pebble.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";
import { ask } from "../support/raw_client.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

/** How long it may take to be told, in ms. */
const TOLD_MS = 15_000;

/** Answers requests whose path begins with `path` by `meddling`. */
function at(path: string, meddling: Meddling): Meddling {
  return (request, forward) =>
    new URL(request.url).pathname.startsWith(path)
      ? meddling(request, forward)
      : undefined;
}

/** Changes what is said at `path`, JSON, by `change`. */
function changed(
  path: string,
  change: (value: Record<string, unknown>) => unknown,
): Meddling {
  return at(path, async (_request, forward) => {
    const answer = await forward();
    return new Response(JSON.stringify(change(await answer.json())), answer);
  });
}

/** Changes what is said at `path`, text, by `change`. */
function said(path: string, change: (text: string) => string): Meddling {
  return at(path, async (_request, forward) => {
    const answer = await forward();
    return new Response(change(await answer.text()), answer);
  });
}

/** What looks like a certificate. */
const JUNK = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/** More than anybody reads. */
const LONG = "x".repeat(300_000);

function problem(status: number, type: string, detail: string): Meddling {
  return () =>
    Response.json({ type: `urn:ietf:params:acme:error:${type}`, detail }, {
      status,
      headers: { "Content-Type": "application/problem+json" },
    });
}

/** More than anybody keeps in memory. */
function endless(): Response {
  const piece = new Uint8Array(65_536).fill(32);
  return new Response(
    new ReadableStream({ pull: (to) => to.enqueue(piece) }),
  );
}

const ROWS: readonly (readonly [
  what: string,
  meddling: Meddling,
  told: RegExp,
])[] = [
  ["no JSON", at("/dir", () => new Response("<html>")), /not JSON/],
  ["nothing", at("/dir", () => new Response("")), /not JSON/],
  ["null", at("/dir", () => new Response("null")), /not JSON/],
  ["a list", at("/dir", () => new Response("[]")), /no directory/],
  [
    "a directory without orders",
    changed("/dir", (value) => ({
      ...value,
      newOrder: undefined,
    })),
    /no directory/,
  ],
  [
    "URLs of files",
    changed("/dir", (value) => ({
      ...value,
      newNonce: "file:///etc/passwd",
    })),
    /https/,
  ],
  [
    "URLs without TLS",
    changed("/dir", (value) => ({
      ...value,
      newAccount: "http://127.0.0.1:1/",
    })),
    /https/,
  ],
  [
    "URLs that are numbers",
    changed("/dir", (value) => ({
      ...value,
      newOrder: 1,
    })),
    /no directory/,
  ],
  [
    "a redirect to a file",
    at("/dir", () =>
      new Response(null, {
        status: 302,
        headers: { Location: "file:///etc/passwd" },
      })),
    /redirect|cannot be reached/,
  ],
  [
    "a redirect without TLS",
    at("/dir", () =>
      new Response(null, {
        status: 302,
        headers: { Location: "http://127.0.0.1:1/" },
      })),
    /redirect|https/,
  ],
  [
    "a redirect in a circle",
    at(
      "/dir",
      () => new Response(null, { status: 302, headers: { Location: "/dir" } }),
    ),
    /redirect|cannot be reached/,
  ],
  ["a body without end", at("/dir", endless), /too long/],
  [
    "500",
    at("/sign-me-up", () => new Response("x", { status: 500 })),
    /status 500/,
  ],
  [
    "503 with a time",
    at(
      "/order-plz",
      () =>
        new Response("x", { status: 503, headers: { "Retry-After": "120" } }),
    ),
    /status 503/,
  ],
  ["no nonce", at("/nonce-plz", () => new Response(null)), /no nonce/],
  [
    "bad nonces only",
    at("/sign-me-up", problem(400, "badNonce", "no")),
    /badNonce/,
  ],
  [
    "an account without a URL",
    at("/sign-me-up", () => Response.json({})),
    /names no account/,
  ],
  [
    "an order under a name as long as a book",
    changed("/authZ", (value) => ({
      ...value,
      identifier: { type: "dns", value: LONG },
    })),
    /is for "x{900,1000}", which was not asked for/,
  ],
  [
    "a rate limit",
    at("/order-plz", problem(429, "rateLimited", "too many")),
    /rateLimited, too many.*wait/,
  ],
  [
    "controls in a reason",
    at("/order-plz", problem(403, "unauthorized", "a\nb\u001b[31mc\u0000")),
    /unauthorized, a b/,
  ],
  [
    "an order without a URL",
    at("/order-plz", () => Response.json({})),
    /names no order/,
  ],
  [
    "an order that is a file",
    at(
      "/order-plz",
      () => Response.json({}, { headers: { Location: "file:///etc/passwd" } }),
    ),
    /https/,
  ],
  ["an order of nothing", at("/my-order", () => Response.json({})), /order/],
  [
    "an order that is invalid",
    changed("/my-order", (value) => ({
      ...value,
      status: "invalid",
      error: { type: "urn:ietf:params:acme:error:caa", detail: "forbidden" },
    })),
    /caa, forbidden/,
  ],
  [
    "authorizations that are no list",
    changed("/my-order", (value) => ({
      ...value,
      authorizations: "x",
    })),
    /is no order/,
  ],
  [
    "authorizations in thousands",
    changed("/my-order", (value) => ({
      ...value,
      authorizations: Array(10_000).fill("https://localhost:1/"),
    })),
    /is no order/,
  ],
  [
    "an authorization of nothing",
    at("/authZ", () => Response.json({})),
    /authorization|challenge/,
  ],
  [
    "an authorization for another name",
    changed("/authZ", (value) => ({
      ...value,
      identifier: { type: "dns", value: "other.example" },
    })),
    /other\.example/,
  ],
  [
    "a challenge whose token is a path",
    changed("/authZ", (value) => ({
      ...value,
      challenges: [{
        type: "http-01",
        url: (value.challenges as { url: string }[])[0]!.url,
        token: "../../etc/passwd",
        status: "pending",
      }],
    })),
    /token/,
  ],
  [
    "challenges of kinds nobody knows",
    changed("/authZ", (value) => ({
      ...value,
      challenges: [{
        type: "carrier-pigeon-01",
        url: "https://a/",
        token: "a",
      }],
    })),
    /does not offer http-01/,
  ],
  [
    "a certificate that is text",
    at("/certZ", () => new Response("hello")),
    /no certificate/,
  ],
  [
    "a certificate of another key",
    at("/certZ", () => new Response(OTHER_CERTIFICATE)),
    /another key/,
  ],
  [
    "a certificate that is broken",
    at("/certZ", () =>
      new Response(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      )),
    /certificate/,
  ],
  ["a certificate without end", at("/certZ", endless), /too long/],
  [
    "a chain with junk behind it",
    said("/certZ", (text) => `${text}${JUNK}`),
    /has a certificate that cannot be read/,
  ],
  [
    "a chain with junk before it",
    said("/certZ", (text) => `${JUNK}${text}`),
    /has a certificate that cannot be read/,
  ],
  [
    "a chain as long as a book",
    said("/certZ", (text) => text.repeat(60)),
    /is a chain of \d{6} bytes, and at most 65536 are taken/,
  ],
  [
    "a token as long as a book",
    said("/authZ", (text) => text.replaceAll(/("token": ?")/g, `$1${LONG}`)),
    /has no token that can be used/,
  ],
];

let OTHER_CERTIFICATE = "";

/** A server that wants a certificate, and another one. */
function start(
  front: AuthorityFront,
  http: number,
  https: number,
): Promise<ServerProcess> {
  return ServerProcess.start({
    config: `
      http {
        acme_issuer front {
          uri ${front.directory};
          ssl_trusted_certificate ${front.rootFile};
          accept_terms_of_service;
        }
        server {
          listen 127.0.0.1:${http};
          server_name example.org;
          return 200 alive;
        }
        server {
          listen 127.0.0.1:${https} ssl;
          server_name example.org;
          acme_certificate front;
          ssl_certificate $acme_certificate;
          ssl_certificate_key $acme_certificate_key;
        }
      }`,
  });
}

/** The name that the certificate of a row is for. */
function nameOf(row: number): string {
  return `row-${row}.example.org`;
}

/** Fronts before one authority, one for each row. */
async function frontsOf(
  pebble: Pebble,
  fronts: AsyncDisposableStack,
): Promise<AuthorityFront[]> {
  const all: AuthorityFront[] = [];
  for (const [, meddling] of ROWS) {
    const front = fronts.use(await AuthorityFront.before(pebble));
    front.answer(meddling);
    all.push(front);
  }
  return all;
}

Deno.test({
  name: "an authority that is broken or hostile is told of, and survived",
  ignore: IS_MISSING,
  async fn(t) {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    OTHER_CERTIFICATE = await pebble.root();
    await using stack = new AsyncDisposableStack();
    const fronts = await frontsOf(pebble, stack);
    const sites = fronts.map(({ directory, rootFile }, row) => `
      acme_issuer row-${row} {
        uri ${directory};
        ssl_trusted_certificate ${rootFile};
        accept_terms_of_service;
      }
      server {
        listen 127.0.0.1:${https} ssl;
        server_name ${nameOf(row)};
        acme_certificate row-${row};
        ssl_certificate $acme_certificate;
        ssl_certificate_key $acme_certificate_key;
      }`);
    await using server = await ServerProcess.start({
      config: `http {
        server { listen 127.0.0.1:${http}; return 200 alive; }
        ${sites.join("")}
      }`,
    });
    for (const [row, [what, , told]] of ROWS.entries()) {
      await t.step(what, async () => {
        const start = `has issued no certificate for ${nameOf(row)}:`;
        const line = () =>
          server.stderr.split("\n").find((each) => each.includes(start));
        await eventually(() => line() !== undefined, "it is told", TOLD_MS);
        assert(told.test(line()!), line());
        // deno-lint-ignore no-control-regex
        assert(!/[\u0000-\u001f]/.test(line()!), line());
        assert(/it is tried again at 2/.test(line()!), line());
      });
    }
    assert(!/\[(?:alert|emerg)\]/.test(server.stderr), server.stderr);
    const text = "GET / HTTP/1.1\r\nHost: a.example\r\n" +
      "Connection: close\r\n\r\n";
    assert((await ask(http, text)).text === "alive");
  },
});

Deno.test({
  name: "an order that stays as it is is not asked about without end",
  ignore: IS_MISSING,
  async fn(t) {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    await using front = await AuthorityFront.before(pebble);
    for (const status of ["pending", "ready", "processing"]) {
      await t.step(status, async () => {
        front.answer(changed("/my-order", (value) => ({
          ...value,
          status: status === "ready" && value.status === "pending"
            ? "pending"
            : status,
        })));
        await using _server = await start(front, http, https);
        const count = () =>
          front.requests.filter((line) => line.includes("/my-order")).length;
        const before = count();
        await eventually(() => count() > before + 2, "it is asked", TOLD_MS);
        const [first, time] = [count(), performance.now()];
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const seconds = (performance.now() - time) / 1000;
        const perSecond = (count() - first) / seconds;
        assert(perSecond <= 3, `${perSecond} a second`);
      });
    }
  },
});

Deno.test({
  name: "an authority that hangs keeps nobody from stopping or reloading",
  ignore: IS_MISSING,
  async fn() {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    await using front = await AuthorityFront.before(pebble);
    const held = Promise.withResolvers<Response>();
    front.answer(at("/order-plz", () => held.promise));
    await using server = await start(front, http, https);
    const hangs = (count: number) => () =>
      front.requests.filter((line) => line.includes("/order-plz")).length >=
        count;
    await eventually(hangs(1), "it hangs", TOLD_MS);
    server.signal("SIGHUP");
    await eventually(
      () => server.stderr.includes("configuration reloaded"),
      "it is reloaded",
    );
    await eventually(hangs(2), "it hangs again", TOLD_MS);
    const time = performance.now();
    assert((await server.stop()).success);
    assert(performance.now() - time < 5000);
    held.resolve(new Response(null, { status: 500 }));
  },
});
