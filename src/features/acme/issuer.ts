/**
 * `acme_issuer`: an authority that certificates come from (RFC 8555), in the
 * language of nginx's `ngx_http_acme_module`.
 */

import {
  type AnyDirective,
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import { argument } from "../../config/values.ts";
import type { NamedFile } from "../../core/server_tls.ts";
import { sslTrustedCertificate } from "../tls/client_certificates.ts";
import {
  isLikeKeyKind,
  KEY_KINDS,
  type KeyKind,
  keyKindOf,
} from "./key_kind.ts";

/** The block of an issuer. */
const CONTEXT = "acme_issuer";

const CONTEXTS = [CONTEXT] as const;

/** How it is proved that a name is this server's. */
const CHALLENGES = ["http-01", "tls-alpn-01"] as const;

/** One of {@linkcode CHALLENGES}. */
export type ChallengeKind = typeof CHALLENGES[number];

/** A key that is made, or the file it is in. */
export type KeyChoice = KeyKind | NamedFile;

/** The name of an account elsewhere, and what proves that it is ours. */
interface ExternalAccount {
  readonly kid: string;
  /** The file with the key, base64url, or the key itself. */
  readonly key: NamedFile | { readonly text: string };
}

/** An authority, as it is configured. */
export interface Issuer {
  /** What the configuration calls it. */
  readonly name: string;
  /** Its directory. */
  readonly uri: string;
  /** Whom it may tell of trouble: URLs. */
  readonly contacts: readonly string[];
  /** The folder with its account and certificates; none: nothing is kept. */
  readonly statePath: string | undefined;
  /** Whether its terms are accepted. */
  readonly acceptsTerms: boolean;
  /** The key of the account. */
  readonly accountKey: KeyChoice;
  /** See {@linkcode ExternalAccount}. */
  readonly externalAccount: ExternalAccount | undefined;
  /** How names are proved. */
  readonly challenge: ChallengeKind;
  /** The name of the root that the chain should lead to. */
  readonly preferredChain: string | undefined;
  /** The kind of certificate, and whether no other will do. */
  readonly profile:
    | { readonly name: string; readonly required: boolean }
    | undefined;
  /** By what its own server is trusted, beside the usual roots. */
  readonly trusted: NamedFile | undefined;
  /** Where it is said. */
  readonly place: SourcePlace;
}

const acmeIssuer: Directive<readonly string[]> = defineDirective<
  readonly string[]
>({
  name: "acme_issuer",
  contexts: ["http"],
  args: [1, 1],
  body: "scope",
  opens: CONTEXT,
  repeatable: true,
  default: [],
  summary: "Names an authority that certificates come from (ACME, RFC 8555).",
  syntax: "name",
  parse(statement, previous = []) {
    const name = argument(statement);
    if (!/^[\w.-]+$/.test(name)) {
      throw new ConfigError(
        `invalid ACME issuer name "${name}"`,
        statement.place,
        "expected letters, digits, and any of . _ -",
      );
    }
    if (previous.includes(name)) {
      throw new ConfigError(
        `duplicate ACME issuer "${name}"`,
        statement.place,
        "expected another name",
      );
    }
    return appended(previous, [name]);
  },
});

const uri = defineDirective<string | undefined>({
  name: "uri",
  contexts: CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "The URL of the authority's directory.",
  syntax: "uri",
  parse(statement) {
    const text = argument(statement);
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== "https:" || url.hostname === "") {
      throw new ConfigError(
        `invalid ACME directory URL "${text}"`,
        statement.place,
        "expected one that begins with https://",
      );
    }
    return url.href;
  },
});

const contact = defineDirective<readonly string[]>({
  name: "contact",
  contexts: CONTEXTS,
  args: [1, Infinity],
  repeatable: true,
  default: [],
  summary: "Whom the authority may tell of trouble: addresses, or URLs.",
  syntax: "url ...",
  parse({ args, place }, previous = []) {
    return appended(
      previous,
      args.map((text) => {
        const url = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `mailto:${text}`;
        const isMail = url.startsWith("mailto:");
        if (URL.canParse(url) && (!isMail || /^[^@]+@[^@]+$/.test(text))) {
          return url;
        }
        throw new ConfigError(
          `invalid contact "${text}"`,
          place,
          "expected a mail address, or a URL",
        );
      }),
    );
  },
});

const statePath = defineDirective<string | undefined>({
  name: "state_path",
  contexts: CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "The folder that keeps the account and the certificates.",
  syntax: "path | off",
  defaultText: "acme_name",
  parse(statement, _previous, context) {
    const path = argument(statement);
    return path === "off" ? path : context.resolvePath(path);
  },
});

const acceptTerms = defineDirective<boolean>({
  name: "accept_terms_of_service",
  contexts: CONTEXTS,
  args: [0, 0],
  default: false,
  summary: "Says that the authority's terms of service are accepted.",
  parse: () => true,
});

/**
 * A kind of key, or the path of a file.
 *
 * @throws {ConfigError} when it is a kind that is not made
 */
export function parseKeyChoice(
  text: string,
  place: SourcePlace,
  resolvePath: (path: string) => string,
): KeyChoice {
  const kind = keyKindOf(text);
  if (kind !== undefined) return kind;
  if (isLikeKeyKind(text) || text === "") {
    throw new ConfigError(
      `unsupported key type "${text}"`,
      place,
      `expected ${KEY_KINDS.join(", ")}, or the path of a PEM file`,
    );
  }
  return { path: resolvePath(text), place };
}

const accountKey = defineDirective<KeyChoice>({
  name: "account_key",
  contexts: CONTEXTS,
  args: [1, 1],
  default: "ecdsa:256",
  summary: "The key of the account: its kind, or the PEM file it is in.",
  syntax: "type[:size] | file",
  defaultText: "ecdsa:256",
  parse: (statement, _previous, context) =>
    parseKeyChoice(
      argument(statement),
      statement.place,
      (path) => context.resolvePath(path),
    ),
});

const externalAccountKey = defineDirective<ExternalAccount | undefined>({
  name: "external_account_key",
  contexts: CONTEXTS,
  args: [2, 2],
  default: undefined,
  summary: "The name and key of an account elsewhere that pays for this one.",
  syntax: "kid file | data:key",
  parse(statement, _previous, context) {
    const kid = argument(statement);
    const file = argument(statement, 1);
    const { place } = statement;
    if (!file.startsWith("data:")) {
      return { kid, key: { path: context.resolvePath(file), place } };
    }
    return { kid, key: { text: checkedBase64Url(file.slice(5), place) } };
  },
});

/** @throws {ConfigError} when `text` is not base64url */
function checkedBase64Url(text: string, place: SourcePlace): string {
  if (/^[\w-]+=*$/.test(text)) return text;
  throw new ConfigError(
    "invalid external account key",
    place,
    "expected base64url, as the authority has given it",
  );
}

const challenge = defineDirective<ChallengeKind>({
  name: "challenge",
  contexts: CONTEXTS,
  args: [1, 1],
  default: "http-01",
  summary: "How it is proved that names are this server's.",
  syntax: "http-01 | tls-alpn-01",
  defaultText: "http-01",
  parse(statement) {
    const text = argument(statement);
    const known = CHALLENGES.find((kind) =>
      kind === text || kind === `${text}-01`
    );
    if (known !== undefined) return known;
    throw new ConfigError(
      `unsupported challenge "${text}"`,
      statement.place,
      `expected ${CHALLENGES.join(" or ")}`,
    );
  },
});

const preferredChain = defineDirective<string | undefined>({
  name: "preferred_chain",
  contexts: CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "The common name of the root that the chain should lead to.",
  syntax: "name",
  parse: (statement) => argument(statement),
});

const profile = defineDirective<Issuer["profile"]>({
  name: "profile",
  contexts: CONTEXTS,
  args: [1, 2],
  default: undefined,
  summary: "The kind of certificate that is asked for, such as shortlived.",
  syntax: "name [require]",
  parse(statement) {
    const [name = "", word] = statement.args;
    if (word !== undefined && word !== "require") {
      throw new ConfigError(
        `invalid parameter "${word}"`,
        statement.place,
        'expected "require", or nothing',
      );
    }
    return { name, required: word === "require" };
  },
});

const sslVerify = defineDirective<boolean>({
  name: "ssl_verify",
  contexts: CONTEXTS,
  args: [1, 1],
  default: true,
  summary: "Whether the authority's own server has to prove who it is.",
  syntax: "on",
  defaultText: "on",
  differs: "off is an error: name its root by ssl_trusted_certificate.",
  parse(statement) {
    const text = argument(statement).toLowerCase();
    if (text === "on") return true;
    throw text === "off"
      ? new ConfigError(
        '"ssl_verify off" is not supported by webserv',
        statement.place,
        "name the authority's root by ssl_trusted_certificate",
      )
      : new ConfigError(
        `invalid value "${text}" in "ssl_verify" directive, it must be "on"`,
        statement.place,
      );
  },
});

/** The directive that opens an issuer, and those in it. */
export const ISSUER_DIRECTIVES: readonly AnyDirective[] = [
  acmeIssuer,
  uri,
  contact,
  statePath,
  acceptTerms,
  accountKey,
  externalAccountKey,
  challenge,
  preferredChain,
  profile,
  sslVerify,
];

/**
 * The issuers of a configuration by name.
 *
 * @throws {ConfigError} when one is incomplete
 */
export function issuersOf(
  main: Scope,
  resolvePath: (path: string) => string,
): ReadonlyMap<string, Issuer> {
  // Where there is no http block, both are one scope.
  const scopes = [...new Set([main, httpScope(main)])].flatMap((scope) =>
    scope.childrenOf(CONTEXT)
  );
  const issuers = scopes.map((scope) => issuerOf(scope, resolvePath));
  checkFolders(issuers);
  return new Map(issuers.map((issuer) => [issuer.name, issuer]));
}

/** @throws {ConfigError} when two of them would use one folder */
function checkFolders(issuers: readonly Issuer[]): void {
  const owners = new Map<string, string>();
  for (const { name, statePath, place } of issuers) {
    if (statePath === undefined) continue;
    const path = statePath.replace(/\/+$/, "");
    const owner = owners.get(path);
    if (owner !== undefined) {
      throw new ConfigError(
        `state_path "${path}" is used by ACME issuer "${owner}"`,
        place,
        "accounts of two authorities are kept in two folders",
      );
    }
    owners.set(path, name);
  }
}

/** The files that an issuer names. */
export function filesOfIssuer(
  { accountKey, externalAccount, trusted }: Issuer,
): NamedFile[] {
  const key = externalAccount?.key;
  return [
    ...typeof accountKey === "string" ? [] : [accountKey],
    ...key !== undefined && "path" in key ? [key] : [],
    ...trusted === undefined ? [] : [trusted],
  ];
}

function issuerOf(
  scope: Scope,
  resolvePath: (path: string) => string,
): Issuer {
  const [name = ""] = scope.args;
  const { place } = scope;
  const directory = scope.get(uri);
  // One that is wrong has been reported.
  if (directory === undefined && scope.failedOf(uri).length === 0) {
    throw new ConfigError(
      `no "uri" is defined for ACME issuer "${name}"`,
      place,
      "expected the URL of the authority's directory, such as " +
        "https://acme-v02.api.letsencrypt.org/directory",
    );
  }
  const path = scope.get(statePath);
  return {
    name,
    uri: directory ?? "",
    contacts: scope.get(contact),
    statePath: path === "off" ? undefined : path ?? resolvePath(`acme_${name}`),
    acceptsTerms: scope.get(acceptTerms),
    accountKey: scope.get(accountKey),
    externalAccount: scope.get(externalAccountKey),
    challenge: scope.get(challenge),
    preferredChain: scope.get(preferredChain),
    profile: scope.get(profile),
    trusted: scope.own(sslTrustedCertificate),
    place,
  };
}
