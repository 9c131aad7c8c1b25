/** nginx, as Debian's package configures it but for what is said here. */

import { findProgram } from "./processes.ts";
import {
  CONNECTIONS,
  KEEPALIVE_REQUESTS,
  KEEPALIVE_SECONDS,
  listenLines,
  type ServerSpec,
  type Site,
} from "./server_spec.ts";

/** How nginx gets at files, as directives. */
export interface NginxFiles {
  /** `sendfile`. */
  readonly sendfile: "on" | "off";
  /** `open_file_cache` and what belongs to it, or nothing. */
  readonly cache: string;
}

/** Open files are held as long as webserv holds them: 1 s unchecked. */
export const OPEN_FILE_CACHE = `open_file_cache max=10000 inactive=60s;
  open_file_cache_valid 1s;
  open_file_cache_errors on;`;

function nginxConfig(site: Site, files: NginxFiles): readonly [string, string] {
  const log = site.accessLog === undefined
    ? "off"
    : `${site.accessLog} combined buffer=64k flush=1s`;
  // Without `reuseport` one worker would take most of the connections.
  const listen = `127.0.0.1:${site.port} backlog=4096` +
    (site.workers > 1 ? " reuseport" : "") + (site.http2 ? " http2" : "");
  return [
    "nginx.conf",
    `daemon off;
user root;
worker_processes ${site.workers};
pid ${site.folder}/nginx.pid;
error_log ${site.folder}/error.log error;
events { worker_connections ${CONNECTIONS}; multi_accept on; }
http {
  types { text/html html; text/css css; }
  default_type application/octet-stream;
  sendfile ${files.sendfile};
  tcp_nopush on;
  tcp_nodelay on;
  ${files.cache}
  access_log ${log};
  keepalive_requests ${KEEPALIVE_REQUESTS};
  keepalive_timeout ${KEEPALIVE_SECONDS}s;
  client_body_temp_path ${site.folder}/body;
  proxy_temp_path ${site.folder}/proxy;
  fastcgi_temp_path ${site.folder}/fastcgi;
  uwsgi_temp_path ${site.folder}/uwsgi;
  scgi_temp_path ${site.folder}/scgi;
  server {
    ${listenLines(listen, site)}
    root ${site.root};${site.precompressed ? "\n    gzip_static on;" : ""}
  }
}
`,
  ];
}

/** nginx; `extra` as in {@linkcode ServerSpec}. */
export function nginx(
  name: string,
  title: string,
  files: NginxFiles,
  extra = false,
): ServerSpec {
  const command = (program: string, { folder }: Site) => [
    program,
    ...["-p", folder, "-e", `${folder}/error.log`],
    ...["-c", `${folder}/nginx.conf`],
  ];
  return {
    name,
    title,
    extra,
    find: () => findProgram("nginx"),
    versionArgs: ["-v"],
    config: (site) => nginxConfig(site, files),
    command,
    check: (program, site) => [...command(program, site), "-t"],
  };
}
