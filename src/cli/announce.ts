/** What the server prints when it has started. */

import { addressText } from "../modules/listen.ts";
import { accessLogs } from "../modules/logs.ts";
import { rootDirective } from "../modules/root.ts";
import type { Generation } from "../server/configuration.ts";
import type { HostGroup } from "../server/plan.ts";
import type { BoundAddress } from "../server/server.ts";
import { SERVER_TOKEN } from "../version.ts";

/** An address as a URL that a terminal makes clickable. */
export function urlOf({ hostname, port }: BoundAddress): string {
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  const host = isAny ? "localhost" : hostname;
  const authority = addressText({ hostname: host, port }).replace(/:80$/, "");
  return `http://${authority}/`;
}

function groupsOf({ plan }: BoundAddress): HostGroup[] {
  return [plan.group, plan.ipv4, ...plan.groups.values()]
    .filter((group) => group !== undefined);
}

/** The lines to print: a URL and a root per address, and the logs. */
export function announcement(
  addresses: readonly BoundAddress[],
  generation: Generation,
  errorLogs: readonly string[],
): string {
  const lines = addresses.map((address) => {
    const root = groupsOf(address)[0]?.fallback.scope.get(rootDirective);
    return `  ${urlOf(address)}  serves ${root ?? "answers without files"}`;
  });
  const access = new Set(
    generation.plan.servers.flatMap(({ scope }) =>
      accessLogs(scope, generation.environment).map(({ path }) => path)
    ),
  );
  return [
    SERVER_TOKEN,
    ...lines,
    `  access log: ${[...access].join(", ") || "off"}`,
    `  error log:  ${errorLogs.join(", ")}`,
    "",
  ].join("\n");
}
