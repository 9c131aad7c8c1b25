/** `$ssl_*`: what was agreed on in the handshake of a request's connection. */

import { createHash } from "node:crypto";
import {
  ascii,
  bytes,
  type Variable,
  type VariableTable,
  variableTable,
} from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import { verification } from "./client_certificates.ts";
import { curveNames, suiteNames } from "./code_names.ts";
import { ownTls } from "./server_certificates.ts";
import { type Certificate, readCertificate } from "./x509.ts";
import { legacyNameText, nameText } from "./x509_name.ts";

/** Certificates of clients by their chain: there is one for a connection. */
const certificates = new WeakMap<object, Certificate>();

/** What the client of a request has shown; `undefined` for nothing. */
function clientCertificate(
  { connection: { tls } }: Exchange,
): Certificate | undefined {
  const chain = tls?.clientChain;
  const [der] = chain ?? [];
  if (chain === undefined || der === undefined) return undefined;
  const known = certificates.get(chain);
  if (known !== undefined) return known;
  try {
    const certificate = readCertificate(der);
    certificates.set(chain, certificate);
    return certificate;
  } catch {
    return undefined; // What is broken is good for nothing, and refused.
  }
}

/** A variable about the certificate of the client. */
function ofClient(
  read: (certificate: Certificate) => string,
): Variable<Exchange> {
  return ascii((exchange) => {
    const certificate = clientCertificate(exchange);
    return certificate === undefined ? undefined : read(certificate);
  });
}

/** A certificate in PEM, with the end of its last line. */
function pemOf({ der }: Certificate): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [
    "-----BEGIN CERTIFICATE-----",
    ...lines,
    "-----END CERTIFICATE-----",
    "",
  ].join("\n");
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A time as OpenSSL writes it: `Nov  8 01:33:29 2026 GMT`. */
function timeText(time: number): string {
  const date = new Date(time);
  const month = MONTHS[date.getUTCMonth()];
  const day = String(date.getUTCDate()).padStart(2);
  const clock = date.toISOString().slice(11, 19);
  return `${month} ${day} ${clock} ${date.getUTCFullYear()} GMT`;
}

const DAY_MS = 24 * 3600 * 1000;

/** What the variables about the certificate of the client say. */
const OF_CLIENT: Readonly<Record<string, (client: Certificate) => string>> = {
  // A field of a request or response is continued by a line that begins so.
  cert: (client) => pemOf(client).trimEnd().replaceAll("\n", "\n\t"),
  raw_cert: pemOf,
  escaped_cert: (client) => encodeURIComponent(pemOf(client)),
  fingerprint: ({ der }) => createHash("sha1").update(der).digest("hex"),
  i_dn: ({ issuer }) => nameText(issuer),
  i_dn_legacy: ({ issuer }) => legacyNameText(issuer),
  s_dn: ({ subject }) => nameText(subject),
  s_dn_legacy: ({ subject }) => legacyNameText(subject),
  serial: ({ serial }) => serial,
  v_start: ({ notBefore }) => timeText(notBefore),
  v_end: ({ notAfter }) => timeText(notAfter),
  v_remain: ({ notAfter }) =>
    String(Math.max(0, Math.floor((notAfter - Date.now()) / DAY_MS))),
};

/**
 * nginx's variables of TLS, but for those that the runtime does not tell. As
 * there they have no value without TLS.
 */
export const SSL_VARIABLES: VariableTable<Exchange> = variableTable({
  ssl_protocol: ascii((x) => x.connection.tls?.protocol),
  ssl_cipher: ascii((x) => x.connection.tls?.cipher),
  ssl_ciphers: ascii(({ connection: { tls } }) =>
    tls?.suites && suiteNames(tls.suites)
  ),
  ssl_curves: ascii(({ connection: { tls } }) =>
    tls?.groups && curveNames(tls.groups)
  ),
  ssl_server_name: bytes((x) => x.connection.tls?.serverName),
  ssl_alpn_protocol: ascii((x) => x.connection.tls?.application),
  ssl_session_reused: ascii(({ connection: { tls } }) =>
    tls && (tls.reused ? "r" : ".")
  ),
  // Early data is never taken.
  ssl_early_data: ascii(() => undefined),
  ssl_client_verify: ascii((x) =>
    x.connection.secure && x.connection.isPlain !== true
      ? verification(x, ownTls(x.server.root.scope).clients)
      : undefined
  ),
  ...Object.fromEntries(
    Object.entries(OF_CLIENT).map((
      [name, read],
    ) => [`ssl_client_${name}`, ofClient(read)]),
  ),
});
