/**
 * `health`: whether a load balancer should send requests here. It is 503 from
 * the moment the server drains (`QUIT`); new connections are refused then, so
 * only those that were open see it.
 */

import { defineDirective } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";

const healthDirective = defineDirective({
  name: "health",
  contexts: ["location"],
  args: [0, 0],
  inherit: "if",
  default: false,
  summary: "Answers 200 while the server takes requests, 503 as it drains.",
  differs: "nginx has no such directive.",
  parse: () => true,
});

const UTF8 = new TextEncoder();

/** An answer that no cache may keep. */
function answer(status: number, text: string): HttpResponse {
  return new HttpResponse(status, {
    headers: new HeaderList([
      ["Content-Type", "text/plain"],
      ["Cache-Control", "no-store"],
    ]),
    body: UTF8.encode(text),
  });
}

function create(
  scope: Scope,
  { statistics }: Environment,
): LocationHooks | undefined {
  if (!scope.get(healthDirective)) return undefined;
  return {
    content(exchange) {
      if (checkReadMethod(exchange) === "options") return optionsResponse();
      return statistics.draining
        ? answer(503, "draining\n")
        : answer(200, "ok\n");
    },
  };
}

/** Whether requests are welcome. */
export const healthModule: Module = {
  name: "health",
  directives: [healthDirective],
  dependsOn: [],
  create,
};
