/** The configurations that take turns, and broken ones that must be refused. */

import type { EventMethod } from "../src/core/settings/event_method.ts";
import { FEATURES_HTTP, FEATURES_LOCATIONS } from "./feature_scenarios.ts";

/** Where the server listens, all on 127.0.0.1. */
export interface Ports {
  /** The site, which is there all the time. */
  readonly site: number;
  /** The site, with TLS. */
  readonly secure: number;
  /** A second site, which comes and goes. */
  readonly extra: number;
  /** The status pages. */
  readonly status: number;
}

/** How a configuration differs from others. */
export interface Kind {
  /** The folder of the pages, and the word that they say. */
  readonly root: "site_a" | "site_b";
  /** A location that only this kind has. */
  readonly only: string;
  /** Whether the second site is there. */
  readonly extra: boolean;
  /** `open_file_cache_valid`, in ms. */
  readonly validMs: number;
  /** Whether answers are compressed on the way. */
  readonly compresses: boolean;
  /** A field of every answer, or none. */
  readonly mark: string | undefined;
}

/** The kinds, in their order. */
export const KINDS: readonly Kind[] = [
  {
    root: "site_a",
    only: "/only-first",
    extra: false,
    validMs: 1000,
    compresses: true,
    mark: undefined,
  },
  {
    root: "site_b",
    only: "/only-second",
    extra: true,
    validMs: 200,
    compresses: true,
    mark: "second",
  },
  {
    root: "site_b",
    only: "/only-third",
    extra: false,
    validMs: 0,
    compresses: false,
    mark: "third",
  },
  {
    root: "site_a",
    only: "/only-fourth",
    extra: true,
    validMs: 1000,
    compresses: false,
    mark: undefined,
  },
];

/** The logs that are rotated, under the prefix. */
export const LOGS = ["access.log", "hostile.log", "error.log"] as const;

/** A name under which a log goes. */
export type LogName = (typeof LOGS)[number];

/** The most that `/upload` takes, in bytes. */
export const MAX_UPLOAD_BYTES = 256 * 1024;

/** What a configuration is made of besides its kind. */
export interface ConfigurationOptions {
  /** Where the server listens. */
  readonly ports: Ports;
  /** `worker_processes`; 1 leaves it out. */
  readonly workers: number;
  /** `use`: whose sockets it has. */
  readonly use: EventMethod;
}

/**
 * A configuration of `kind`. Every answer of its sites says its `number`, so
 * that a client knows which one has answered.
 */
export function configuration(
  kind: Kind,
  number: number,
  { ports, workers, use }: ConfigurationOptions,
): string {
  const added = kind.mark === undefined
    ? `add_header X-Generation ${number} always;`
    : `add_header X-Generation ${number} always; add_header X-Mark ${kind.mark} always;`;
  const state = kind.compresses ? "on" : "off";
  return `
${workers > 1 ? `worker_processes ${workers};` : ""}
events { use ${use}; }
error_log stderr notice;
error_log logs/error.log notice;
http {
  client_header_timeout 10s; client_body_timeout 10s; send_timeout 10s;
  keepalive_timeout 30s; lingering_timeout 1s; lingering_time 2s;
  keepalive_requests 300;
  access_log logs/access.log;
  open_file_cache_valid ${kind.validMs}ms;
  gzip ${state}; gzip_types text/plain;
  brotli ${state}; brotli_types text/plain;
  zstd ${state}; zstd_types text/plain;
  http2 on;
  ssl_certificate tls.crt; ssl_certificate_key tls.key;
${FEATURES_HTTP}
  server {
    listen 127.0.0.1:${ports.site};
    listen 127.0.0.1:${ports.secure} ssl;
    server_name good;
    root ${kind.root};
    ${added}
    location /files/ { root shared; }
${FEATURES_LOCATIONS}
    location /pre/ { root shared; gzip off; brotli off; zstd off; gzip_static on; }
    location /list/ { root shared; autoindex on; }
    location = ${kind.only} { return 200 "${kind.only}"; }
    location = /upload {
      client_max_body_size ${MAX_UPLOAD_BYTES};
      lingering_timeout 10s; lingering_time 30s;
      return 200 "taken";
    }
  }
  server {
    listen 127.0.0.1:${ports.site};
    server_name hostile;
    root site_a;
    access_log logs/hostile.log;
    keepalive_timeout 2s;
    location = /bomb.html { access_log off; }
  }
  ${
    kind.extra
      ? `server {
    listen 127.0.0.1:${ports.extra};
    ${added}
    location / { return 200 "extra"; }
  }`
      : ""
  }
  server {
    listen 127.0.0.1:${ports.status};
    access_log off;
    location = /metrics { metrics; }
  }
}
`;
}

/** Ways to break a configuration; `takenPort` belongs to somebody else. */
export function brokenConfigurations(
  good: string,
  takenPort: number,
): Readonly<Record<string, string>> {
  return {
    "an unknown directive": `${good}rot;`,
    "a missing brace": good.slice(0, good.lastIndexOf("}")),
    "a value out of range": good.replace(
      "keepalive_requests 300",
      "keepalive_requests many",
    ),
    "an address that is taken": good.replace(
      /http \{/,
      `http { server { listen 127.0.0.1:${takenPort}; }`,
    ),
    "a log that cannot be opened": good.replace(
      "access_log logs/access.log",
      "access_log site_a/page.html/access.log",
    ),
    "an error log that cannot be opened": good.replace(
      "error_log logs/error.log",
      "error_log site_a/page.html/error.log",
    ),
    nothing: "events {",
  };
}
