/**
 * Whether an authority can come for its proof, as far as the addresses tell
 * that a configuration listens on.
 */

import type { Scope } from "../../config/scope.ts";
import {
  defaultListen,
  type ListenAddress,
  listenDirective,
} from "../../core/settings/listen.ts";
import { ANY_IPV4, socketPath } from "../../core/settings/listen_address.ts";
import type { ChallengeKind } from "./issuer.ts";

/** Where an authority comes to, and what it speaks there. */
export const WAYS = {
  "http-01": { port: 80, what: "HTTP-01", ssl: false },
  "tls-alpn-01": { port: 443, what: "TLS-ALPN-01", ssl: true },
} as const satisfies Record<
  ChallengeKind,
  { readonly port: number; readonly what: string; readonly ssl: boolean }
>;

/** All addresses of IPv6. */
const ANY_IPV6 = "::";

/** Where a server is, as far as the network can come there. */
export function addressesOf(server: Scope): ListenAddress[] {
  const own = server.get(listenDirective);
  return (own.length === 0 ? [defaultListen(server.place)] : own)
    .filter(({ hostname, quic }) =>
      !quic && socketPath(hostname) === undefined
    );
}

/**
 * What is in the way of a proof by `challenge` for a server at `own` addresses,
 * where servers listen at `all`; `undefined` if nothing is.
 */
export function proofFault(
  challenge: ChallengeKind,
  own: readonly ListenAddress[],
  all: readonly ListenAddress[],
): string | undefined {
  const { port, ssl } = WAYS[challenge];
  const there = all.filter((each) => each.port === port);
  if (there.length === 0) {
    return `nothing here listens on port ${port}, where it comes for the proof`;
  }
  // One "ssl" is for all of an address.
  const secure = new Set(
    there.filter((each) => each.ssl).map(({ hostname }) => hostname),
  );
  const ways = there.map(({ hostname }) => hostname)
    .filter((hostname) => secure.has(hostname) === ssl);
  if (ways.length === 0) {
    return ssl
      ? `port ${port} speaks no TLS here, and it comes with TLS for the proof`
      : `port ${port} speaks TLS here, and it comes without for the proof`;
  }
  const open = ways.filter((hostname) => !isLocal(hostname));
  if (open.length === 0) {
    return `port ${port} is open to this machine alone (${ways[0]}), and it ` +
      "comes from elsewhere for the proof";
  }
  const missing = own.map(({ hostname }) => hostname)
    .find((hostname) => !isLocal(hostname) && !isCovered(hostname, open));
  return missing &&
    `nothing here listens on port ${port} of ${
      missing === ANY_IPV6 ? "IPv6" : missing === ANY_IPV4 ? "IPv4" : missing
    }, where it may come for the proof`;
}

/** Whether whoever comes to `hostname` finds somebody at one of `open`. */
function isCovered(hostname: string, open: readonly string[]): boolean {
  const isSix = hostname.includes(":");
  const isAny = hostname === ANY_IPV4 || hostname === ANY_IPV6;
  return open.some((each) =>
    // An address [::] may be for IPv4 as well.
    each === hostname || each === ANY_IPV6 ||
    each.includes(":") === isSix && (isAny || each === ANY_IPV4)
  );
}

/** Whether an address is for programs of this machine alone. */
function isLocal(hostname: string): boolean {
  return hostname === "::1" || hostname.startsWith("127.");
}
