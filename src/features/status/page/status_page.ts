/**
 * `status_page`: what the server knows of itself, for people. The page is the
 * same for everybody; its script asks the same location for the numbers.
 */

import { defineDirective } from "../../../config/directive.ts";
import { seal } from "../../../core/changed_content.ts";
import type { Exchange } from "../../../core/exchange.ts";
import { checkReadMethod, optionsResponse } from "../../../core/methods.ts";
import type { Module } from "../../../core/module.ts";
import { queryArgument } from "../../../core/variables.ts";
import { HeaderList, HttpResponse } from "../../../http/response.ts";
import { prefersType } from "../../../http/semantics/accept.ts";
import { processUsage } from "../process_usage.ts";
import { statusData } from "./status_data.ts";
import { statusView } from "./status_view.ts";

const statusPageDirective = defineDirective({
  name: "status_page",
  contexts: ["location"],
  args: [0, 0],
  inherit: "if",
  default: false,
  summary: "Answers with a page that shows what the server does, live, and " +
    "with `?format=json` with the numbers of it.",
  differs: "nginx has no such directive.",
  parse: () => true,
});

const UTF8 = new TextEncoder();

function answer(
  mediaType: string,
  body: Uint8Array,
  fields: readonly (readonly [string, string])[] = [],
): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([
      ["Content-Type", mediaType],
      ["Cache-Control", "no-store"],
      ["Vary", "Accept"],
      ["X-Content-Type-Options", "nosniff"],
      ...fields,
    ]),
    body,
  });
}

/** Whether a request is for the numbers, and not for people. */
function wantsData({ args, request }: Exchange): boolean {
  const format = queryArgument(args, "format");
  return format === undefined
    ? prefersType(request.get("accept"), "application/json", "text/html")
    : format === "json";
}

/** The status page. */
export const statusPageModule: Module = {
  name: "status_page",
  directives: [statusPageDirective],
  dependsOn: [],
  create(scope, { statistics, gauges }) {
    if (!scope.get(statusPageDirective)) return undefined;
    const { page, policy } = statusView();
    seal(page);
    const data = (now: Parameters<typeof statusData>[1]) => {
      const time = Date.now() / 1000;
      const value = statusData(time, now, gauges, processUsage(now));
      return answer("application/json", UTF8.encode(JSON.stringify(value)));
    };
    return {
      content(exchange) {
        if (checkReadMethod(exchange) === "options") return optionsResponse();
        if (wantsData(exchange)) {
          const now = statistics.snapshot();
          return now instanceof Promise ? now.then(data) : data(now);
        }
        return answer("text/html; charset=utf-8", page, [
          ["Content-Security-Policy", policy],
          ["Referrer-Policy", "no-referrer"],
        ]);
      },
    };
  },
};
