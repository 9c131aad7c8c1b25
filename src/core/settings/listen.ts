/** `listen`: where a server is. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import type { SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Module } from "../module.ts";
import {
  ANY_IPV4,
  type HostAndPort,
  parseAddresses,
  socketPath,
} from "./listen_address.ts";
import {
  LISTEN_PARAMETERS,
  type ListenOptions,
  NO_OPTIONS,
  parseListenOptions,
} from "./listen_options.ts";

/** One address a server listens on. */
export interface ListenAddress extends HostAndPort, ListenOptions {
  /** Where it is said. */
  readonly place: SourcePlace;
}

/** The addresses of a server. */
export const listenDirective: Directive<readonly ListenAddress[]> =
  defineDirective<readonly ListenAddress[]>({
    name: "listen",
    contexts: ["server"],
    args: [1, Infinity],
    repeatable: true,
    inherit: false,
    default: [],
    summary: "Where to listen: an address and a port, or a Unix socket.",
    syntax: `([address:]port[-port] | unix:path) ${LISTEN_PARAMETERS}`,
    defaultText: "80",
    differs:
      "The default of backlog is 4096 (nginx: 511). Of several workers one accepts on a Unix socket. Without use epoll IPv6 alone cannot be bound: an address [::] takes the port for IPv4 as well; and deferred, fastopen, rcvbuf, sndbuf and the numbers of so_keepalive have no effect, with a warning.",
    parse: (statement, previous = [], { warn }) =>
      appended(previous, parseListen(statement, warn)),
  });

/** Where a server without `listen` is (nginx as root: port 80). */
export function defaultListen(place: SourcePlace): ListenAddress {
  return {
    ...NO_OPTIONS,
    hostname: ANY_IPV4,
    port: 80,
    place,
  };
}

function parseListen(
  { args: [text = "", ...options], place }: Statement,
  warn: (what: string) => void,
): ListenAddress[] {
  const { hostname, ports } = parseAddresses(text, place);
  const isUnix = socketPath(hostname) !== undefined;
  const parsed = parseListenOptions(options, { place, isUnix, warn });
  return ports.map((port) => ({ ...parsed, hostname, port, place }));
}

/** Addresses. */
export const listenModule: Module = {
  name: "listen",
  directives: [listenDirective],
};
