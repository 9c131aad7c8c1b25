/** `metrics`: what the server knows of itself, for Prometheus. */

import { defineDirective } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import { metricsText } from "./metrics_text.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import type { StatisticsSnapshot } from "../../core/statistics.ts";

const metricsDirective = defineDirective({
  name: "metrics",
  contexts: ["location"],
  args: [0, 0],
  inherit: false,
  default: false,
  summary: "Answers with all counters, in the text format of Prometheus.",
  differs: "nginx has no such directive.",
  parse: () => true,
});

/** The media type of the text format, version 0.0.4. */
const MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const UTF8 = new TextEncoder();

function answer(now: StatisticsSnapshot): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([["Content-Type", MEDIA_TYPE]]),
    body: UTF8.encode(metricsText(now)),
  });
}

function create(
  scope: Scope,
  { statistics }: Environment,
): LocationHooks | undefined {
  if (!scope.own(metricsDirective)) return undefined;
  return {
    content(exchange) {
      if (checkReadMethod(exchange) === "options") return optionsResponse();
      const now = statistics.snapshot();
      return now instanceof Promise ? now.then(answer) : answer(now);
    },
  };
}

/** Counters for Prometheus. */
export const metricsModule: Module = {
  name: "metrics",
  directives: [metricsDirective],
  create,
};
