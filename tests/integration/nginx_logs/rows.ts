/** Requests of which nginx's error log and webserv's say the same. */

/** A conversation with the server, on a connection of its own. */
export interface LoggedRow {
  /** What is sent. */
  readonly request: string;
  /** Whether the client leaves after it, or waits until it is thrown out. */
  readonly end?: "leaves" | "waits";
  /** Why the lines are others, where they are. */
  readonly differs?: string;
}

const HOST = "Host: www.example.org\r\n";

function get(path: string, fields = ""): LoggedRow {
  return { request: `GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n` };
}

function raw(request: string): LoggedRow {
  return { request };
}

/** A row of which the servers say something else. */
function differs(why: string, row: LoggedRow): LoggedRow {
  return { ...row, differs: why };
}

const OPENAT = "nginx says openat(), which its own filters do not look for";
const DISCARDED = "nginx says nothing of a body that it throws away";

/** The part of the configuration that both servers have. */
export function loggedServers(port: string, root: string): string {
  return `
    access_log off;
    keepalive_timeout 1s;
    client_header_timeout 1s;
    client_body_timeout 1s;
    large_client_header_buffers 4 1k;
    server {
        listen 127.0.0.1:${port};
        server_name www.example.org alias.example.org;
        root ${root};
        location /deny/ { deny all; }
        location /deny4/ { deny 127.0.0.0/8; error_page 403 =404 /none403; }
        location /cycle { rewrite ^/cycle(.*)$ /cycle$1x last; }
        location /pages { error_page 404 /pages/none; }
        location /tries { try_files $uri /tries2; }
        location /tries2 { try_files $uri /tries; }
        location /named { try_files /none @none; }
        location /namedpage { error_page 404 @nopage; }
        location /toindex/ { index /toindex/sub/; }
        location /upload { client_max_body_size 10; }
        location /listed/ { autoindex on; }
        location /quiet/ { log_not_found off; }
        location /quiet/loud/ { log_not_found on; }
        location /alias/ { alias ${root}/dir/; }
        location /index/ { index a.html /other.html; }
        location /indexes/ { index a.html b.html c.html; }
        location /fallback { try_files $uri /missing.html; }
        location /gone { try_files $uri =404; }
        location /link2 { try_files $uri $uri/ =404; }
        location /403 { return 403; }
        location /404 { return 404; }
        location /444 { return 444; }
        location /500 { return 500; }
        location /redirect { return 301 /x; }
        location /inner { internal; }
        location = /touch { error_page 404 /inner; try_files /nope =404; }
        location /unset { return 200 "$somewhere"; }
        location /unwarned {
            uninitialized_variable_warn off;
            return 200 $somewhere;
        }
        location /set { set $somewhere x; return 200 $somewhere; }
        location /noted/ {
            rewrite_log on;
            rewrite ^/noted/a$ /gone last;
            rewrite ^/noted/r$ /x redirect;
            rewrite ^/noted/b(.*)$ /noted/c$1?q=1 break;
            if ($arg_a ~* ^B$) { return 204; }
            if ($arg_a !~ z) { set $x 1; }
            return 204;
        }
        location /unnoted { rewrite ^/noted /x; return 204; }
        location /rate { set $limit_rate fast; return 204; }
        location /emerg/ { error_log logs/emerg.log emerg; }
        location /crit/ { error_log logs/crit.log crit; }
        location /own/ { error_log logs/own.log info; }
        location /symlinks/ { disable_symlinks on; }
        location /random/ { random_index on; }
        location ~ ^/regex/(.*)$ { alias ${root}/dir/$1; }
        location /if/ { if (-f $request_filename) { return 204; } }
        location /if2/ { if (!-e $request_filename) { return 404; } }
        location /gzip/ { gzip_static on; }
        location /gif/ { empty_gif; }
        location /put { limit_except GET { deny all; } }
        location /sat/ { allow 10.0.0.0/8; deny all; }
        location /logvar/ { access_log nolog/$host.log; }
        location /ims/ { if_modified_since exact; }
        location /mirror/ { root ${root}/mirror$arg_x; }
    }
    server {
        listen 127.0.0.1:${port};
        server_name other.example.org;
        root ${root};
        error_log logs/other.log info;
    }
    server {
        listen 127.0.0.1:${port};
        server_name quiet.example.org;
        root ${root};
        log_not_found off;
    }`;
}

/** The rows. */
export const LOGGED_ROWS: readonly LoggedRow[] = [
  get("/none.html"),
  get("/a.txt"),
  get("/no/such/file"),
  get("/none?query=1"),
  get("/n%20one%c3%a9"),
  get("/none", "Referer: http://r.example/?q\r\n"),
  get("/none", 'Referer: a"b\\c\r\n'.replace(/["\\]/g, "_")),
  get("/a.txt/x"),
  get("/a.txt/"),
  get("/link"),
  differs("nginx answers 403 and does not say why", get("/link/")),
  get("/link/x"),
  get("/link2"),
  get("/link2/x"),
  get(`/${"n".repeat(300)}`),
  get(`/${"n".repeat(300)}/`),
  get("/nodir/"),
  get("/dir/"),
  get("/dir"),
  get("/dir/none"),
  get("/listed/"),
  get("/listed/none/"),
  get("/listed/none"),
  get("/alias/none"),
  get("/alias/"),
  get("/index/"),
  get("/indexes/"),
  get("/indexes/none/"),
  get("/fallback/x"),
  get("/gone"),
  get("/gone/"),
  get("/deny/x"),
  get("/deny/"),
  get("/deny/x?y", "Referer: http://r.example/?q\r\n"),
  get("/deny4/x"),
  get("/sat/x"),
  get("/cycle"),
  get("/pages/x"),
  get("/tries"),
  get("/named"),
  get("/namedpage"),
  get("/toindex/"),
  get("/403"),
  get("/404"),
  get("/444"),
  get("/500"),
  get("/redirect"),
  get("/inner"),
  get("/touch"),
  get("/unset"),
  get("/unwarned"),
  get("/set"),
  get("/noted/a"),
  get("/noted/r"),
  get("/noted/bx"),
  get("/noted/y?a=b"),
  get("/noted/y?a=z"),
  get("/unnoted"),
  get("/rate"),
  get("/emerg/none"),
  get("/crit/none"),
  get("/own/none"),
  differs(OPENAT, get("/symlinks/link")),
  differs(OPENAT, get("/symlinks/none")),
  get("/random/"),
  differs("a folder is looked up before it is read", get("/random/none/")),
  get("/regex/none"),
  differs("the index is looked for by the location", get("/regex/")),
  get("/if/none"),
  get("/if2/none"),
  get("/gzip/none.txt"),
  get("/gif/x"),
  get("/logvar/a.txt"),
  get("/mirror/none?x=1"),
  get("/quiet/none"),
  get("/quiet/none/"),
  get("/quiet/loud/none"),
  get("/fifo"),
  get("/socket"),
  get("/none", "Range: bytes=9-1\r\n"),
  raw(`GET /none HTTP/1.1\r\nHost: OTHER.example.org:80\r\n\r\n`),
  raw("GET /none HTTP/1.1\r\nHost: quiet.example.org\r\n\r\n"),
  raw("GET /none HTTP/1.1\r\nHost: unknown.example\r\n\r\n"),
  raw("GET http://alias.example.org/none HTTP/1.1\r\nHost: x.example\r\n\r\n"),
  raw("GET /none HTTP/1.0\r\n\r\n"),
  raw("HEAD /none HTTP/1.0\r\n\r\n"),
  raw(`POST /none HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`),
  raw(`POST /a.txt HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`),
  raw(`PUT /put HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`),
  raw(`DELETE /a.txt HTTP/1.1\r\n${HOST}\r\n`),
  raw(`OPTIONS /a.txt HTTP/1.1\r\n${HOST}\r\n`),
  raw(`TRACE / HTTP/1.1\r\n${HOST}\r\n`),
  differs(
    "an authority is a target",
    raw(`CONNECT a:80 HTTP/1.1\r\n${HOST}\r\n`),
  ),
  raw(
    `POST /upload HTTP/1.1\r\n${HOST}Content-Length: 11\r\n\r\n${
      "x".repeat(11)
    }`,
  ),
  raw(
    `POST /upload HTTP/1.1\r\n${HOST}Content-Length: 11\r\nExpect: 100-continue\r\n\r\n`,
  ),
  differs(
    DISCARDED,
    raw(
      `POST /upload HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nb\r\n${
        "x".repeat(11)
      }\r\n0\r\n\r\n`,
    ),
  ),
  raw(`POST /upload HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\n\r\n`),
  raw(
    `POST /upload HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`,
  ),
  raw(
    `POST /upload HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ),
  raw("GET / HTTP/1.1\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a..b\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"),
  raw(
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
  ),
  raw("GET / HTTP/1.1\r\nHost: a\r\nA\0B: c\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a\r\n: c\r\n\r\n"),
  differs(
    "what is ignored is not told",
    raw("GET / HTTP/1.1\r\nHost: a\r\nA_B: c\r\nA.B: d\r\n\r\n"),
  ),
  raw("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
  raw("GET / HTTP/1.1\r\nHost: a\r\n folded: c\r\n\r\n"),
  raw("GET /../x HTTP/1.1\r\nHost: a\r\n\r\n"),
  raw("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
  raw("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
  raw("GET x HTTP/1.1\r\nHost: a\r\n\r\n"),
  raw("GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
  raw("GET / HTTP/9.9\r\nHost: a\r\n\r\n"),
  raw("GET / HTTP/1\r\nHost: a\r\n\r\n"),
  raw("GET / FTP/1.1\r\nHost: a\r\n\r\n"),
  differs("HTTP/0.9 is not spoken", raw("GET /\r\n")),
  raw("get / HTTP/1.1\r\nHost: a\r\n\r\n"),
  raw("G<T / HTTP/1.1\r\nHost: a\r\n\r\n"),
  raw("nonsense\r\n\r\n"),
  differs(
    "the version is what is wrong",
    raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  ),
  differs(
    "bytes that are no text are escaped",
    raw("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
  ),
  raw(`GET /${"l".repeat(2000)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  raw(`GET / HTTP/1.1\r\nHost: a\r\nLong: ${"l".repeat(2000)}\r\n\r\n`),
  differs(
    "nginx fills one buffer after another",
    raw(
      `GET / HTTP/1.1\r\nHost: a\r\n${
        `Many: ${"m".repeat(800)}\r\n`.repeat(8)
      }\r\n`,
    ),
  ),
  { request: "", end: "leaves" },
  { request: "GET /x", end: "leaves" },
  { request: "GET /x HTTP/1.1\r\nHost: h\r\nA", end: "leaves" },
  {
    request: `POST /upload HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nabc`,
    end: "leaves",
  },
  { request: get("/a.txt").request, end: "leaves" },
  { request: "", end: "waits" },
  { request: "GET /x", end: "waits" },
  { request: "GET /x HTTP/1.1\r\nHost: h\r\nA", end: "waits" },
  {
    request: `POST /upload HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nabc`,
    end: "waits",
  },
];
