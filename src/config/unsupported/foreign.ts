/**
 * What becomes of a directive that no module of webserv declares, so that an
 * nginx configuration is read for what it says.
 *
 * What only tells nginx *how* to do its work is accepted in silence; what has
 * an effect outside of the answers is accepted with a warning; what serves
 * only a feature that is not in use is accepted with one warning for all of
 * them. Everything else would change what is served or protected, and a
 * server that ignored it would be a trap. A module that declares a directive
 * of the same name always wins over these tables.
 */

import { FAMILIES, type Family } from "./foreign_families.ts";
import {
  DEFINERS,
  REFUSED,
  REFUSED_PATTERNS,
  SILENT,
  SILENT_PATTERNS,
  WARNED,
} from "./foreign_table.ts";

/** What becomes of a directive that no module declares. */
export type ForeignDirective =
  /** It means nothing here. */
  | { readonly kind: "silent" }
  /** It switches off what is not there. */
  | { readonly kind: "off" }
  /** It has an effect with nginx that it does not have here, and why. */
  | { readonly kind: "warned"; readonly why: string }
  /** It loads what is built in, or is not there at all. */
  | { readonly kind: "module" }
  /** It has no effect, unless a directive of its family is in use. */
  | { readonly kind: "tuning"; readonly family: Family }
  /** It defines variables; without their use it has no effect. */
  | { readonly kind: "definer"; readonly variables: readonly string[] }
  /** Without it something else would be served or protected. */
  | { readonly kind: "refused"; readonly hint: string | undefined };

/** What {@linkcode foreignDirective} looks at beside the name. */
interface ForeignUse {
  /** The arguments. */
  readonly args: readonly string[];
  /** The block, if there is one. */
  readonly block?:
    | readonly { readonly name: string; readonly args: readonly string[] }[]
    | undefined;
}

const NO_USE: ForeignUse = { args: [] };

/**
 * What the directive `name` is, as it is used; `undefined` if neither
 * nginx nor a module of it that is well known has one of this name.
 */
export function foreignDirective(
  name: string,
  use: ForeignUse = NO_USE,
): ForeignDirective | undefined {
  if (SILENT.has(name) || SILENT_PATTERNS.test(name)) return { kind: "silent" };
  const warned = WARNED.get(name);
  if (warned !== undefined) {
    return warned.unless?.test(use.args[0] ?? "")
      ? { kind: "silent" }
      : { kind: "warned", why: warned.why };
  }
  if (name === "load_module") return { kind: "module" };
  if (DEFINERS.test(name)) {
    return { kind: "definer", variables: definedBy(use) };
  }
  for (const family of FAMILIES) {
    if (family.effects.test(name)) {
      return isInert(family, use)
        ? { kind: "off" }
        : { kind: "refused", hint: family.hint };
    }
    if (family.tuning.test(name)) return { kind: "tuning", family };
  }
  if (REFUSED.has(name)) return { kind: "refused", hint: REFUSED.get(name) };
  const refused = REFUSED_PATTERNS.find(({ names }) => names.test(name));
  return refused && { kind: "refused", hint: refused.hint };
}

/** Whether what would have an effect is switched off, or holds nothing. */
function isInert({ off = [] }: Family, { args, block }: ForeignUse): boolean {
  if (block !== undefined) return block.length === 0 && off.includes("{}");
  return args[0] !== undefined && off.includes(args[0]);
}

/** The names of variables that stand in the arguments or begin entries. */
function definedBy({ args, block = [] }: ForeignUse): string[] {
  const [last] = args.slice(-1);
  const candidates = block.length > 0 && args.length > 0 && last !== undefined
    ? [last, ...block.map(({ name }) => name)]
    : [...args];
  return candidates.filter((word) => /^\$\w+$/.test(word))
    .map((word) => word.slice(1).toLowerCase());
}
