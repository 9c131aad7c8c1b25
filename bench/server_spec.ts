/** What the bench has to know about a server to start it. */

import type { Certificate } from "./certificate.ts";
import type { Feature } from "./workloads.ts";

/** What a server is to serve, and where. */
export interface Site {
  /** A folder of its own, for configuration and logs. */
  readonly folder: string;
  /** The folder of files. */
  readonly root: string;
  /** The port on the loopback address. */
  readonly port: number;
  /** Where the access log is written, or `undefined` for none. */
  readonly accessLog: string | undefined;
  /** Whether `.gz` files beside the files are used. */
  readonly precompressed: boolean;
  /** What TLS is spoken with, or `undefined` for plain HTTP. */
  readonly tls: Certificate | undefined;
  /** Whether HTTP/2 is spoken with clients that offer it. */
  readonly http2: boolean;
  /** How many workers there are: with one, it has one core. */
  readonly workers: number;
}

/** One server. */
export interface ServerSpec {
  /** The name on the command line. */
  readonly name: string;
  /** The name in the report. */
  readonly title: string;
  /** Whether it only runs when it is asked for by name. */
  readonly extra?: boolean;
  /** Where its program is, or `undefined` when it is not installed. */
  find(): Promise<string | undefined>;
  /** The arguments that make it say its version. */
  readonly versionArgs: readonly string[];
  /** What it cannot do, and why, for the report. */
  readonly lacks?: Partial<Record<Feature, string>>;
  /** Descriptors it sets aside for each connection; default 1. */
  readonly descriptorsPerConnection?: number;
  /** The name and text of its configuration file, if it has one. */
  config?(site: Site): readonly [name: string, text: string];
  /** The command that starts it in the foreground. */
  command(program: string, site: Site): string[];
  /** The command that checks its configuration, if a feature may be new. */
  check?(program: string, site: Site): string[];
}

/** The server that the others are compared with. */
export const BASELINE = "nginx";

/** The servers that have goals: this program, by its way to wait for sockets. */
export const OWN = { default: "webserv", epoll: "webserv-epoll" } as const;

/** Requests on one connection: never the reason for a new one here. */
export const KEEPALIVE_REQUESTS = 100_000_000;

/** How long connections may say nothing, in seconds. */
export const KEEPALIVE_SECONDS = 600;

/** Most connections of a server. */
export const CONNECTIONS = 20_480;

/** `listen` in nginx's language, and what TLS needs beside it. */
export function listenLines(
  words: string,
  { tls }: Pick<Site, "tls">,
): string {
  if (tls === undefined) return `listen ${words};`;
  return `listen ${words} ssl;
    ssl_certificate ${tls.cert};
    ssl_certificate_key ${tls.key};
    ssl_protocols TLSv1.2 TLSv1.3;`;
}
