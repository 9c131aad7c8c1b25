/** Statements whose arguments clients are sent. */

import type { Statement } from "../config/syntax/parser.ts";

/** Directives that may send clients elsewhere. */
export const REDIRECTING = ["return", "rewrite"] as const;

/** Directives that send their arguments in a field. */
export const FIELDS = [
  "add_header",
  "add_trailer",
  "more_set_headers",
] as const;

/** Whether a statement sends clients elsewhere. */
export function isRedirect({ name, args }: Statement): boolean {
  const [first = "", second = "", flag] = args;
  if (name === "return") {
    return /^30[12378]$/.test(first) || /^(?:https?:|\$scheme)/.test(first);
  }
  return name === "rewrite" && (flag === "redirect" || flag === "permanent" ||
    /^(?:https?:|\$scheme)/.test(second));
}

/** The last word but for a flag: what the client is sent. */
export function targetOf({ name, args }: Statement): string {
  return (name === "rewrite" ? args[1] : args.at(-1)) ?? "";
}
