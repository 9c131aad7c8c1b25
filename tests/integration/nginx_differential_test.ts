/**
 * nginx and webserv side by side: the same configuration, the same tree, the
 * same requests, over HTTP/1.1 by a client of raw bytes, and over HTTP/2 and
 * TLS by curl. Left out, with a word, where one of them is not installed.
 */

import { assertEquals } from "@std/assert";
import { InProcessServer } from "../support/in_process_server.ts";
import { freePort } from "../support/free_ports.ts";
import { Authority } from "../support/certificates.ts";
import { isInstalled } from "../support/programs.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
import {
  type Answer,
  answerOf,
  differences,
} from "./nginx_differential/compare.ts";
import { http2Answers, isOfHttp2 } from "./nginx_differential/http2.ts";
import {
  INTENDED,
  type IntendedDifference,
} from "./nginx_differential/intended.ts";
import { INTENDED_OF_HTTP2 } from "./nginx_differential/intended_http2.ts";
import {
  type DifferentialRequest,
  REQUESTS,
} from "./nginx_differential/requests.ts";
import {
  nginxConfig,
  webservConfig,
  writeSite,
} from "./nginx_differential/site.ts";

/** How many requests are under way at a time. */
const AT_A_TIME = 8;

/** The answers of a server, in the order of the requests. */
async function http1Answers(
  port: number,
  requests: readonly DifferentialRequest[],
): Promise<Answer[]> {
  const all: Answer[] = [];
  for (let at = 0; at < requests.length; at += AT_A_TIME) {
    const some = requests.slice(at, at + AT_A_TIME);
    all.push(
      ...await Promise.all(
        some.map((request) => answerOf(port, request)),
      ),
    );
  }
  return all;
}

/** The differences that count; those of status stand for the whole answer. */
function report(
  { name }: DifferentialRequest,
  found: readonly string[],
): string[] {
  const status = found.filter((line) => line.startsWith("status: "));
  return (status.length > 0 ? status : found.toSorted())
    .map((line) => `${name} ⇒ ${line}`);
}

/** One way of asking all that it can ask. */
interface Way {
  readonly requests: readonly DifferentialRequest[];
  readonly intended: readonly IntendedDifference[];
  /** What `http` begins with, in either server. */
  readonly http: string;
  /** What is said behind the address, by each. */
  readonly listen: { readonly nginx: string; readonly webserv: string };
  readonly answers: (
    port: number,
    requests: readonly DifferentialRequest[],
    folder: string,
  ) => Promise<Answer[]>;
}

/** Asks both, and compares what differs with what is to differ. */
async function compare(
  { requests, intended, http, listen, answers }: Way,
): Promise<void> {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_nginx_" }),
  );
  const config = (text: string, parameters: string) =>
    text.replace(/^http \{$/m, `http {${http}`)
      .replace("default_server;", `default_server${parameters};`);
  try {
    writeSite(folder);
    const [nginxPort, webservPort] = [freePort(), freePort()];
    const file = `${folder}/nginx.conf`;
    Deno.writeTextFileSync(
      file,
      config(nginxConfig(nginxPort, folder), listen.nginx),
    );
    await using _nginx = await startNginx({ folder, file, port: nginxPort });
    await using _webserv = new InProcessServer({
      config: config(webservConfig(webservPort, folder), listen.webserv),
    });
    const theirs = await answers(nginxPort, requests, folder);
    const ours = await answers(webservPort, requests, folder);
    const everywhere = new Set(
      intended.filter(({ requests }) => requests === "any")
        .flatMap(({ changes }) => changes),
    );
    const met = new Set<string>();
    const found = requests.flatMap((request, i) => {
      const all = differences(theirs[i]!, ours[i]!);
      const own = all.filter((change) => !everywhere.has(change));
      if (own.length < all.length) all.forEach((change) => met.add(change));
      return report(request, own);
    });
    const asked = new Set(requests.map(({ name }) => name));
    const expected = intended.flatMap(({ changes, requests }) =>
      requests === "any"
        ? []
        : requests.filter((name) => asked.has(name)).flatMap((name) =>
          changes.toSorted().map((change) => `${name} ⇒ ${change}`)
        )
    );
    assertEquals([...everywhere].filter((change) => !met.has(change)), []);
    assertEquals(found.toSorted(), expected.toSorted());
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const NGINX = hasNginx("http_gzip_static_module", "http_gunzip_module");
if (!NGINX) {
  console.log("nginx is not installed: the comparison with it is left out");
}

Deno.test({
  name: `nginx and webserv answer ${REQUESTS.length} requests alike` +
    (NGINX ? "" : " (left out: no nginx)"),
  ignore: !NGINX,
  async fn() {
    await compare({
      requests: REQUESTS,
      intended: INTENDED,
      http: "",
      listen: { nginx: "", webserv: "" },
      answers: http1Answers,
    });
  },
});

const HTTP2 = hasNginx(
  "http_gzip_static_module",
  "http_gunzip_module",
  "http_v2_module",
) && isInstalled("curl");
if (NGINX && !HTTP2) {
  console.log("curl is not installed, or nginx has no HTTP/2: it is left out");
}

Deno.test({
  name: "nginx and webserv answer alike over HTTP/2, too" +
    (HTTP2 ? "" : " (left out: no nginx with HTTP/2, or no curl)"),
  ignore: !HTTP2,
  async fn() {
    using authority = await Authority.create();
    await authority.issue("a", "a.example", 1);
    await compare({
      requests: REQUESTS.filter(isOfHttp2),
      intended: [...INTENDED, ...INTENDED_OF_HTTP2],
      http: `
        ssl_certificate ${authority.path("a.crt")};
        ssl_certificate_key ${authority.path("a.key")};`,
      listen: { nginx: " ssl http2", webserv: " ssl http2" },
      answers: http2Answers,
    });
  },
});

Deno.test("every request of the comparison has a name of its own", () => {
  const names = REQUESTS.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("every intended difference is one of a request that is asked", () => {
  const names = new Set(REQUESTS.map(({ name }) => name));
  const unknown = [...INTENDED, ...INTENDED_OF_HTTP2].flatMap((
    { requests },
  ) => requests === "any" ? [] : requests.filter((name) => !names.has(name)));
  assertEquals(unknown, []);
});
