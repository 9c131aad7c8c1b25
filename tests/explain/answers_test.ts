/** What is explained is what is answered: status and fields, by many means. */

import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { explain } from "../../src/explain/explain.ts";
import { NO_SINK } from "../../src/server/setup/preflight.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { Server } from "../../src/server/server.ts";
import { Authority } from "../support/certificates.ts";
import { freePort } from "../support/free_ports.ts";
import { writeFiles } from "../support/server_process.ts";

/** The password "secret" of "me". */
const USERS = "me:{PLAIN}secret\n";
const AUTHORIZED = `Authorization: Basic ${btoa("me:secret")}`;

const PAGE = "<p>page</p>\n".repeat(100);

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  users: USERS,
  "www/index.html": PAGE,
  "www/a.html": PAGE,
  "www/a.css": "a { color: red }\n".repeat(80),
  "www/a.bin": "0123456789".repeat(10),
  "www/large.txt": "x".repeat(300_000),
  "www/404.html": "nothing here",
  "www/dir/b.txt": "b",
  "www/list/c.txt": "c",
  "www/list/.hidden": "h",
  "www/v/a.js": "let a;\n".repeat(300),
  "www/v/a.js.gz": gzipSync("let a;\n".repeat(300)),
  "www/ssi/a.html": '<!--#echo var="uri" -->',
  "www/sub/a.html": "old old",
  "www/down": "down",
};

const CONFIG = `
map $http_x_kind $kind { default none; ~^a first; b second; }
map $uri $moved { default ""; /moved /a.html; }
geo $where { default far; 127.0.0.0/8 near; }
split_clients $remote_addr $half { 50% one; * other; }
access_log off;
server_tokens off;
types { text/html html; text/css css; text/plain txt; text/javascript js; }
server {
  listen 127.0.0.1:HTTP;
  server_name a.example *.b.example;
  root www;
  index index.html;
  error_page 404 /404.html;
  error_page 403 =200 /a.html;
  error_page 405 @wrong;
  add_header X-Kind $kind;
  add_header X-Where $where always;
  add_header X-Half $half;
  rewrite ^/old/(.*)$ /$1 last;
  rewrite ^/away$ https://c.example/? redirect;
  rewrite ^/gone-for-good(/.*)$ /dir$1 permanent;
  if ($moved) { return 302 $moved; }
  if ($arg_stop = 1) { return 410 "stopped\\n"; }
  location / { try_files $uri $uri.html $uri/ =404; }
  location = /exact { return 200 "exact $request_method $args\\n"; }
  location /text { default_type application/json; return 200 '{"a":1}'; }
  location /close { return 444; }
  location /spa/ { try_files $uri /index.html; }
  location /fallback/ { try_files $uri @app; }
  location @app { return 203 "app $uri"; }
  location @wrong { add_header X-Wrong yes always; return 405 "no"; }
  location /dir/ { }
  location /list/ { autoindex on; }
  location /json/ { alias www/list/; autoindex on; autoindex_format json; }
  location /auth/ { alias www/; auth_basic "me, please"; auth_basic_user_file users; }
  location /any/ {
    alias www/; satisfy any; deny all;
    auth_basic me; auth_basic_user_file users;
  }
  location /deny/ { deny all; }
  location /lan/ { alias www/; allow 127.0.0.0/8; deny all; }
  location /internal/ { internal; alias www/; }
  location /gzip/ { alias www/; gzip on; gzip_types text/css; gzip_min_length 20; }
  location /v/ { gzip_static on; gzip_vary on; }
  location /expires/ { alias www/; expires 1h; }
  location /never/ { alias www/; expires -1; etag off; }
  location /map/ { alias www/; add_header X-Inner $kind; }
  location /more/ { alias www/; more_set_headers "X-More: $uri" "X-Kind"; }
  location /break/ { rewrite ^/break/(.*)$ /$1 break; }
  location /loop/ { rewrite ^(.*)$ $1x last; }
  location /if/ {
    alias www/;
    if ($http_cookie ~ "id=(\\d+)") { set $id $1; }
    if ($request_method = POST) { return 409; }
    add_header X-Id "-$id-";
  }
  location ~ ^/user/(?<who>\\w+)$ { return 200 $who; }
  location ~* \\.PNG$ { return 415; }
  location ^~ /prefix/ { return 204; }
  location /ssi/ { ssi on; }
  location /sub/ { sub_filter old new; sub_filter_once off; }
  location /slow/ { alias www/; limit_rate 1m; }
  location /ranges/ { alias www/; max_ranges 0; }
  location /except/ { alias www/; limit_except GET { deny all; } }
  location /charset/ { alias www/; charset latin1; }
  location /page/ { error_page 404 = /404.html; }
  location /url/ { error_page 404 https://d.example/; }
  location /recursive/ { error_page 404 /recursive/none; recursive_error_pages on; }
  location /small/ { client_max_body_size 1; }
  location /status { stub_status; }
  location /nometh/ { alias www/; if_modified_since off; }
}
server {
  listen 127.0.0.1:HTTP default_server;
  return 421 "other\\n";
}
server {
  listen 127.0.0.1:HTTPS ssl;
  server_name a.example;
  ssl_certificate site.crt;
  ssl_certificate_key site.key;
  root www;
  add_header Strict-Transport-Security "max-age=1";
  location /scheme { return 301 $scheme://$host$request_uri; }
}
`;

/** Requests: method and target, and field lines. */
const REQUESTS: readonly (readonly [request: string, ...fields: string[]])[] = [
  ["GET /"],
  ["HEAD /"],
  ["GET /a"],
  ["GET /a.html", "X-Kind: abc"],
  ["GET /a.html", "X-Kind: b"],
  ["OPTIONS /a.html"],
  ["POST /a.html", "Content-Length: 0"],
  ["PUT /a.html", "Content-Length: 0"],
  ["DELETE /a.html"],
  ["TRACE /a.html"],
  ["BREW /a.html"],
  ["GET /none"],
  ["GET /none", "X-Kind: a"],
  ["GET /dir"],
  ["GET /dir?x=y"],
  ["GET /dir/"],
  ["GET /dir/b.txt"],
  ["GET /list/"],
  ["GET /list/?C=S&O=D"],
  ["GET /json/"],
  ["GET /old/a.html"],
  ["GET /old/none"],
  ["GET /away?x"],
  ["GET /gone-for-good/x?y"],
  ["GET /moved"],
  ["GET /?stop=1"],
  ["GET /exact?q=1"],
  ["POST /exact", "Content-Length: 3"],
  ["GET /exact/"],
  ["GET /text"],
  ["GET /close"],
  ["GET /spa/view"],
  ["GET /fallback/none"],
  ["GET /auth/a.html"],
  ["GET /auth/a.html", AUTHORIZED],
  ["GET /auth/a.html", "Authorization: Basic bWU6eA=="],
  ["GET /any/a.html"],
  ["GET /any/a.html", AUTHORIZED],
  ["GET /deny/x"],
  ["GET /lan/a.html"],
  ["GET /internal/a.html"],
  ["GET /gzip/a.html", "Accept-Encoding: gzip"],
  ["GET /gzip/a.css", "Accept-Encoding: gzip, br"],
  ["GET /gzip/a.css", "Accept-Encoding: gzip;q=0"],
  ["GET /gzip/a.bin", "Accept-Encoding: gzip"],
  ["HEAD /gzip/a.css", "Accept-Encoding: gzip"],
  ["GET /gzip/a.css", "Accept-Encoding: gzip", "Range: bytes=0-3"],
  ["GET /v/a.js", "Accept-Encoding: gzip"],
  ["GET /v/a.js"],
  ["GET /v/a.js", "Accept-Encoding: gzip", "Range: bytes=2-5"],
  ["GET /a.bin", "Range: bytes=0-9"],
  ["GET /a.bin", "Range: bytes=-5"],
  ["GET /a.bin", "Range: bytes=0-1,5-6"],
  ["GET /a.bin", "Range: bytes=1000-"],
  ["GET /a.bin", "Range: lines=1"],
  ["HEAD /a.bin", "Range: bytes=0-9"],
  ["GET /ranges/a.bin", "Range: bytes=0-9"],
  ["GET /large.txt"],
  ["GET /a.html", "If-None-Match: *"],
  ["GET /a.html", 'If-None-Match: "x"'],
  ["GET /a.html", "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT"],
  ["GET /a.html", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT"],
  ["GET /a.html", 'If-Match: "x"'],
  ["GET /a.bin", 'If-Range: "x"', "Range: bytes=0-1"],
  ["GET /nometh/a.html", "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT"],
  ["GET /expires/a.html"],
  ["GET /expires/none"],
  ["GET /never/a.html"],
  ["GET /map/a.html", "X-Kind: b"],
  ["GET /more/a.html"],
  ["GET /break/a.html"],
  ["GET /loop/a"],
  ["GET /if/a.html", "Cookie: id=42"],
  ["GET /if/a.html"],
  ["POST /if/a.html", "Content-Length: 0"],
  ["GET /user/me"],
  ["GET /user/me/x"],
  ["GET /x.png"],
  ["GET /prefix/x.png"],
  ["GET /ssi/a.html"],
  ["GET /sub/a.html"],
  ["GET /sub/a.html", "Range: bytes=0-1"],
  ["GET /slow/a.html"],
  ["GET /except/a.html"],
  ["POST /except/a.html", "Content-Length: 0"],
  ["GET /charset/a.html"],
  ["GET /page/none"],
  ["GET /url/none"],
  ["GET /recursive/x"],
  ["GET /recursive/none"],
  ["POST /small/x", "Content-Length: 2"],
  ["GET /a%2ehtml"],
  ["GET //a.html"],
  ["GET /x/../a.html"],
  ["GET /../a.html"],
  ["GET /%00"],
  ["GET /%"],
  ["GET /a.html%20"],
  ["GET /down"],
];

/** Hosts, which choose the server. */
const HOSTS = ["a.example", "x.b.example", "A.EXAMPLE.", "c.example", "a b"];

/** What the connection adds, or what is another one each second. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

interface Asked {
  readonly host: string;
  readonly request: string;
  readonly fields: readonly string[];
}

/** Status and fields, each in a line. */
function linesOf(
  status: number,
  fields: Iterable<readonly [name: string, value: string]>,
): string[] {
  const lines = [...fields].filter(([name]) =>
    !OF_THE_CONNECTION.has(name.toLowerCase())
  ).map(([name, value]) =>
    `${name.toLowerCase()}: ${
      // Its boundary is made anew for each answer.
      value.replace(/boundary=.*/, "boundary")}`
  );
  return [String(status), ...lines.sort()];
}

/** What a server says. */
async function answered(
  { host, request, fields }: Asked,
  port: number,
  root: string | undefined,
): Promise<string[]> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  using socket = root === undefined
    ? tcp
    : await Deno.startTls(tcp, { hostname: "a.example", caCerts: [root] });
  const lines = [
    `${request} HTTP/1.1`,
    `Host: ${host}`,
    ...fields,
    "Connection: close",
  ];
  const length = /^Content-Length: (\d+)$/m.exec(fields.join("\n"))?.[1] ?? "0";
  const text = `${lines.join("\r\n")}\r\n\r\n${"x".repeat(Number(length))}`;
  await socket.write(new TextEncoder().encode(text));
  const bytes = await new Response(socket.readable).bytes();
  const [head = ""] = new TextDecoder("latin1").decode(bytes).split("\r\n\r\n");
  if (head === "") return ["444"];
  const [line = "", ...answer] = head.split("\r\n");
  return linesOf(
    Number(line.split(" ")[1]),
    answer.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()] as const;
    }),
  );
}

/** A site in a folder of its own. */
function prepare(folder: string) {
  const source = { file: `${folder}/site.conf`, prefix: folder };
  const configuration = readConfiguration(source, () => {});
  const generation = prepareGeneration(configuration, () => {}, {
    openLog: () => NO_SINK,
  });
  return { configuration, generation };
}

Deno.test("explain() says the status and the fields that the server then sends", async () => {
  using authority = await Authority.create();
  await authority.issue("site", "a.example", 1);
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  const [http, https] = [freePort(), freePort()];
  writeFiles(folder, {
    ...FILES,
    "site.conf": CONFIG.replaceAll("HTTPS", String(https))
      .replaceAll("HTTP", String(http)),
  });
  for (const name of ["site.crt", "site.key"]) {
    Deno.copyFileSync(authority.path(name), `${folder}/${name}`);
  }
  const root = Deno.readTextFileSync(authority.path("ca.crt"));
  const server = new Server();
  server.serve(prepare(folder).generation);
  const { configuration, generation } = prepare(folder);
  const asked: (Asked & { readonly secure: boolean })[] = [
    ...REQUESTS.map(([request, ...fields]) => ({
      host: "a.example",
      request,
      fields,
      secure: false,
    })),
    ...HOSTS.map((host) => ({
      host,
      request: "GET /a.html",
      fields: [],
      secure: false,
    })),
    ...["GET /a.html", "GET /scheme?x", "HEAD /", "GET /none"].map((
      request,
    ) => ({ host: "a.example", request, fields: [], secure: true })),
  ];
  const differences: unknown[] = [];
  try {
    for (const each of asked) {
      const { secure, host, request, fields } = each;
      const port = secure ? https : http;
      const [method = "", target = ""] = request.split(" ");
      const explained = await explain(configuration, generation, {
        host,
        method,
        target,
        from: "127.0.0.1",
        secure,
        port,
        fields: fields.map((field) => ({
          name: field.slice(0, field.indexOf(":")).toLowerCase(),
          value: field.slice(field.indexOf(":") + 1).trim(),
        })),
      });
      const said = linesOf(
        explained.status,
        explained.status === 444
          ? []
          : explained.fields.map(({ name, value }) => [name, value] as const),
      );
      const real = await answered(each, port, secure ? root : undefined);
      if (said.join("\n") !== real.join("\n")) {
        differences.push({
          asked: [request, host, ...fields].join(" | "),
          said: said.filter((line) => !real.includes(line)),
          real: real.filter((line) => !said.includes(line)),
        });
      }
    }
  } finally {
    generation.environment.files.clear();
    generation.environment.files.stop();
    await server.stop();
    Deno.removeSync(folder, { recursive: true });
  }
  assertEquals(differences, []);
});
