/**
 * `satisfy` and `auth_delay`: what follows from what the checks of access say.
 * They are carried out where a location is compiled, since no one module knows
 * what the others say.
 */

import type { Directive } from "../../config/directive.ts";
import { oneOfDirective, timeDirective } from "../../config/values.ts";
import { HttpError } from "../../http/errors.ts";
import type { Module } from "../module.ts";

const CONTEXTS = ["http", "server", "location"] as const;

/** `satisfy all | any`. */
export const satisfyDirective: Directive<"all" | "any"> = oneOfDirective({
  name: "satisfy",
  values: ["all", "any"],
  contexts: CONTEXTS,
  default: "all",
  summary: "Whether a client has to pass all checks of access, or one.",
});

/** `auth_delay time`, in ms. */
export const authDelayDirective: Directive<number> = timeDirective({
  name: "auth_delay",
  contexts: CONTEXTS,
  default: 0,
  summary: "How long a client waits for the answer that it may not go on, 401.",
});

/** The refusal of a client that no rule lets pass. */
export function accessForbidden(): HttpError {
  return new HttpError(403, "access forbidden by rule", { severity: "error" });
}

/** What follows from checks of access. */
export const satisfyModule: Module = {
  name: "satisfy",
  directives: [satisfyDirective, authDelayDirective],
};
