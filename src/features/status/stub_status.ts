/** `stub_status`: the counters of nginx's page of that name, byte for byte. */

import { defineDirective } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import type { StatisticsSnapshot } from "../../core/statistics.ts";

/** `stub_status`. As in nginx, an argument is allowed and means nothing. */
const stubStatusDirective = defineDirective({
  name: "stub_status",
  contexts: ["server", "location"],
  args: [0, 1],
  repeatable: true,
  inherit: false,
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

const UTF8 = new TextEncoder();

function answer(now: StatisticsSnapshot): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([["Content-Type", "text/plain"]]),
    body: UTF8.encode(stubStatusText(now)),
  });
}

function create(
  scope: Scope,
  { statistics }: Environment,
): LocationHooks | undefined {
  if (!scope.own(stubStatusDirective)) return undefined;
  return {
    content(exchange) {
      if (checkReadMethod(exchange) === "options") return optionsResponse();
      const now = statistics.snapshot();
      return now instanceof Promise ? now.then(answer) : answer(now);
    },
  };
}

/** nginx's status page. */
export const stubStatusModule: Module = {
  name: "stub_status",
  directives: [stubStatusDirective],
  create,
};
