/** `allow` and `deny`: which clients may have what. */

import {
  appended,
  defineDirective,
  type Directive,
} from "../config/directive.ts";
import { ConfigError } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import { HttpError } from "../http/errors.ts";
import {
  type AddressBytes,
  NetworkRange,
  parseAddress,
} from "../http/network_range.ts";
import type { LocationHooks, Module } from "./module.ts";
import { nextOrder } from "./script.ts";

/** Whom a rule is for, and whether they may go on. */
interface AccessRule {
  /** Where it stands among those of its block. */
  readonly order: number;
  /** Whether its clients may go on. */
  readonly allows: boolean;
  /** Whether it is for a client; `undefined` for one without an address. */
  matches(address: AddressBytes | undefined): boolean;
}

function accessDirective(
  name: "allow" | "deny",
  summary: string,
): Directive<readonly AccessRule[]> {
  return defineDirective<readonly AccessRule[]>({
    name,
    contexts: ["http", "server", "location"],
    args: [1, 1],
    repeatable: true,
    default: [],
    summary,
    parse({ args: [text = ""], place }, previous = [], context) {
      const rule = { order: nextOrder(), allows: name === "allow" };
      if (text === "all") {
        return appended(previous, [{ ...rule, matches: () => true }]);
      }
      // Nobody comes by a Unix socket here.
      if (text === "unix:") {
        return appended(previous, [{ ...rule, matches: () => false }]);
      }
      const range = NetworkRange.parse(text);
      if (range === undefined) {
        throw new ConfigError(
          `invalid parameter "${text}"`,
          place,
          "expected an address, a range such as 192.0.2.0/24, or all",
        );
      }
      if (range.hasMeaninglessBits) {
        context.warn(`low address bits of ${text} are meaningless`);
      }
      return appended(previous, [{
        ...rule,
        matches: (address) => address !== undefined && range.contains(address),
      }]);
    },
  });
}

/** `allow address | range | all`. */
export const allowDirective: Directive<readonly AccessRule[]> = accessDirective(
  "allow",
  "Whose requests are answered.",
);

/** `deny address | range | all`. */
export const denyDirective: Directive<readonly AccessRule[]> = accessDirective(
  "deny",
  "Whose requests are refused.",
);

/** The rules in force: a block with any of its own has no others, as in nginx. */
function rulesOf(scope: Scope): readonly AccessRule[] {
  for (
    let place: Scope | undefined = scope;
    place !== undefined;
    place = place.parent
  ) {
    const own = [
      ...place.own(allowDirective) ?? [],
      ...place.own(denyDirective) ?? [],
    ];
    if (own.length > 0) return own.sort((a, b) => a.order - b.order);
  }
  return [];
}

function create(scope: Scope): LocationHooks | undefined {
  const rules = rulesOf(scope);
  if (rules.length === 0) return undefined;
  return {
    access({ remoteAddress }) {
      const address = parseAddress(remoteAddress);
      const rule = rules.find((rule) => rule.matches(address));
      return rule === undefined || rule.allows
        ? undefined
        : new HttpError(403, "access forbidden by rule");
    },
  };
}

/** Access by address. */
export const accessModule: Module = {
  name: "access",
  directives: [allowDirective, denyDirective],
  create,
};
