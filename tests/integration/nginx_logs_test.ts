/**
 * The logs beside nginx's for the same traffic: line by line, and as programs
 * that read nginx's logs see them.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { hasNginx } from "../support/nginx.ts";
import {
  LOGGED_ROWS,
  type LoggedRow,
  loggedServers,
} from "./nginx_logs/rows.ts";
import {
  converse,
  linesOfRows,
  type LoggingServer,
  startItsNginx,
  startWebserv,
} from "./nginx_logs/servers.ts";

function writeSite(root: string): void {
  for (
    const name of (
      "dir listed index indexes random symlinks deny own toindex/sub logvar"
    ).split(" ")
  ) Deno.mkdirSync(join(root, name), { recursive: true });
  for (const name of ["a.txt", "logvar/a.txt"]) {
    Deno.writeTextFileSync(join(root, name), "a");
  }
  Deno.writeTextFileSync(join(root, ".users"), "u:{PLAIN}p\n");
  Deno.symlinkSync("link", join(root, "link"));
  Deno.symlinkSync("link2", join(root, "link2"));
  Deno.symlinkSync("../a.txt", join(root, "symlinks/link"));
  new Deno.Command("mkfifo", { args: [join(root, "fifo")] }).outputSync();
}

/** What webserv says beyond nginx's words: why, and the host that it has read. */
function withoutReasons(ours: string, theirs: string): string {
  const short = ours.replace(
    /(while reading client request (?:line|headers)|chunked body): .*?(?=, client: )/,
    "$1",
  );
  return theirs.includes(", host: ")
    ? short
    : short.replace(/, host: "[^"]*"$/, "");
}

/** A line that is too long is refused sooner or later. */
function comparable(line: string): string {
  return line.replace(/l{50,}(\.\.\.)?/, "l...");
}

Deno.test({
  name: "the error log has nginx's lines, at nginx's levels",
  ignore: !hasNginx(),
  async fn() {
    await using nginx = await startItsNginx(loggedServers, writeSite);
    await using webserv = await startWebserv(loggedServers, writeSite);
    await Promise.all([
      converse(nginx, LOGGED_ROWS),
      converse(webserv, LOGGED_ROWS),
    ]);
    const theirs = linesOfRows(nginx, LOGGED_ROWS);
    const ours = linesOfRows(webserv, LOGGED_ROWS);
    for (const [i, { request, differs }] of LOGGED_ROWS.entries()) {
      const wanted = theirs[i]!.map(comparable);
      const found = ours[i]!.map((line, n) =>
        comparable(withoutReasons(line, theirs[i]![n] ?? line))
      );
      const isSame = JSON.stringify(found) === JSON.stringify(wanted);
      if (differs === undefined) assertEquals(found, wanted, request);
      else assert(!isSame, `${request}: the same, and not "${differs}"`);
    }
  },
});

/** What scanners ask for, and what is none of their business. */
const SCANS: readonly LoggedRow[] = [
  "/none.html",
  "/phpmyadmin/",
  "/phpMyAdmin/index.php",
  "/wp-login.php",
  "/wp-login.php?x=1",
  "/cgi-bin/test.cgi",
  "/roundcube/",
  "/webmail",
  "/pma/scripts/setup.php",
  "/admin/pma/",
  "/mysqladmin/",
  "/a.txt",
  "/dir/",
  "/wp-content/x",
  "/limited",
  "/limited",
  "/limited?x",
  "/..%2f..%2fetc/passwd",
  "/../../etc/passwd",
  "/%",
  "/a b",
].map((path) => ({
  request: `GET ${path} HTTP/1.1\r\nHost: www.example.org\r\n` +
    'User-Agent: "Mozilla" (x)\r\nReferer: http://r.example/\r\n\r\n',
})).concat(
  [
    ...["", "u:bad", "nobody:x", "a b:x", "u:p"].map((pair) =>
      "GET /secret HTTP/1.1\r\nHost: www.example.org\r\n" +
      `Authorization: Basic ${btoa(pair)}\r\n\r\n`
    ),
    "HEAD /wp-login.php HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    "POST /wp-login.php HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
    "\x16\x03\x01\x02\r\n",
    "\x03\x00\x00/*\xe0\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "nonsense\r\n\r\n",
  ].map((request) => ({ request })),
);

function scannedServers(port: string, root: string): string {
  return `
    access_log logs/access.log;
    limit_req_zone $binary_remote_addr zone=one:1m rate=1r/m;
    server {
        listen 127.0.0.1:${port};
        server_name _;
        root ${root};
        location /limited { limit_req zone=one; }
        location /secret { auth_basic x; auth_basic_user_file ${root}/.users; }
    }`;
}

/** Whether a program is installed. */
function has(program: string, ...args: string[]): boolean {
  try {
    new Deno.Command(program, { args }).outputSync();
    return true;
  } catch {
    return false;
  }
}

/** The lines of a log that a filter of fail2ban matches. */
function matched(log: string, filter: string): string[] {
  const { stdout } = new Deno.Command("fail2ban-regex", {
    args: ["--print-all-matched", log, `/etc/fail2ban/filter.d/${filter}.conf`],
    env: { LC_ALL: "C" },
  }).outputSync();
  const [, lines = ""] = new TextDecoder("latin1").decode(stdout)
    .split("|- Matched line(s):\n");
  return lines.split("`-")[0]!.split("\n").filter((line) => line !== "")
    .map((line) =>
      line.replace(/^\| {2}(?:[\d/]+ [\d:]+ )?/, "")
        .replace(/\[\d\d\/[^\]]*\]/, "[]")
        .replace(/ \d+#\d+: \*\d+ /, " ")
        .replace(/excess: [01]\.\d+/, "excess: 1")
        // nginx has not read the fields of a request whose line is wrong, and
        // the servers' own pages are not as long.
        .replace(/(" \d{3}) \d+ ".*$/, "$1")
        .replace(/"\/\S*\/site\//, '"ROOT/')
    ).toSorted();
}

Deno.test({
  name: "fail2ban's filters match the lines that they match of nginx's",
  ignore: !hasNginx() || !has("fail2ban-regex", "--version"),
  async fn() {
    await using nginx = await startItsNginx(scannedServers, writeSite);
    await using webserv = await startWebserv(scannedServers, writeSite);
    await Promise.all([converse(nginx, SCANS), converse(webserv, SCANS)]);
    const rows: [log: string, filter: string, least: number][] = [
      ["error.log", "nginx-botsearch", 10],
      ["access.log", "nginx-botsearch", 10],
      ["access.log", "nginx-bad-request", 9],
      ["error.log", "nginx-limit-req", 2],
      ["error.log", "nginx-http-auth", 3],
    ];
    for (const [log, filter, least] of rows) {
      const of = ({ folder }: LoggingServer) =>
        matched(join(folder, "logs", log), filter);
      const theirs = of(nginx);
      assert(theirs.length >= least, `${filter}: ${theirs.join("\n")}`);
      assertEquals(of(webserv), theirs, `${filter} over ${log}`);
    }
  },
});

Deno.test({
  name: "goaccess reads every line of the access log",
  ignore: !has("goaccess", "--version"),
  async fn() {
    const rows = [...SCANS, ...LOGGED_ROWS.filter(({ end }) => !end)];
    const servers = (port: string, root: string) =>
      loggedServers(port, root).replace("access_log off", "access_log logs/a");
    await using webserv = await startWebserv(servers, writeSite);
    await converse(webserv, rows);
    const log = join(webserv.folder, "logs/a");
    const report = join(webserv.folder, "report.json");
    new Deno.Command("goaccess", {
      args: [
        log,
        "--no-global-config",
        "--log-format=COMBINED",
        "--http-protocol=yes",
        `--output=${report}`,
      ],
      stdin: "null",
    }).outputSync();
    const { general } = JSON.parse(Deno.readTextFileSync(report));
    const lines = Deno.readTextFileSync(log).split("\n").length - 1;
    assert(lines >= rows.length - 5, `${lines} lines of ${rows.length}`);
    assertEquals(general.failed_requests, 0);
    assertEquals(general.total_requests, lines);
  },
});
