/** `stub_status`: the counters of nginx's page of that name, byte for byte. */

import { defineDirective } from "../../config/directive.ts";
import type { Module } from "../../core/module.ts";
import type { StatisticsSnapshot } from "../../core/statistics.ts";
import { CONNECTION_VARIABLES } from "./connection_counts.ts";
import { countersPageModule } from "./counters_page.ts";

/** `stub_status`. As in nginx, an argument is allowed and means nothing. */
const stubStatusDirective = defineDirective({
  name: "stub_status",
  contexts: ["server", "location"],
  args: [0, 1],
  repeatable: true,
  inherit: "if",
  default: false,
  syntax: "[any]",
  summary: "Answers with the number of connections and requests.",
  parse: () => true,
});

/** The page of nginx's `ngx_http_stub_status_module`. */
export function stubStatusText(
  { connections, accepted, handled, requests }: Pick<
    StatisticsSnapshot,
    "connections" | "accepted" | "handled" | "requests"
  >,
): string {
  const { reading, writing, waiting } = connections;
  return `Active connections: ${reading + writing + waiting} \n` +
    "server accepts handled requests\n" +
    ` ${accepted} ${handled} ${requests} \n` +
    `Reading: ${reading} Writing: ${writing} Waiting: ${waiting} \n`;
}

/** nginx's status page. */
export const stubStatusModule: Module = {
  ...countersPageModule(stubStatusDirective, "text/plain", stubStatusText),
  variables: CONNECTION_VARIABLES,
};
