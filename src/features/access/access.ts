/** `allow` and `deny`: which clients may have what. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { NetworkRange } from "../../http/addresses/network_range.ts";
import { type AccessRule, AccessRules } from "./access_rules.ts";
import { GRANTED, type LocationHooks, type Module } from "../../core/module.ts";
import { trace } from "../../core/trace.ts";
import { accessForbidden } from "../../core/settings/satisfy.ts";

/** Whom `text` names; `undefined` if nobody. */
function clientsOf(text: string): AccessRule["clients"] | undefined {
  if (text === "unix:") return "unix";
  return text === "all" ? text : NetworkRange.parse(text);
}

function accessDirective(
  name: "allow" | "deny",
  summary: string,
): Directive<readonly AccessRule[]> {
  return defineDirective<readonly AccessRule[]>({
    name,
    contexts: ["http", "server", "location", "limit_except"],
    args: [1, 1],
    repeatable: true,
    default: [],
    summary,
    syntax: "address | network | unix: | all",
    parse({ args: [text = ""], place }, previous = [], context) {
      const clients = clientsOf(text);
      if (clients === undefined) {
        throw new ConfigError(
          `invalid parameter "${text}"`,
          place,
          "expected an address, a range such as 192.0.2.0/24, unix: or all",
        );
      }
      if (clients instanceof NetworkRange && clients.hasMeaninglessBits) {
        context.warn(`low address bits of ${text} are meaningless`);
      }
      return appended(previous, [
        { order: context.index, allows: name === "allow", clients, place },
      ]);
    },
  });
}

const allowDirective = accessDirective(
  "allow",
  "Whose requests are answered.",
);

const denyDirective = accessDirective(
  "deny",
  "Whose requests are refused.",
);

/** The rules in force: a block with any of its own has no others, as in nginx. */
function create(scope: Scope): LocationHooks | undefined {
  const owner = scope.nearest((outer) =>
    outer.has(allowDirective) || outer.has(denyDirective)
  );
  if (owner === undefined) return undefined;
  const rules = new AccessRules([
    ...owner.own(allowDirective) ?? [],
    ...owner.own(denyDirective) ?? [],
  ]);
  return {
    access({ remoteAddress }) {
      const rule = rules.ruleFor(remoteAddress);
      if (rule === undefined) return undefined;
      trace.steps?.push({
        kind: "access",
        text: `${remoteAddress} is ${rule.allows ? "allowed" : "denied"}`,
        place: rule.place,
      });
      return rule.allows ? GRANTED : accessForbidden();
    },
  };
}

/** Access by address. */
export const accessModule: Module = {
  name: "access",
  directives: [allowDirective, denyDirective],
  dependsOn: [],
  create,
};
