/** A page with what the server knows of itself, in a format of its own. */

import type { Directive } from "../../config/directive.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import type { Gauge, Module } from "../../core/module.ts";
import type { StatisticsSnapshot } from "../../core/statistics.ts";

const UTF8 = new TextEncoder();

/** The module of `directive`, which answers with `text` as a `mediaType`. */
export function countersPageModule(
  directive: Directive<boolean>,
  mediaType: string,
  text: (now: StatisticsSnapshot, gauges: readonly Gauge[]) => string,
): Module {
  return {
    name: directive.name,
    directives: [directive],
    dependsOn: [],
    create(scope, { statistics, gauges }) {
      if (!scope.get(directive)) return undefined;
      const answer = (now: StatisticsSnapshot) =>
        new HttpResponse(200, {
          headers: new HeaderList([["Content-Type", mediaType]]),
          body: UTF8.encode(text(now, gauges)),
        });
      return {
        content(exchange) {
          if (checkReadMethod(exchange) === "options") return optionsResponse();
          const now = statistics.snapshot();
          return now instanceof Promise ? now.then(answer) : answer(now);
        },
      };
    },
  };
}
