/** Many certificates, of several authorities at once. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { AuthorityFront } from "../support/authority_front.ts";
import { hasPebble, Pebble } from "../support/pebble.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

/** How long all of them may take, in ms. */
const ALL_MS = 120_000;

/** How many orders of one authority are under way at a time, at most. */
const MAX_ORDERS = 4;

/** The certificate that a client is shown under `name`. */
async function shown(port: number, name: string): Promise<X509Certificate> {
  const { stdout } = await new Deno.Command("openssl", {
    args: [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-servername", name],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  return new X509Certificate(new TextDecoder().decode(stdout));
}

/** How many orders were under way at a time, at most. */
function mostAtOnce({ requests }: AuthorityFront): number {
  let [now, most] = [0, 0];
  for (const request of requests) {
    if (request === "POST /order-plz") most = Math.max(most, ++now);
    if (request.startsWith("POST /certZ/")) now--;
  }
  assertEquals(now, 0);
  return most;
}

Deno.test({
  name: "a hundred names in one certificate, and dozens of certificates from " +
    "two authorities, are had in turns, and all are served",
  ignore: IS_MISSING,
  async fn() {
    await using pebble = await Pebble.start();
    const { httpPort: http, tlsPort: https } = pebble;
    await using one = await AuthorityFront.before(pebble);
    await using other = await AuthorityFront.before(pebble);
    const issuer = (name: string, front: AuthorityFront, more = "") =>
      `acme_issuer ${name} {
        uri ${front.directory}; ssl_trusted_certificate ${front.rootFile};
        accept_terms_of_service; state_path ${name}; ${more}
      }`;
    const server = (names: string, issuer: string) =>
      `server {
        listen 127.0.0.1:${https} ssl; server_name ${names};
        acme_certificate ${issuer};
        ssl_certificate $acme_certificate;
        ssl_certificate_key $acme_certificate_key;
      }`;
    const names = (count: number, of: string) =>
      Array.from({ length: count }, (_, i) => `n${i}.${of}.test`);
    const hundred = names(100, "hundred");
    const singles = [...names(20, "one"), ...names(20, "other")];
    await using process = await ServerProcess.start({
      config: `worker_processes 2; error_log stderr info; http {
        # Far too small for all of them.
        acme_shared_zone zone=small:32k;
        ${issuer("one", one)}
        ${issuer("other", other, "challenge tls-alpn-01;")}
        ${server(hundred.join(" "), "one")}
        ${singles.map((name) => server(name, name.split(".")[1]!)).join("\n")}
        # The same one again.
        ${server(singles[0]!, "one").replace(`${https}`, "0")}
        server {
          listen 127.0.0.1:${http};
          location = /metrics { metrics; }
        }
      }`,
    });
    const issued = () =>
      process.stderr.split("has issued a certificate").length - 1;
    try {
      await eventually(
        () => issued() === singles.length + 1,
        "all are issued",
        ALL_MS,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${issued()}
        ${process.stderr.replaceAll(/(n\d+.hundred.test, )+/g, "")}`);
    }
    for (const name of [...singles, hundred[0]!, hundred[99]!]) {
      const certificate = await shown(https, name);
      const others = certificate.subjectAltName?.split(", ") ?? [];
      assert(others.includes(`DNS:${name}`), name);
      assertEquals(others.length, hundred.includes(name) ? 100 : 1);
    }
    assert(!/\[(?:error|alert|emerg)\]/.test(process.stderr), process.stderr);
    for (const front of [one, other]) {
      assert(mostAtOnce(front) <= MAX_ORDERS, `${mostAtOnce(front)}`);
      const accounts = front.requests
        .filter((line) => line === "POST /sign-me-up").length;
      assertEquals(accounts, 1);
    }
    const answer = await fetch(`http://127.0.0.1:${http}/metrics`);
    const metrics = await answer.text();
    for (const what of ["last_success", "next_attempt"]) {
      const lines = metrics.split("\n").filter((line) =>
        line.startsWith(`webserv_acme_${what}_timestamp_seconds{`)
      );
      assertEquals(lines.length, singles.length + 1, what);
      for (const line of lines) assertMatch(line, / \d{10}(?:\.\d+)?$/);
    }
  },
});
