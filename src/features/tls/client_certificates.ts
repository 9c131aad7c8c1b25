/**
 * Certificates of clients: who has to show one (`ssl_verify_client`), whose
 * are good, and what becomes of a request without. A client is asked in the
 * handshake and goes on in any case; it is refused with its request, for which
 * there can be a page.
 */

import type { AnyDirective } from "../../config/directive.ts";
import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { integerDirective, oneOf } from "../../config/values.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { ClientDemand, NamedFile } from "../../core/server_tls.ts";
import { HttpError } from "../../http/errors.ts";
import {
  fileDirective,
  readCertificates,
  readPem,
  TLS_CONTEXTS,
} from "./certificate_files.ts";
import { chainFault, type ChainRules, type Fault } from "./client_chain.ts";
import { revocationsIn, separately } from "./pem.ts";
import { readRevocations, type RevocationList } from "./revocations.ts";

const MODES = ["off", "on", "optional", "optional_no_ca"] as const;

/** One of {@linkcode MODES}. */
type Mode = typeof MODES[number];

const sslVerifyClient: Directive<Mode> = defineDirective<Mode>({
  name: "ssl_verify_client",
  contexts: TLS_CONTEXTS,
  args: [1, 1],
  default: "off",
  summary: "Whether clients have to show a certificate, and a good one.",
  syntax: MODES.join(" | "),
  defaultText: "off",
  differs: "A request on a connection on which its server's certificate was " +
    "not asked for is 421, and name constraints are refused.",
  parse: (statement) => oneOf(statement, MODES),
});

const sslClientCertificate = fileDirective(
  "ssl_client_certificate",
  "The PEM file with the authorities of clients; clients are told them.",
);

/** Of clients, or of an ACME authority's own server. */
export const sslTrustedCertificate: Directive<NamedFile | undefined> = {
  ...fileDirective(
    "ssl_trusted_certificate",
    "The PEM file with further authorities of clients, which are not told; " +
      "in acme_issuer by whom the authority's own server is trusted.",
    "In acme_issuer it adds to the well-known roots.",
  ),
  contexts: [...TLS_CONTEXTS, "acme_issuer"],
};

const sslCrl = fileDirective(
  "ssl_crl",
  "The PEM file with lists of revoked certificates, one for each authority.",
);

/** How many certificates may stand between a client's and its authority. */
const sslVerifyDepth = integerDirective({
  name: "ssl_verify_depth",
  contexts: TLS_CONTEXTS,
  default: 1,
  summary: "How many certificates may stand between both ends of a chain.",
});

/** The directives about certificates of clients. */
export const CLIENT_DIRECTIVES: readonly AnyDirective[] = [
  sslVerifyClient,
  sslClientCertificate,
  sslTrustedCertificate,
  sslCrl,
  sslVerifyDepth,
];

/** What a server asks of its clients. */
export interface ClientPolicy extends ClientDemand {
  readonly mode: Exclude<Mode, "off">;
  readonly rules: ChainRules;
}

/** The files that a scope names, for who has to be able to read them. */
export function clientFiles(scope: Scope): readonly NamedFile[] {
  return [sslClientCertificate, sslTrustedCertificate, sslCrl]
    .flatMap((directive) => scope.own(directive) ?? []);
}

/**
 * What the server of `scope` asks of its clients; `undefined` for nothing.
 *
 * @throws {ConfigError} when a file cannot be read or is none
 */
export function clientPolicy(scope: Scope): ClientPolicy | undefined {
  const mode = scope.get(sslVerifyClient);
  const told = authorities(scope, sslClientCertificate, "client certificates");
  const silent = authorities(
    scope,
    sslTrustedCertificate,
    "trusted certificates",
  );
  const revocations = revocationLists(scope);
  if (mode === "off") return undefined;
  const trusted = [...told.certificates, ...silent.certificates];
  if (trusted.length === 0 && mode !== "optional_no_ca") {
    throw new ConfigError(
      'no "ssl_client_certificate" for "ssl_verify_client"',
      scope.placeOf(sslVerifyClient) ?? scope.place,
      "expected the file with the authorities of clients",
    );
  }
  const depth = scope.get(sslVerifyDepth);
  return {
    mode,
    authorities: told.pems.length > 0 ? told.pems : silent.pems,
    rules: { trusted, depth, revocations },
  };
}

function authorities(
  scope: Scope,
  directive: Directive<NamedFile | undefined>,
  what: string,
) {
  const file = scope.get(directive);
  if (file === undefined) return { pems: [], certificates: [] };
  const { text, certificates } = readCertificates(file, what);
  return { pems: separately(text), certificates };
}

function revocationLists(scope: Scope): readonly RevocationList[] | undefined {
  const file = scope.get(sslCrl);
  if (file === undefined) return undefined;
  let lists: RevocationList[];
  try {
    lists = revocationsIn(readPem(file, "certificate revocation list"))
      .map(readRevocations);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `cannot load certificate revocation list "${file.path}": a list in it ` +
        "is broken",
      file.place,
      "expected what the authority has issued, unchanged",
    );
  }
  if (lists.length > 0) return lists;
  throw new ConfigError(
    `cannot load certificate revocation list "${file.path}"`,
    file.place,
    "expected a PEM file with BEGIN X509 CRL",
  );
}

/** What is known of the certificate of a connection, by what it is held to. */
interface Verdict {
  readonly policy: ClientPolicy;
  readonly fault: Fault | undefined;
}

/** By the chain that the client has shown: there is one for a connection. */
const verdicts = new WeakMap<object, Verdict>();

/** What is wrong with the certificate that was shown; asked once each. */
function faultOf(
  chain: readonly Uint8Array[],
  policy: ClientPolicy,
): Fault | undefined {
  const known = verdicts.get(chain);
  if (known?.policy === policy) return known.fault;
  const fault = chainFault(chain, policy.rules, Date.now());
  verdicts.set(chain, { policy, fault });
  return fault;
}

/** Faults of chains that have no end here: `optional_no_ca` leaves them. */
const WITHOUT_AUTHORITY: readonly number[] = [18, 19, 20, 21];

/** What `$ssl_client_verify` says on a connection of a server. */
export function verification(
  { connection: { tls } }: Exchange,
  policy: ClientPolicy | undefined,
): string {
  const chain = tls?.clientChain;
  if (policy === undefined || chain === undefined || chain.length === 0) {
    return "NONE";
  }
  const fault = faultOf(chain, policy);
  return fault === undefined ? "SUCCESS" : `FAILED:${fault[1]}`;
}

/** Why a request is refused for what its client has shown, if it is. */
export function clientRefusal(
  exchange: Exchange,
  policy: ClientPolicy | undefined,
): HttpError | undefined {
  if (policy === undefined) return undefined;
  const { connection: { tls }, host } = exchange;
  const name = tls?.serverName.toLowerCase().replace(/\.$/, "") ?? "";
  // As in nginx; and who was asked for nothing may have something to show.
  const isElsewhere = name !== "" && name !== host;
  if (isElsewhere || tls?.pair?.clients === undefined) {
    return new HttpError(
      421,
      "client attempted to request the server name different from the one " +
        "that was negotiated",
      { close: true },
    );
  }
  const chain = tls.clientChain ?? [];
  if (chain.length === 0) {
    return policy.mode === "on"
      ? new HttpError(496, "client sent no required SSL certificate", {
        close: true,
      })
      : undefined;
  }
  const fault = faultOf(chain, policy);
  if (fault === undefined) return undefined;
  const [code, words] = fault;
  const isLeft = policy.mode === "optional_no_ca" &&
    WITHOUT_AUTHORITY.includes(code);
  return isLeft ? undefined : new HttpError(
    495,
    `client SSL certificate verify error: (${code}:${words})`,
    { close: true },
  );
}
