/**
 * `more_set_headers` and its like beside the module they come from: the same
 * configuration, the same requests.
 */

import { assertEquals } from "@std/assert";
import { InProcessServer } from "../support/in_process_server.ts";
import { freePort } from "../support/free_ports.ts";
import {
  nginxHead,
  nginxModule,
  nginxTempPaths,
  startNginx,
} from "../support/nginx.ts";
import { RawClient } from "../support/raw_client.ts";

const SERVER = `
  types { text/plain txt; text/html html; text/css css; }
  charset off;
  access_log off;
  server_tokens off;
  gzip_vary on;
  more_set_headers "X-Outer: o" "Server: mine";
  server {
    listen 127.0.0.1:PORT;
    root ROOT/www;
    more_set_headers "X-Server: $request_method";
    location /plain/ { alias ROOT/www/; }
    location /wild { more_set_headers "X-A: 1" "X-B: 2"; more_clear_headers "X-*"; return 200 x; }
    location /setwild { more_set_headers "X-A: 1" "X-B: 2"; more_set_headers "X-*: new"; return 200 x; }
    location /clear/name { more_set_headers "X-Outer"; return 200 x; }
    location /clear/colon { more_set_headers "X-Outer:"; return 200 x; }
    location /clear/blanks { more_set_headers "x-outer:   "; return 200 x; }
    location /clear/value { more_clear_headers "X-Outer: p"; return 200 x; }
    location /clear/two { more_clear_headers X-Outer x-server; return 200 x; }
    location /clear/nothing { more_clear_headers X-Nothing; return 200 x; }
    location /case { more_set_headers "x-outer:  two words"; return 200 x; }
    location /noserver { more_clear_headers Server; return 404; }
    location /emptyserver { more_set_headers "Server:"; return 200 x; }
    location /varserver { more_set_headers "Server: s-$arg_v"; return 200 x; }
    location /status/404 { more_set_headers -s "404 500" "X-S: s"; more_set_headers -s 200 "X-T: t"; return 404; }
    location /status/200 { more_set_headers -s 404 -s 200 "X-S: s"; return 200 x; }
    location /status/clear { more_clear_headers -s "403 404" X-Outer; return 403; }
    location /status/missing { more_set_headers -s 404 "X-S: s"; }
    location /status/moved { more_set_headers -s 301 "X-S: s"; return 301 http://other.example/; }
    location /status/204 { more_set_headers -s 204 "X-S: s"; return 204; }
    location /status/page { error_page 404 /plain/a.txt; more_set_headers -s 404 "X-S: s"; return 404; }
    location /type/ {
      more_set_headers -t "text/plain text/css" "X-P: s";
      more_set_headers -t text/html -t text/plain "X-Q: s";
      more_set_headers -s 200 -t text/html "X-R: s";
      alias ROOT/www/;
    }
    location /ct/ { more_set_headers "Content-Type: text/css"; more_set_headers -t text/css "X-C: 1"; alias ROOT/www/; }
    location /ct/charset/ { more_set_headers "Content-Type: text/html; charset=koi8-r"; alias ROOT/www/; }
    location /ct/none/ { more_clear_headers Content-Type; alias ROOT/www/; }
    location /ct/var/ { more_set_headers "Content-Type: text/$arg_v"; alias ROOT/www/; }
    location /noranges/ { more_clear_headers Accept-Ranges; alias ROOT/www/; }
    location /ranges/ { more_set_headers "X-R: 1"; alias ROOT/www/; }
    location /noetag/ { more_clear_headers Last-Modified ETag; alias ROOT/www/; }
    location /etag/ { more_set_headers 'ETag: "x"' "Last-Modified: Wed, 28 Feb 2024 12:34:56 GMT"; alias ROOT/www/; }
    location /expires/ {
      more_set_headers "Expires: x" "Cache-Control: no-store";
      expires max;
      add_header Cache-Control public;
      add_header X-Outer two;
      alias ROOT/www/;
    }
    location /expires/var/ {
      more_set_headers "X-V: $arg_v" "Cache-Control: no-store" "Expires: x";
      expires epoch;
      add_header X-V two;
      alias ROOT/www/;
    }
    location /nocontrol/ { more_clear_headers Cache-Control Expires; expires max; alias ROOT/www/; }
    location /location { more_set_headers "Location: http://third.example/"; return 301 http://other.example/; }
    location /location/none { more_clear_headers Location; return 302 http://other.example/; }
    location /var { more_set_headers "X-V: $arg_v" "X-W: a$arg_v" "X-Outer: $arg_o"; return 200 x; }
    location /var/name { more_set_headers 'X-Status: $status $sent_http_x_outer'; return 200 x; }
    location /added { add_header X-M 1; more_set_headers "X-M: 2" "X-M: 3"; more_clear_headers x-m; return 200 x; }
    location /added/kept { add_header X-M 1; more_set_headers "X-M: 2"; return 200 x; }
    location /gzip/ { gzip on; gzip_vary on; gzip_min_length 0; more_clear_headers Vary; alias ROOT/www/; }
    location /gzip/type/ { gzip on; gzip_min_length 0; gzip_types text/css; more_set_headers "Content-Type: text/css"; alias ROOT/www/; }
    location /gzip/var/ { gzip on; gzip_min_length 0; gzip_types text/css; more_set_headers "Content-Type: text/$arg_v"; alias ROOT/www/; }
    location /gzip/coded/ { gzip on; gzip_min_length 0; more_set_headers "Content-Encoding: identity"; alias ROOT/www/; }
    location /twice { more_set_headers "Cache-Control: a"; more_set_headers "Cache-Control: b"; return 200 x; }
    location /cookies { more_set_headers "Set-Cookie: a"; more_set_headers "Set-Cookie: b"; return 200 x; }
    location /none { more_set_headers -s 404; return 200 x; }
    location /nested/ {
      more_set_headers "X-N: 1" "X-Outer: n";
      location /nested/in { more_set_headers "X-N: 2"; more_clear_headers X-Outer; return 200 x; }
      return 200 x;
    }
    location /if/ {
      more_set_headers "X-L: 1" "X-Outer: l";
      if ($arg_i) { more_set_headers "X-I: $arg_i"; more_clear_headers X-L; }
      if ($arg_in) { more_set_input_headers "X-In: $arg_in"; }
      more_set_headers "X-Seen: $http_x_in";
      alias ROOT/www/;
    }
    location /in/set { more_set_input_headers "X-In: v-$arg_v" "User-Agent: u"; more_set_headers "X-Seen: $http_x_in $http_user_agent"; alias ROOT/www/a.txt; }
    location /in/replace { more_set_input_headers -r "X-In: new"; more_set_headers "X-Seen: $http_x_in"; alias ROOT/www/a.txt; }
    location /in/clear { more_clear_input_headers "X-*" Range If-None-Match; more_set_headers "X-Seen: $http_x_in|$http_x_two"; alias ROOT/www/a.txt; }
    location /in/type { more_set_input_headers -t "text/plain" "X-In: typed"; more_set_headers "X-Seen: $http_x_in"; alias ROOT/www/a.txt; }
    location /in/coding { gzip on; gzip_min_length 0; gzip_types text/plain; more_clear_input_headers Accept-Encoding; alias ROOT/www/a.txt; }
    location /in/range { more_set_input_headers "Range: bytes=1-2"; alias ROOT/www/a.txt; }
    location /in/twice { more_set_input_headers "X-In: 1"; more_set_input_headers "X-In: $http_x_in-2"; more_set_headers "X-Seen: $http_x_in"; alias ROOT/www/a.txt; }
  }
`;

/** The requests: `[METHOD] /target | Field: value | ...`. */
const REQUESTS = `
  /plain/a.txt
  HEAD /plain/a.txt
  POST /plain/a.txt
  /plain/missing
  /plain
  /wild
  /setwild
  /clear/name
  /clear/colon
  /clear/blanks
  /clear/value
  /clear/two
  /clear/nothing
  /case
  /noserver
  /emptyserver
  /varserver
  /varserver?v=1
  /status/404
  /status/200
  /status/clear
  /status/missing
  /status/moved
  /status/204
  /status/page
  /type/a.txt
  /type/a.html
  /type/a.css
  /type/a
  /type/missing
  /ct/a.txt
  /ct/missing
  /ct/charset/a.txt
  /ct/none/a.txt
  /ct/var/a.txt?v=css
  /noranges/a.txt
  /noranges/a.txt | Range: bytes=0-1
  /ranges/a.txt | Range: bytes=0-1
  /ranges/a.txt | Range: bytes=0-1,3-4
  /ranges/a.txt | If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT
  /noetag/a.txt
  /etag/a.txt
  /expires/a.txt
  /expires/missing
  /expires/var/a.txt?v=1
  /expires/var/a.txt
  /nocontrol/a.txt
  /location
  /location/none
  /var
  /var?v=1
  /var?v=1&o=2
  /var/name
  /added
  /added/kept
  /gzip/a.html | Accept-Encoding: gzip
  /gzip/a.html
  /gzip/type/a.txt | Accept-Encoding: gzip
  /gzip/type/a.html | Accept-Encoding: gzip
  /gzip/var/a.html?v=css | Accept-Encoding: gzip
  /gzip/var/a.html?v=plain | Accept-Encoding: gzip
  /gzip/coded/a.html | Accept-Encoding: gzip
  /twice
  /cookies
  /none
  /nested/out
  /nested/in
  /if/a.txt
  /if/a.txt?i=1
  /if/a.txt?in=2
  /if/a.txt?i=1&in=2
  /in/set?v=1
  /in/set | User-Agent: other | X-In: own
  /in/replace
  /in/replace | X-In: old | x-in: older
  /in/clear | X-In: 1 | X-Two: 2
  /in/clear | Range: bytes=0-1
  /in/type | Content-Type: text/plain | X-In: own
  /in/type | Content-Type: text/css | X-In: own
  /in/type | X-In: own
  /in/coding | Accept-Encoding: gzip
  /in/range
  /in/twice
`.trim().split("\n").map((line) => line.trim());

/** Fields that the two servers write in other ways or at other times. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "allow",
  "connection",
  "date",
  "keep-alive",
]);

/** The answer to a request as text: status, sorted fields, and the body. */
async function answer(port: number, line: string): Promise<string> {
  const [target = "", ...fields] = line.split(" | ");
  const [method, path] = target.startsWith("/")
    ? ["GET", target]
    : target.split(" ");
  using client = await RawClient.connect(port);
  const lines = [`${method} ${path} HTTP/1.1`, "Host: a.example", ...fields];
  if (method === "POST") lines.push("Content-Length: 0");
  await client.send(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  const response = await client.response({ head: method === "HEAD" });
  if (response === undefined) return "nothing";
  const isPage = /<center>|<!doctype/i.test(response.text);
  const isCoded = response.field("content-encoding") === "gzip";
  const isParts = response.field("content-type")?.startsWith("multipart/");
  const shown = response.fields
    .filter(([name, value]) =>
      !LEFT_OUT.has(name) && !(isPage && name.startsWith("content-")) &&
      !((isCoded || isParts) && /^content-(?:length|type)$/.test(name)) &&
      !(name === "transfer-encoding" && value === "chunked")
    )
    .map(([name, value]) => `${name}: ${value.replace(`:${port}/`, "/")}`);
  const body = isPage || isCoded || isParts ? "…" : response.text;
  return [response.status, ...shown.sort(), body].join("\n");
}

/** When the files were changed, in s; a whole second says less (ETag). */
const MODIFIED = 1709210096.25;

/** Where the module does something else, and why. */
const INTENDED: ReadonlyMap<string, string> = new Map([
  ["/status/page", "an error has no validators of the file that tells of it"],
  ["/nocontrol/a.txt", "what is cleared may be set again by expires"],
  ["/in/twice", "a variable has the value that its field has by now"],
]);

const MODULE = nginxModule("ngx_http_headers_more_filter_module");
if (MODULE === undefined) {
  console.log("headers-more is not installed: the comparison is left out");
}

Deno.test({
  name: `headers-more and webserv answer ${REQUESTS.length} requests alike`,
  ignore: MODULE === undefined,
  async fn() {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_nginx_" }),
    );
    try {
      Deno.mkdirSync(`${folder}/www`);
      for (
        const [name, text] of [
          ["a.txt", "0123456789\n"],
          ["a.html", "<p>text</p>\n"],
          ["a.css", "p { }\n"],
          ["a", "plain\n"],
        ] as const
      ) {
        Deno.writeTextFileSync(`${folder}/www/${name}`, text);
        Deno.utimeSync(`${folder}/www/${name}`, MODIFIED, MODIFIED);
      }
      const [nginxPort, ourPort] = [freePort(), freePort()];
      const fill = (port: number) =>
        SERVER.replaceAll("PORT", `${port}`).replaceAll("ROOT", folder);
      const file = `${folder}/nginx.conf`;
      Deno.writeTextFileSync(
        file,
        `load_module ${MODULE};${nginxHead(folder)} http {` +
          `${nginxTempPaths(folder)} ${fill(nginxPort)} }`,
      );
      await using _nginx = await startNginx({ folder, file, port: nginxPort });
      await using _ours = new InProcessServer({
        config: `http { dotfiles allow; ${fill(ourPort)} }`,
      });
      const differing: string[] = [];
      for (const line of REQUESTS) {
        const [theirs, ours] = [
          await answer(nginxPort, line),
          await answer(ourPort, line),
        ];
        if (theirs === ours) continue;
        differing.push(line);
        if (!INTENDED.has(line)) assertEquals(ours, theirs, line);
      }
      assertEquals(differing, [...INTENDED.keys()]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
