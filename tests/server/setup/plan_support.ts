import { parseConfig } from "../../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { groupFor } from "../../../src/server/client_addresses.ts";
import type { Plan } from "../../../src/server/setup/plan.ts";

/** Compiles `text`; every server has `access_log off`. */
export function compile(
  text: string,
  events = "",
): { plan: Plan; warnings: string[] } {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const configuration = readConfiguration({
    file: "/x/x.conf",
    statements: parseConfig(
      `events { ${events} } http { access_log off; ${text} }`,
      "x.conf",
    ),
    prefix: "/x",
  }, warn);
  const { plan, environment } = prepareGeneration(configuration, warn);
  environment.logs.close();
  return { plan, warnings };
}

/** The sockets of a plan, as `host port`. */
export function listenersOf(plan: Plan): string[] {
  return plan.listeners.map(({ hostname, port }) => `${hostname} ${port}`)
    .sort();
}

/** The name of the server that `host` reaches at an address of a listener. */
export function served(plan: Plan, local: string, host: string, i = 0): string {
  const group = groupFor(plan.listeners[i]!, local);
  return group?.hosts.match(host).name ?? "none";
}

/** A server block of that name. */
export const server = (name: string, ...listens: string[]) =>
  `server { server_name ${name}; ${
    listens.map((listen) => `listen ${listen};`).join(" ")
  } }`;
