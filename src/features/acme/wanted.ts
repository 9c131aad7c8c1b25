/** `acme_certificate`: which certificates a configuration asks for. */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { ListenAddress } from "../../core/settings/listen.ts";
import { serverNameDirective } from "../../core/settings/server_name.ts";
import { createHash } from "node:crypto";
import { type Identifier, parseIdentifier } from "./identifiers.ts";
import { type Issuer, type KeyChoice, parseKeyChoice } from "./issuer.ts";
import { addressesOf, proofFault } from "./proof_ways.ts";

/** What `acme_certificate` says. */
interface Request {
  /** The name of the issuer. */
  readonly issuer: string;
  /** What it is for; empty: the names of the server. */
  readonly identifiers: readonly Identifier[];
  readonly key: KeyChoice;
  readonly place: SourcePlace;
}

/** `acme_certificate issuer [identifier ...] [key=type]`. */
export const acmeCertificate: Directive<Request | undefined> = defineDirective<
  Request | undefined
>({
  name: "acme_certificate",
  contexts: ["server"],
  args: [1, Infinity],
  default: undefined,
  summary: "Has a certificate made by an authority, and renewed.",
  syntax: "issuer [identifier ...] [key=type[:size] | key=file]",
  differs: "A file may be named as the key, too.",
  parse({ args: [issuer = "", ...others], place }, _previous, context) {
    const identifiers: Identifier[] = [];
    let key: KeyChoice = "ecdsa:256";
    for (const arg of others) {
      if (arg.startsWith("key=")) {
        key = parseKeyChoice(
          arg.slice(4),
          place,
          (path) => context.resolvePath(path),
        );
      } else {
        identifiers.push(parseIdentifier(arg, place));
      }
    }
    return { issuer, identifiers, key, place };
  },
});

/** A certificate that is asked for. */
export interface Wanted {
  /** Whose state it is in the zone: unique among all issuers. */
  readonly id: string;
  /** The beginning of the names of its files. */
  readonly fileName: string;
  readonly issuer: Issuer;
  /** What it is for, each one once, in the order of the file. */
  readonly identifiers: readonly Identifier[];
  readonly key: KeyChoice;
  /** Where it is said. */
  readonly place: SourcePlace;
  /** Why the authority may not be able to come for its proof, if so. */
  readonly fault?: string | undefined;
}

/**
 * The certificate that the server of `scope` asks for; `undefined` if it asks
 * for none.
 *
 * @throws {ConfigError} when it cannot be had
 */
export function wantedBy(
  scope: Scope,
  issuers: ReadonlyMap<string, Issuer>,
): Wanted | undefined {
  const request = scope.get(acmeCertificate);
  if (request === undefined) return undefined;
  const issuer = issuers.get(request.issuer);
  if (issuer === undefined) {
    throw new ConfigError(
      `ACME issuer "${request.issuer}" not found`,
      request.place,
      issuers.size === 0
        ? "no acme_issuer is defined in http"
        : `expected one of ${[...issuers.keys()].join(", ")}`,
    );
  }
  const named = request.identifiers.length > 0
    ? request.identifiers
    : namesOf(scope, request.place);
  const identifiers = [
    ...new Map(named.map((each) => [each.value, each])).values(),
  ];
  const { key, place } = request;
  const fileName = fileNameOf(identifiers, key);
  const id = `${issuer.name}/${fileName}`;
  return { id, fileName, issuer, identifiers, key, place };
}

/** The names of a server that a certificate can be for. */
function namesOf(scope: Scope, place: SourcePlace): Identifier[] {
  const found: Identifier[] = [];
  for (const { text, pattern } of scope.get(serverNameDirective)) {
    // These are for no host in particular.
    if (text === "" || text === "_" || pattern.kind === "regex") continue;
    found.push(
      parseIdentifier(text, scope.placeOf(serverNameDirective) ?? place),
    );
  }
  if (found.length > 0) return found;
  throw new ConfigError(
    "no identifiers found for ACME certificate",
    place,
    "expected a server_name that is neither a wildcard nor an expression, or " +
      "names behind the issuer",
  );
}

/**
 * A name, for who looks, and a hash of what is asked for: the same one whatever
 * the order of the names.
 */
function fileNameOf(
  identifiers: readonly Identifier[],
  key: KeyChoice,
): string {
  const names = identifiers.map(({ value }) => value).sort();
  const kind = typeof key === "string" ? key : `file:${key.path}`;
  const hash = createHash("sha256").update([kind, ...names].join("\n"))
    .digest("hex").slice(0, 10);
  const first = names[0]!.replaceAll(":", "_");
  return `${first.slice(0, 100)}-${hash}`;
}

/** All that a configuration asks for, each one once. */
export function allWanted(
  main: Scope,
  issuers: ReadonlyMap<string, Issuer>,
): Wanted[] {
  const servers = [...main.descendantsOf("server")];
  const all = servers.flatMap(addressesOf);
  const found = new Map<string, Wanted & { readonly own: ListenAddress[] }>();
  for (const scope of servers) {
    const wanted = wantedBy(scope, issuers);
    if (wanted === undefined) continue;
    const own = found.get(wanted.id)?.own ?? [];
    own.push(...addressesOf(scope));
    found.set(wanted.id, { ...found.get(wanted.id) ?? wanted, own });
  }
  return Array.from(found.values(), ({ own, ...wanted }) => ({
    ...wanted,
    fault: proofFault(wanted.issuer.challenge, own, all),
  }));
}
