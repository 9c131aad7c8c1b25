/** What the server prints when it has started. */

import type { Generation } from "../server/configuration.ts";
import type { BoundAddress } from "../server/server.ts";
import { accessLogsOf, addressText, rootOf } from "../server/settings.ts";
import { SERVER_TOKEN } from "../version.ts";

/** An address as a URL that a terminal makes clickable. */
export function urlOf({ hostname, port, plan }: BoundAddress): string {
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  const host = isAny ? "localhost" : hostname;
  const [scheme, usual] = (plan.group ?? plan.ipv4)?.tls === undefined
    ? ["http", /:80$/] as const
    : ["https", /:443$/] as const;
  const authority = addressText({ hostname: host, port }).replace(usual, "");
  return `${scheme}://${authority}/`;
}

/** The URLs under which other machines find what listens everywhere. */
function networkUrls(
  { hostname, port, plan }: BoundAddress,
  network: readonly string[],
): string[] {
  if (hostname !== "0.0.0.0" && hostname !== "::") return [];
  return network
    .filter((own) => hostname === "::" || !own.includes(":"))
    .map((own) => urlOf({ hostname: own, port, plan }));
}

/** What {@linkcode announcement} tells of beside the addresses. */
export interface AnnouncementOptions {
  /** Where diagnostics go. */
  readonly errorLogs: readonly string[];
  /** The addresses of this machine that are worth telling. */
  readonly network: readonly string[];
}

/** The lines to print: a URL and a root per address, and the logs. */
export function announcement(
  addresses: readonly BoundAddress[],
  generation: Generation,
  { errorLogs, network }: AnnouncementOptions,
): string {
  const lines = addresses.flatMap((address) => {
    const root = rootOf(address.plan);
    return [
      `  ${urlOf(address)}  serves ${root ?? "answers without files"}`,
      ...networkUrls(address, network)
        .map((url) => `  ${url}  from the network`),
    ];
  });
  return [
    SERVER_TOKEN,
    ...lines,
    `  access log: ${accessLogsOf(generation).join(", ") || "off"}`,
    `  error log:  ${errorLogs.join(", ")}`,
    "",
  ].join("\n");
}
