/**
 * Limits of nginx and webserv side by side: the same requests, one after the
 * other, are let through, refused and logged alike.
 */

import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../support/raw_client.ts";
import { freePort } from "../support/free_ports.ts";
import {
  hasNginx,
  nginxHead,
  nginxTempPaths,
  startNginx,
} from "../support/nginx.ts";
import { ServerProcess } from "../support/server_process.ts";

/** Rates of so little that no time between two requests counts. */
const HTTP = `
  limit_req_zone $arg_k zone=one:1m rate=1r/m;
  limit_req_zone $arg_j zone=two:32k rate=1r/m;
  limit_req_zone "$by" zone=map:1m rate=1r/m;
  limit_req_zone constant zone=all:1m rate=1r/m;
  limit_conn_zone $arg_c zone=conn:1m;
  map $http_x_by $by { default ""; ~^(.)(.) $2; }
  log_format l "$request_uri $status $limit_req_status $limit_conn_status";
  access_log logs/access.log l;
  limit_req_log_level warn;
  server {
    listen 127.0.0.1:PORT;
    root site;
    location / { limit_req zone=one; }
    location /burst/ { alias site/; limit_req zone=one burst=3 nodelay; }
    location /part/ { alias site/; limit_req zone=one burst=3 delay=3; }
    location /both/ { alias site/; limit_req_log_level notice;
      limit_req zone=two burst=3 nodelay; limit_req zone=one burst=1 nodelay; }
    location /none/ { alias site/; limit_req_log_level info; }
    location /map/ { alias site/; limit_req zone=map burst=1 nodelay; }
    location /all/ { alias site/; limit_req zone=all burst=1 nodelay; }
    location /dry/ { alias site/; limit_req zone=one burst=1;
      limit_req_dry_run on; limit_req_log_level info; }
    location /429/ { alias site/; limit_req zone=one; limit_req_status 429;
      error_page 429 /page; }
    location /503/ { alias site/; limit_req zone=one; error_page 503 = @named; }
    location @named { limit_req zone=two; add_header X-S $limit_req_status;
      rewrite ^ /a break; }
    location /444/ { alias site/; limit_req zone=one; limit_req_status 444; }
    location = /page { limit_req zone=two; alias site/a;
      add_header X-S $limit_req_status always; }
    location /return { limit_req zone=one; return 200 "x"; }
    location /try/ { limit_req zone=one; try_files /nope /burst/a; }
    location /denied/ { limit_req zone=one; limit_req_log_level error;
      deny all; }
    location /conn/ { alias site/; limit_conn conn 1; limit_req zone=one; }
    location /held/ { alias site/; limit_conn conn 1; limit_rate 1k; }
    location /429/conn/ { alias site/; limit_conn conn 1;
      limit_conn_status 429; }
    location /dry/conn/ { alias site/; limit_conn conn 1;
      limit_conn_dry_run on; limit_conn_log_level info; }
    location /nested/ { limit_req zone=one; limit_req_log_level error;
      location /nested/in/ { alias site/; }
      location /nested/own/ { alias site/; limit_req zone=two; } }
    location /rate/ { alias site/; limit_rate $arg_r; limit_rate_after $arg_a;
      add_header X-S $limit_rate; }
    location /if/ { alias site/; limit_req zone=one;
      if ($arg_x) { add_header X-S if; } }
  }
`;

/** What is asked for, so often. */
const TARGETS: readonly (readonly [target: string, times: number])[] = [
  ["/a?k=1", 3],
  ["/a?k=2", 1],
  ["/a", 3],
  ["/a?k=", 2],
  ["/burst/a?k=3", 6],
  ["/part/a?k=4", 5],
  ["/burst/a?k=1", 4],
  ["/both/a?k=5&j=5", 4],
  ["/both/a?j=6", 5],
  ["/both/a?k=6", 3],
  ["/both/a", 3],
  ["/none/a?k=1", 2],
  ["/map/a|ab", 3],
  ["/map/a|cb", 1],
  ["/map/a|ac", 1],
  ["/map/a|a", 3],
  ["/all/a", 3],
  ["/dry/a?k=7", 4],
  ["/429/a?k=8", 3],
  ["/429/a?k=8&j=8", 3],
  ["/503/a?k=9", 3],
  ["/444/a?k=10", 2],
  ["/return?k=11", 3],
  ["/try/x?k=12", 4],
  ["/denied/a?k=13", 2],
  ["/conn/a?k=14&c=14", 2],
  ["/conn/a?c=15", 3],
  ["/conn/a?c=held", 2],
  ["/conn/a?c=other", 2],
  ["/429/conn/a?c=held", 1],
  ["/dry/conn/a?c=held", 1],
  [`/conn/a?c=${"x".repeat(256)}`, 1],
  ["/nested/x?k=16", 1],
  ["/nested/in/a?k=16", 2],
  ["/nested/own/a?j=16", 2],
  ["/if/a?k=17&x=1", 2],
  [`/a?k=${"x".repeat(1500)}`, 2],
  ["/a?k=%31", 1],
  ["/rate/a?r=10k&a=x", 1],
  ["/rate/a?r=0&a=x", 1],
  ["/rate/a?r=x", 1],
  ["/rate/a", 1],
];

/** What was answered to all of them. */
async function answers(port: number): Promise<string[]> {
  const all: string[] = [];
  using held = await RawClient.connect(port);
  await held.send("GET /held/long?c=held HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const [line, times] of TARGETS) {
    const [target = "", by = ""] = line.split("|");
    for (let i = 0; i < times; i++) {
      using client = await RawClient.connect(port);
      await client.send(
        `GET ${target} HTTP/1.1\r\nHost: a\r\nX-By: ${by}\r\n` +
          "Connection: close\r\n\r\n",
      );
      const response = await client.response();
      const field = response?.field("x-s") ?? "-";
      all.push(`${line.slice(0, 40)} ${response?.status} ${field}`);
    }
  }
  return all;
}

/** Lines about limits, without time, connection and port. */
function limitLines(text: string): string[] {
  return text.split("\n").filter((line) =>
    /limiting|delaying|invalid size/.test(line)
  )
    .map((line) =>
      line.replace(/^\S+ \S+ /, "").replace(/\d+#\d+: \*\d+ /, "")
        .replace(" while sending response to client", "")
        // So fast no machine is that a millisecond may not have passed.
        .replace(/\.\d{3}/, (digits) => Number(digits) > 0.5 ? ".9" : ".0")
        .replace(/excess: (\d+)\.9/, (_, n) => `excess: ${Number(n) + 1}.0`)
    );
}

/** Lines of the access log but for the one request that never ends. */
function accessLines(text: string): string[] {
  return text.split("\n").filter((line) => !line.startsWith("/held/"));
}

/** What fail2ban's filter finds in a log. */
function matched(file: string): string {
  const { stdout } = new Deno.Command("fail2ban-regex", {
    args: [file, "/etc/fail2ban/filter.d/nginx-limit-req.conf"],
    env: { LC_ALL: "C" },
  }).outputSync();
  return /(\d+) matched/.exec(new TextDecoder().decode(stdout))?.[1] ?? "none";
}

function hasFail2ban(): boolean {
  try {
    return new Deno.Command("fail2ban-regex", { args: ["--version"] })
      .outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "nginx and webserv limit requests alike",
  ignore: !hasNginx(),
  async fn() {
    await using webserv = await ServerProcess.start({
      config: `error_log logs/error.log info; events { } http { ${
        HTTP.replaceAll("PORT", "0")
      } }`,
      files: { "site/a": "a", "site/long": "a".repeat(100_000) },
    });
    const { folder } = webserv;
    const port = freePort();
    const file = `${folder}/nginx.conf`;
    Deno.mkdirSync(`${folder}/theirs`);
    Deno.writeTextFileSync(
      file,
      `${nginxHead(folder)} http { ${nginxTempPaths(folder)} ${
        HTTP.replaceAll("PORT", String(port))
          .replaceAll(" site", ` ${folder}/site`)
          .replaceAll("logs/", `${folder}/theirs/`)
      } }`,
    );
    {
      await using _nginx = await startNginx({ folder, file, port });
      assertEquals(await answers(webserv.port), await answers(port));
    }
    await webserv.stop();
    const ours = webserv.read("logs/error.log");
    const theirs = webserv.read("nginx.log");
    assertEquals(limitLines(ours), limitLines(theirs));
    assert(limitLines(ours).length > 30);
    assertEquals(
      accessLines(webserv.read("logs/access.log")),
      accessLines(webserv.read("theirs/access.log")),
    );
    if (!hasFail2ban()) return;
    const found = matched(webserv.path("logs/error.log"));
    assertEquals(found, matched(webserv.path("nginx.log")));
    assert(Number(found) > 0, found);
  },
});
