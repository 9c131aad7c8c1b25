/**
 * The error log beside nginx's: the same requests, the same lines. Where there
 * is no nginx, the lines are still what they should be.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { freePort } from "../support/free_ports.ts";
import { RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

/** The part of the configuration that both have. */
function servers(port: string, root: string): string {
  return `
    access_log off;
    keepalive_timeout 1s;
    client_header_timeout 1s;
    client_body_timeout 1s;
    server {
        listen 127.0.0.1:${port};
        server_name www.example.org alias.example.org;
        root ${root};
        location /deny/ { deny all; }
        location /cycle { rewrite ^/cycle(.*)$ /cycle$1x last; }
        location /named { try_files /none @none; }
        location /upload { client_max_body_size 10; }
        location /listed/ { autoindex on; }
        location /quiet/ { log_not_found off; }
        location /loud/ { log_not_found on; }
        location /alias/ { alias ${root}/dir/; }
        location /index/ { index a.html /other.html; }
        location /fallback { try_files $uri /missing.html; }
        location /gone { try_files $uri =404; }
        location /403 { return 403; }
        location /500 { return 500; }
        location /unset { return 200 "$somewhere$somewhere"; }
        location /unwarned {
            uninitialized_variable_warn off;
            return 200 $somewhere;
        }
        location /set { set $somewhere x; return 200 $somewhere; }
        location /noted/ {
            rewrite_log on;
            rewrite ^/noted/(a|é)$ /gone last;
            if ($arg_a ~* ^B$) { return 204; }
            return 204;
        }
        location /unnoted { rewrite ^/noted /x; return 204; }
        location /rate { set $limit_rate fast; return 204; }
    }`;
}

const GET = (path: string, more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: WWW.example.org:80\r\n${more}\r\n`;

/** The end of a line about a request for `path`. */
const at = (path: string, more = "") =>
  `, client: 127.0.0.1, server: www.example.org, ` +
  `request: "GET ${path} HTTP/1.1", host: "WWW.example.org:80"${more}`;

/** A request, and the line for it; `@` is the root, without one there is none. */
interface Row {
  readonly request: string;
  readonly line?: string;
  /** What webserv says where it says more than nginx. */
  readonly own?: string;
  /** Whether the client leaves, or waits until it is thrown out. */
  readonly end?: "leaves" | "waits";
}

const ROWS: readonly Row[] = [
  {
    request: GET("/none.html"),
    line: `[error] open() "@/none.html" failed (2: No such file or directory)` +
      at("/none.html"),
  },
  {
    request: GET("/no/such/file"),
    line: `[error] open() "@/no/such/file" failed ` +
      `(2: No such file or directory)${at("/no/such/file")}`,
  },
  {
    request: GET("/a.txt/x"),
    line: `[error] open() "@/a.txt/x" failed (20: Not a directory)` +
      at("/a.txt/x"),
  },
  {
    request: GET("/link"),
    line: `[error] open() "@/link" failed ` +
      `(40: Too many levels of symbolic links)${at("/link")}`,
  },
  {
    request: GET(`/${"n".repeat(300)}`),
    line: `[error] open() "@/${"n".repeat(300)}" failed ` +
      `(36: File name too long)${at(`/${"n".repeat(300)}`)}`,
  },
  {
    request: GET("/nodir/"),
    line: `[error] "@/nodir/index.html" is not found ` +
      `(2: No such file or directory)${at("/nodir/")}`,
  },
  {
    request: GET("/a.txt/"),
    line: `[error] "@/a.txt/index.html" is not found (20: Not a directory)` +
      at("/a.txt/"),
  },
  {
    request: GET("/dir/"),
    line: `[error] directory index of "@/dir/" is forbidden${at("/dir/")}`,
  },
  {
    request: GET("/listed/none/"),
    line: `[error] "@/listed/none/index.html" is not found ` +
      `(2: No such file or directory)${at("/listed/none/")}`,
  },
  {
    request: GET("/alias/none"),
    line: `[error] open() "@/dir/none" failed (2: No such file or directory)` +
      at("/alias/none"),
  },
  {
    request: GET("/fallback/x"),
    line: `[error] open() "@/missing.html" failed ` +
      `(2: No such file or directory)${at("/fallback/x")}`,
  },
  {
    request: GET("/deny/x?y", "Referer: http://r.example/?q\r\n"),
    line: `[error] access forbidden by rule` +
      at("/deny/x?y", ', referrer: "http://r.example/?q"'),
  },
  {
    request: GET("/cycle"),
    line: `[error] rewrite or internal redirection cycle while processing ` +
      `"/cycle${"x".repeat(11)}"${at("/cycle")}`,
  },
  {
    request: GET("/named"),
    line: `[error] could not find named location "@none"${at("/named")}`,
  },
  {
    request: GET("/upload", "Content-Length: 11\r\n") + "x".repeat(11),
    line: `[error] client intended to send too large body: 11 bytes` +
      at("/upload"),
  },
  { request: GET("/a.txt") },
  { request: GET("/quiet/none") },
  {
    request: GET("/loud/none"),
    line: `[error] open() "@/loud/none" failed ` +
      `(2: No such file or directory)${at("/loud/none")}`,
  },
  { request: GET("/gone") },
  { request: GET("/403") },
  { request: GET("/500") },
  {
    request: GET("/unset"),
    line: `[warn] using uninitialized "somewhere" variable${at("/unset")}`,
  },
  { request: GET("/unwarned") },
  { request: GET("/set") },
  {
    request: GET("/noted/b?a=b"),
    line: `[notice] "^/noted/(a|é)$" does not match "/noted/b"` +
      at("/noted/b?a=b"),
  },
  {
    request: GET("/noted/%C3%A9"),
    line: `[notice] "^/noted/(a|é)$" matches "/noted/é"` + at("/noted/%C3%A9"),
  },
  { request: GET("/unnoted") },
  {
    request: GET("/rate"),
    line: `[error] invalid $limit_rate "fast"${at("/rate")}`,
  },
  {
    request: "GET / HTTP/1.1\r\n\r\n",
    line: '[info] client sent HTTP/1.1 request without "Host" header while ' +
      "reading client request headers, client: 127.0.0.1, " +
      'server: www.example.org, request: "GET / HTTP/1.1"',
  },
  {
    request: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    line: "[info] client sent invalid host header while reading client " +
      "request headers, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET / HTTP/1.1", host: "a/b"',
  },
  {
    request: "GET /../x HTTP/1.1\r\nHost: a\r\n\r\n",
    line: "[info] client sent invalid request while reading client request " +
      "line, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET /../x HTTP/1.1"',
    own: "[info] client sent invalid request while reading client request " +
      "line: path leaves the root, client: 127.0.0.1, " +
      'server: www.example.org, request: "GET /../x HTTP/1.1", host: "a"',
  },
  {
    request: "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    line: '[info] client sent invalid "Content-Length" header while reading ' +
      "client request headers, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET / HTTP/1.1", host: "a"',
  },
  {
    request: "GET / HTTP/1.1\r\nHost: a\r\nA\0B: c\r\n\r\n",
    line: '[info] client sent invalid header line: "A\\x00..." while reading ' +
      "client request headers, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET / HTTP/1.1", host: "a"',
    own: '[info] client sent invalid header line: "A\\x00..." while reading ' +
      "client request headers: name, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET / HTTP/1.1", host: "a"',
  },
  {
    request: "",
    end: "leaves",
    line: "[info] client closed connection while waiting for request, " +
      "client: 127.0.0.1, server: 127.0.0.1:@P",
  },
  {
    request: "GET /x",
    end: "leaves",
    line: "[info] client prematurely closed connection while reading client " +
      "request line, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET /x"',
  },
  {
    request: "GET /x HTTP/1.1\r\nHost: h\r\nA",
    end: "leaves",
    line: "[info] client prematurely closed connection while reading client " +
      "request headers, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET /x HTTP/1.1", host: "h"',
  },
  {
    request: GET("/a.txt").replace(
      "\r\n\r\n",
      "\r\nConnection: keep-alive\r\n\r\n",
    ),
    end: "leaves",
    line: "[info] client 127.0.0.1 closed keepalive connection",
  },
  {
    request: "",
    end: "waits",
    line: "[info] client timed out (110: Connection timed out) while waiting " +
      "for request, client: 127.0.0.1, server: 127.0.0.1:@P",
  },
  {
    request: "GET /x HTTP/1.1\r\nHost: h\r\nA",
    end: "waits",
    line: "[info] client timed out (110: Connection timed out) while reading " +
      "client request headers, client: 127.0.0.1, server: www.example.org, " +
      'request: "GET /x HTTP/1.1", host: "h"',
  },
];

/** The site of both. */
function writeSite(root: string): void {
  Deno.mkdirSync(join(root, "dir"), { recursive: true });
  Deno.mkdirSync(join(root, "listed"), { recursive: true });
  Deno.writeTextFileSync(join(root, "a.txt"), "a");
  Deno.symlinkSync("link", join(root, "link"));
}

/** The end of a connection that was kept, which is told when it likes. */
const KEPT_END = "closed keepalive connection";

/** Sends every row to `port`, and collects the new lines of each. */
async function linesOf(port: number, log: string): Promise<string[]> {
  const read = () => Deno.readTextFileSync(log);
  const found: string[] = [];
  for (const { request, line, end } of ROWS) {
    const before = read().length;
    const isOfIt = (text: string) =>
      text !== "" && (line?.includes(KEPT_END) || !text.includes(KEPT_END));
    const told = () =>
      read().slice(before).split("\n").slice(0, -1).filter(isOfIt);
    const client = await RawClient.connect(port);
    if (request !== "") await client.send(request);
    if (end === "leaves") {
      if (request.endsWith("\r\n\r\n")) await client.response();
      else await new Promise((resolve) => setTimeout(resolve, 30));
    } else {
      if (end !== "waits") await client.response();
      else await client.rest().catch(() => {});
    }
    client.close();
    const isTold = () => told().length > 0;
    if (line !== undefined) await eventually(isTold, request, 10_000);
    else await new Promise((resolve) => setTimeout(resolve, 50));
    const [first = ""] = told();
    found.push(
      first.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, "")
        .replace(/ \d+#\d+: \*\d+ /, " "),
    );
  }
  return found;
}

function expectedLines(
  port: number,
  root: string,
  pick: (row: Row) => string | undefined,
): string[] {
  return ROWS.map((row) =>
    (pick(row) ?? "").replaceAll(/"@(?=\/)/g, `"${root}`)
      .replaceAll("@P", String(port))
  );
}

Deno.test("the error log says what nginx's says", async () => {
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log info; http { ${servers("0", "site")} }`,
    files: { "site/": "" },
  });
  const root = server.path("site");
  writeSite(root);
  const { port } = server;
  const lines = await linesOf(port, server.path("logs/error.log"));
  assertEquals(
    lines,
    expectedLines(port, root, ({ own, line }) => own ?? line),
  );
});

/** Whether a program is installed. */
function has(program: string, ...args: string[]): boolean {
  try {
    new Deno.Command(program, { args }).outputSync();
    return true;
  } catch {
    return false;
  }
}

Deno.test("nginx says what is expected of it", {
  ignore: !has("nginx", "-v"),
}, async () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const root = join(folder, "site");
  Deno.mkdirSync(join(folder, "logs"));
  writeSite(root);
  const port = freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  const log = join(folder, "logs/error.log");
  Deno.writeTextFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid nginx.pid; error_log ${log} info;
     events {} http { ${temporary} ${servers(String(port), root)} }`,
  );
  const child = new Deno.Command("nginx", {
    args: ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", log],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    let isThere = false;
    const knock = setInterval(() => {
      Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
        connection.close();
        isThere = true;
      }, () => {});
    }, 50);
    await eventually(() => isThere, "nginx listens");
    clearInterval(knock);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const lines = await linesOf(port, log);
    assertEquals(
      lines,
      expectedLines(port, root, ({ line }) => line),
    );
  } finally {
    child.kill("SIGTERM");
    await child.status;
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a filter for nginx's log finds who looks for weak spots", {
  ignore: !has("fail2ban-regex", "--version"),
}, async () => {
  const filter = "/etc/fail2ban/filter.d/nginx-botsearch.conf";
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log; http { ${servers("0", "site")} }`,
    files: { "site/a.txt": "a" },
  });
  const paths = ["/phpmyadmin/", "/wp-login.php", "/cgi-bin/x", "/a.txt"];
  using client = await RawClient.connect(server.port);
  for (const path of paths) {
    await client.send(GET(path));
    await client.response();
  }
  await server.stop();
  const { stdout } = new Deno.Command("fail2ban-regex", {
    args: [server.path("logs/error.log"), filter],
    env: { LC_ALL: "C" },
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  assert(/Lines: 3 lines, 0 ignored, 3 matched, 0 missed/.test(text), text);
});
