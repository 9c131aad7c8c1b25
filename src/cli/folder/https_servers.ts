/** `--tls` and `-d`: the servers that serve a folder by https. */

import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import type { Statement } from "../../config/syntax/parser.ts";
import type { AuthorityArguments, SelfMadeArguments } from "../arguments.ts";
import { dataFolder } from "./data_folder.ts";
import { selfMadeFile } from "./self_made.ts";
import { ACCESS_LOG, block, listenStatements, say } from "./statements.ts";
import { UsageError } from "../usage_error.ts";

/** The ports of https and http, to which everybody comes. */
const HTTPS_LISTEN = "443";
const HTTP_LISTEN = "80";

/** The authority that is asked unless another is named. */
const LETSENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

/** Where it lets itself be tried, with limits that nobody reaches. */
const LETSENCRYPT_STAGING =
  "https://acme-staging-v02.api.letsencrypt.org/directory";

/** What it is called, in the configuration and in the log. */
const NAMES: ReadonlyMap<string, string> = new Map([
  [LETSENCRYPT, "letsencrypt"],
  [LETSENCRYPT_STAGING, "letsencrypt-staging"],
]);

/** The name of an authority: what its host is called, unless it has one. */
function issuerName({ href, hostname }: URL): string {
  return NAMES.get(href) ?? hostname.replaceAll(/[^\w.-]+/g, "-");
}

/**
 * The servers for a certificate that is made here.
 *
 * @throws {UsageError} when `listen` is no address, or nothing can be kept
 */
export function selfMadeStatements(
  { state }: SelfMadeArguments,
  listen: string,
  content: readonly Statement[],
): Statement[] {
  const file = selfMadeFile(dataFolder(state));
  if (file.includes("$")) {
    throw new UsageError(
      `the certificate cannot be kept at "${file}": "$" begins a variable ` +
        'there; say where else with "--state DIR"',
    );
  }
  return [
    block("server", [], [
      ...listenStatements("-l", listen, "ssl"),
      say("http2", "on"),
      say("ssl_certificate", file),
      say("ssl_certificate_key", file),
      ...content,
    ]),
  ];
}

/**
 * The servers for a certificate that an authority gives: one for the content, and
 * one that sends people there. It sends them to the port that everybody knows,
 * because that is where the authority has come to, whatever is in between.
 *
 * @throws {UsageError} when an address or the URL is none, or nothing can be
 * kept
 */
export function authorityStatements(
  https: AuthorityArguments,
  listen: string | undefined,
  content: readonly Statement[],
): Statement[] {
  const { domains, email, issuerCa, http } = https;
  const url = issuerUrl(https);
  const issuer = issuerName(url);
  const names = say("server_name", ...domains);
  return [
    block("acme_issuer", [issuer], [
      say("uri", url.href),
      ...(email === undefined ? [] : [say("contact", email)]),
      // Accounts and certificates of two authorities have nothing in common.
      say("state_path", join(dataFolder(https.state), "acme", issuer)),
      ...(issuerCa === undefined
        ? []
        : [say("ssl_trusted_certificate", resolve(issuerCa))]),
      say("accept_terms_of_service"),
    ]),
    block("server", [], [
      ...listenStatements("-l", listen ?? HTTPS_LISTEN, "ssl"),
      say("http2", "on"),
      names,
      say("acme_certificate", issuer),
      say("ssl_certificate", "$acme_certificate"),
      say("ssl_certificate_key", "$acme_certificate_key"),
      ...content,
    ]),
    block("server", [], [
      ...listenStatements("--http", http ?? HTTP_LISTEN),
      names,
      ACCESS_LOG,
      say("return", "301", "https://$host$request_uri"),
    ]),
  ];
}

/** @throws {UsageError} when it is none */
function issuerUrl({ issuer, staging }: AuthorityArguments): URL {
  if (issuer === undefined) {
    return new URL(staging ? LETSENCRYPT_STAGING : LETSENCRYPT);
  }
  const url = URL.parse(issuer);
  if (url?.protocol === "https:") return url;
  throw new UsageError(
    `invalid option: "--issuer ${issuer}", expected the URL of an ACME ` +
      "directory, https://...",
  );
}
