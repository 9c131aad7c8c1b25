/** `rewrite_log`: what the directives of the rewrite module come to. */

import type { Directive } from "../../config/directive.ts";
import { onOffDirective } from "../../config/values.ts";
import type { Exchange } from "../../core/exchange.ts";
import { contextOf } from "../../core/request_log.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import { log } from "../../logging/logger.ts";
import type { Pattern } from "../../regex/pattern.ts";

/** `rewrite_log on | off`. */
export const rewriteLogDirective: Directive<boolean> = onOffDirective({
  name: "rewrite_log",
  contexts: ["http", "server", "location", "if"],
  default: false,
  summary: "Whether the error log has, at notice, what rewrite and if do.",
});

/** Whether anybody will read a {@linkcode note}. */
export function isNoted({ location }: Exchange): boolean {
  return log.enabled("notice", location.errorLog) &&
    location.scope.get(rewriteLogDirective);
}

/** Says something about a request. */
export function note(exchange: Exchange, message: string): void {
  log.notice(message, contextOf(exchange));
}

/** Says, where that is wanted, whether a pattern matches a text. */
export function noteMatch(
  exchange: Exchange,
  { source }: Pattern,
  text: string,
  matches: boolean,
): void {
  if (!isNoted(exchange)) return;
  const verb = matches ? "matches" : "does not match";
  note(exchange, `${quote(source)} ${verb} ${quote(text)}`);
}
