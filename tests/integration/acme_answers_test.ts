/** Who gets an answer to a challenge, and what is seen until it is proved. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { AcmeServer } from "../support/acme_server.ts";
import { freePorts } from "../support/free_ports.ts";
import { hasPebble } from "../support/pebble.ts";
import { ask, RawClient } from "../support/raw_client.ts";
import { eventually } from "../support/server_process.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

const PATH = "/.well-known/acme-challenge/";

/** After how long nobody is answered any more, at most, in ms. */
const LATE_MS = 60_000;

/** All that keeps others away, at once. */
const CLOSED = `deny all; auth_basic x; auth_basic_user_file nobody;
  limit_req zone=few; if ($uri) { return 500; } rewrite ^ /other last;
  client_max_body_size 1; return 410;
  location ^~ /.well-known/ { internal; return 404; }`;

Deno.test({
  name:
    "a challenge is answered by every plain server, whatever its rules are, and until then handshakes are refused without noise",
  ignore: IS_MISSING,
  async fn() {
    const [six, proxied] = freePorts(2);
    const held = Promise.withResolvers<void>();
    let token = "";
    await using both = await AcmeServer.start({
      servers: ["a.test"],
      main: "worker_processes 2;",
      plain: `${CLOSED} }
        limit_req_zone $server_port zone=few:1m rate=1r/m;
        server { listen [::1]:${six}; return 444; }
        server { listen 127.0.0.1:${proxied} proxy_protocol;
          location = /metrics { metrics; }
          location / { return 301 https://$host$request_uri; }`,
      async meddling(request, forward) {
        const { pathname } = new URL(request.url);
        if (pathname.startsWith("/chalZ")) await held.promise;
        if (!pathname.startsWith("/authZ")) return undefined;
        const answer = await forward();
        const text = await answer.text();
        const { challenges } = JSON.parse(text) as {
          challenges: { type: string; token: string }[];
        };
        token = challenges.find(({ type }) => type === "http-01")!.token;
        return new Response(text, answer);
      },
    });
    // A failure, too, lets the authority end.
    using ending = new DisposableStack();
    ending.defer(() => held.resolve());
    const asked = () =>
      both.front.requests.some((line) => line.includes("/chalZ"));
    await eventually(asked, "the challenge is under way", 20_000);
    const request = (
      target: string,
      { method = "GET", version = "1.1", host = "a.test" } = {},
    ) =>
      `${method} ${target} HTTP/${version}\r\n` +
      (host === "" ? "" : `Host: ${host}\r\n`) +
      "Connection: close\r\n\r\n";
    const PROXY = "PROXY TCP4 192.0.2.1 192.0.2.2 4000 80\r\n";
    const port = both.httpPort;
    const path = `${PATH}${token}`;
    const rows: [what: string, text: string, port: number][] = [
      ["as it is", request(path), port],
      ["again", request(path), port],
      ["and again", request(path), port],
      ["a host nobody knows", request(path, { host: "x.example" }), port],
      ["an address", request(path, { host: "127.0.0.1" }), port],
      ["HTTP/1.0", request(path, { version: "1.0", host: "" }), port],
      ["a query", request(`${path}?a`), port],
      ["a whole URL", request(`http://a.test${path}`), port],
      ["IPv6", request(path, { host: "[::1]" }), six!],
      ["behind a balancer", PROXY + request(path), proxied!],
    ];
    for (const [what, text, port] of rows) {
      using client = await RawClient.connect(
        port,
        port === six ? "::1" : "127.0.0.1",
      );
      await client.send(text);
      const { status, text: body } = (await client.response())!;
      assertEquals(status, 200, what);
      assert(body.startsWith(`${token}.`), `${what}: ${body}`);
    }
    const head = await ask(port, request(path, { method: "HEAD" }), {
      head: true,
    });
    assertEquals([head.status, head.text], [200, ""]);
    const others = [
      ...["", "x", "__proto__", "constructor", "hasOwnProperty", "%00"],
      ...[`${token}/`, `${token}/x`, `x${token}`, "../x", `${token}%0a`],
    ];
    for (const other of others) {
      const { status } = await ask(port, request(`${PATH}${other}`));
      assert([400, 500].includes(status), `${other}: ${status}`);
    }
    // What others see until then.
    for (let i = 0; i < 6; i++) {
      assertEquals(await both.shown("a.test"), undefined);
    }
    const { stderr } = both.server;
    assertEquals(stderr.split("handshakes are refused").length, 2, stderr);
    held.resolve();
    await both.hasIssued(1);
    assertMatch((await both.shown("a.test"))?.subjectAltName ?? "", /a\.test/);
    // Who comes late is answered, and after half a minute nobody is any more.
    assertEquals((await ask(port, request(path))).status, 200);
    let status = 200;
    for (const end = performance.now() + LATE_MS; status !== 500;) {
      assert(performance.now() < end, "it is answered no more");
      await new Promise((resolve) => setTimeout(resolve, 500));
      ({ status } = await ask(port, request(path)));
    }
    const { text: metrics } = await ask(proxied!, PROXY + request("/metrics"));
    assertMatch(metrics, /last_success_timestamp_seconds\{issuer="pebble"/);
    // A key that was lost or revoked: whoever removes the file has another one.
    const first = await both.shown("a.test");
    const { name } = [...Deno.readDirSync(both.server.path("state"))]
      .find(({ name }) => name.endsWith(".pem"))!;
    Deno.removeSync(both.server.path(`state/${name}`));
    await both.reload(["a.test"]);
    await both.hasIssued(2);
    const second = await both.shown("a.test");
    assertNotEquals(second?.serialNumber, first?.serialNumber);
  },
});
