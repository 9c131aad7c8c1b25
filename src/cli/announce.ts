/** What the server prints when it has started. */

import { escapeControls } from "../logging/diagnostic_line.ts";
import type { Generation } from "../server/setup/configuration.ts";
import type { BoundAddress } from "../server/server.ts";
import {
  accessLogsOf,
  addressText,
  rootOf,
} from "../server/setup/process_settings.ts";
import { SERVER_TOKEN } from "../version.ts";

/**
 * The host by which this machine finds what listens on an address: `localhost`
 * may be an IPv6 or an IPv4 address, so it is said where both are served.
 */
function ownHost({ hostname, plan }: BoundAddress): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  if (hostname !== "::") return hostname;
  return plan.ipv4 === undefined ? "::1" : "localhost";
}

/** An address as a URL that a terminal makes clickable. */
export function urlOf(address: BoundAddress): string {
  return urlAt(ownHost(address), address);
}

function urlAt(hostname: string, { port, plan }: BoundAddress): string {
  if (plan.path !== undefined) return hostname;
  const [scheme, usual] = (plan.group ?? plan.ipv4)?.tls === undefined
    ? ["http", /:80$/] as const
    : ["https", /:443$/] as const;
  const authority = addressText({ hostname, port }).replace(usual, "");
  return `${scheme}://${authority}/`;
}

/** The URLs under which other machines find what listens everywhere. */
function networkUrls(
  address: BoundAddress,
  network: readonly string[],
): string[] {
  const { hostname } = address;
  if (hostname !== "0.0.0.0" && hostname !== "::") return [];
  return network
    .filter((own) => hostname === "::" || !own.includes(":"))
    .map((own) => urlAt(own, address));
}

/** Whether only this machine finds what listens on an address. */
function isLoopback(hostname: string): boolean {
  return /^(?:127\.|::1$|localhost$)/.test(hostname);
}

/**
 * The URL under which a phone finds the first of `addresses` that others can
 * reach; `network` has the addresses of this machine.
 */
export function urlForOthers(
  addresses: readonly BoundAddress[],
  network: readonly string[],
): string | undefined {
  return addresses.flatMap((address) => {
    const { hostname, plan } = address;
    if (hostname === "0.0.0.0" || hostname === "::") {
      return networkUrls(address, network);
    }
    return plan.path !== undefined || isLoopback(hostname)
      ? []
      : [urlOf(address)];
  })[0];
}

/** What {@linkcode announcement} tells of beside the addresses. */
interface AnnouncementOptions {
  /** Where diagnostics go. */
  readonly errorLogs: readonly string[];
  /** The addresses of this machine that are worth telling. */
  readonly network: readonly string[];
  /** Lines about certificates. */
  readonly notes: readonly string[];
}

/** The line of the error log that says where the server listens. */
export function startNotice(
  addresses: readonly BoundAddress[],
  workers: number,
): string {
  const where = addresses.map(addressText).join(", ");
  const whose = workers === 1 ? "" : ` with ${workers} workers`;
  return `${SERVER_TOKEN} started${whose}, listening on ${where}`;
}

/** Most logs that are named: there may be one for each of a thousand sites. */
const MAX_NAMED = 4;

function listed(paths: readonly string[]): string {
  const rest = paths.length - MAX_NAMED;
  const named = paths.slice(0, MAX_NAMED).join(", ");
  return rest > 0 ? `${named} and ${rest} more` : named;
}

/** The lines to print: a URL and a root per address, and the logs. */
export function announcement(
  addresses: readonly BoundAddress[],
  generation: Generation,
  { errorLogs, network, notes }: AnnouncementOptions,
): string {
  const lines = addresses.flatMap((address) => {
    const root = rootOf(address.plan, generation);
    return [
      `  ${urlOf(address)}  serves ${
        root === undefined ? "no files" : escapeControls(root)
      }`,
      ...networkUrls(address, network)
        .map((url) => `  ${url}  from the network`),
    ];
  });
  return [
    SERVER_TOKEN,
    ...lines,
    ...notes,
    `  access log: ${listed(accessLogsOf(generation)) || "off"}`,
    `  error log:  ${listed(errorLogs)}`,
    "",
  ].join("\n");
}
