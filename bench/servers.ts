/**
 * The servers that are compared and how each is told to do the same: one
 * process on one core, the same files, the same log or none, connections that
 * stay open, and the settings its own documentation recommends for speed.
 */

import { fromFileUrl } from "@std/path";
import { programArguments } from "../tests/support/program.ts";
import { findProgram } from "./processes.ts";
import { nginx, OPEN_FILE_CACHE } from "./nginx_server.ts";
import {
  CONNECTIONS,
  KEEPALIVE_REQUESTS,
  KEEPALIVE_SECONDS,
  listenLines,
  OWN,
  type ServerSpec,
  type Site,
} from "./server_spec.ts";

const PROJECT = fromFileUrl(new URL("../", import.meta.url));
const DENO_SERVE = fromFileUrl(new URL("./deno_serve.ts", import.meta.url));

/** How webserv waits for its sockets: `use`. */
type EventMethod = "deno" | "epoll";

function webservConfig(
  site: Site,
  method: EventMethod,
): readonly [string, string] {
  const log = site.accessLog === undefined ? "off" : site.accessLog;
  return [
    "webserv.conf",
    `worker_processes ${site.workers};
pid ${site.folder}/webserv.pid;
error_log ${site.folder}/error.log error;
events { worker_connections ${CONNECTIONS}; use ${method}; }
http {
  access_log ${log};
  keepalive_requests ${KEEPALIVE_REQUESTS};
  keepalive_timeout ${KEEPALIVE_SECONDS}s;
  server {
    ${listenLines(`127.0.0.1:${site.port}`, site)}
    http2 ${site.http2 ? "on" : "off"};
    root ${site.root};${site.precompressed ? "\n    gzip_static on;" : ""}
  }
}
`,
  ];
}

/** The webserv programs take the same arguments. */
function webserv(
  name: string,
  title: string,
  { find, words, method = "deno" }: {
    find: () => Promise<string | undefined>;
    words: (program: string) => string[];
    method?: EventMethod;
  },
): ServerSpec {
  const file = (site: Site) => `${site.folder}/webserv.conf`;
  return {
    name,
    title,
    find,
    versionArgs: words("").slice(1).concat("-v"),
    config: (site) => webservConfig(site, method),
    command: (program, site) => [...words(program), "-c", file(site)],
    check: (program, site) => [...words(program), "-t", "-c", file(site)],
  };
}

const SOURCE = {
  find: () => Promise.resolve(Deno.execPath()),
  words: (program: string) => [program, ...programArguments()],
};

const webservSource = webserv(OWN.default, "webserv", SOURCE);

const webservEpoll = webserv(OWN.epoll, "webserv, use epoll", {
  ...SOURCE,
  method: "epoll",
});

const webservCompiled = webserv("webserv-compiled", "webserv, compiled", {
  find: async () => {
    const path = `${PROJECT}dist/webserv`;
    try {
      return (await Deno.stat(path)).isFile ? path : undefined;
    } catch {
      return undefined;
    }
  },
  words: (program) => [program],
});

function lighttpdTls({ tls }: Site): string {
  if (tls === undefined) return "";
  return `ssl.engine = "enable"
ssl.pemfile = "${tls.cert}"
ssl.privkey = "${tls.key}"
`;
}

const lighttpd: ServerSpec = {
  name: "lighttpd",
  title: "lighttpd",
  find: () => findProgram("lighttpd"),
  versionArgs: ["-v"],
  lacks: {
    gzip_static: "it has no precompressed files",
    workers: "it is not set up for two workers here",
  },
  descriptorsPerConnection: 2,
  config: (site) => [
    "lighttpd.conf",
    `server.document-root = "${site.root}"
server.bind = "127.0.0.1"
server.port = ${site.port}
server.errorlog = "${site.folder}/error.log"
server.modules = (${
      [
        ...(site.accessLog === undefined ? [] : ['"mod_accesslog"']),
        ...(site.tls === undefined ? [] : ['"mod_openssl"']),
      ].join(", ")
    })
${lighttpdTls(site)}${
      site.accessLog === undefined
        ? ""
        : `accesslog.filename = "${site.accessLog}"\n`
    }server.network-backend = "sendfile"
server.listen-backlog = 4096
server.feature-flags = ( "server.h2proto" => "${
      site.http2 ? "enable" : "disable"
    }" )
server.max-fds = ${CONNECTIONS * 2}
server.max-keep-alive-requests = ${KEEPALIVE_REQUESTS}
server.max-keep-alive-idle = ${KEEPALIVE_SECONDS}
server.max-write-idle = ${KEEPALIVE_SECONDS}
mimetype.assign = (
  ".html" => "text/html",
  ".css" => "text/css",
  "" => "application/octet-stream"
)
`,
  ],
  command: (
    program,
    { folder },
  ) => [program, "-D", "-f", `${folder}/lighttpd.conf`],
  check: (
    program,
    { folder },
  ) => [program, "-tt", "-f", `${folder}/lighttpd.conf`],
};

const caddy: ServerSpec = {
  name: "caddy",
  title: "Caddy",
  find: () => findProgram("caddy"),
  versionArgs: ["version"],
  lacks: {
    tls: "it is not set up for TLS here",
    http2: "it is not set up for TLS here",
    workers: "it has threads as it likes, and no workers",
  },
  config: (site) => [
    "Caddyfile",
    `{
  admin off
  auto_https off
  log {
    output discard
  }
}
http://127.0.0.1:${site.port} {
  bind 127.0.0.1
  root * ${site.root}
  file_server${site.precompressed ? " {\n    precompressed gzip\n  }" : ""}${
      site.accessLog === undefined
        ? ""
        : `\n  log {\n    output file ${site.accessLog}\n  }`
    }
}
`,
  ],
  command: (program, { folder }) => [
    program,
    "run",
    ...["--config", `${folder}/Caddyfile`, "--adapter", "caddyfile"],
  ],
};

const denoServe: ServerSpec = {
  name: "deno",
  title: "Deno.serve",
  find: () => Promise.resolve(Deno.execPath()),
  versionArgs: ["--version"],
  lacks: {
    gzip_static: "it has no precompressed files",
    workers: "it has one thread",
  },
  command: (program, site) => [
    program,
    "run",
    "--no-prompt",
    "--no-config",
    "--allow-net=127.0.0.1",
    `--allow-read=${
      [site.root, ...(site.tls ? [site.tls.cert, site.tls.key] : [])].join(",")
    }`,
    ...(site.accessLog === undefined ? [] : [
      `--allow-write=${site.accessLog}`,
    ]),
    DENO_SERVE,
    site.root,
    String(site.port),
    site.accessLog ?? "",
    ...(site.tls === undefined ? [] : [site.tls.cert, site.tls.key]),
  ],
};

/**
 * Every server, in the order of the report. The nginx to compare with has the
 * settings of Debian's package (`sendfile` and `tcp_nopush` on) and holds open
 * files. Without `sendfile` it is faster with small files and slower with
 * large ones (a file of 1 KB: 120k to 130k answers a second, not 95k to 100k),
 * and pipelined answers do not wait 40 ms for a delayed acknowledgement, so
 * that nginx takes part as well: nobody should have to ask.
 */
export const SERVERS: readonly ServerSpec[] = [
  webservSource,
  webservEpoll,
  webservCompiled,
  nginx("nginx", "nginx", { sendfile: "on", cache: OPEN_FILE_CACHE }),
  nginx("nginx-copy", "nginx, sendfile off", {
    sendfile: "off",
    cache: OPEN_FILE_CACHE,
  }),
  nginx(
    "nginx-stock",
    "nginx, no open_file_cache",
    { sendfile: "on", cache: "" },
    true,
  ),
  lighttpd,
  caddy,
  denoServe,
];
