/**
 * TLS as far as it is configured: which servers have which certificate, and
 * who may come in. The sockets are the business of `net`.
 */

import type { AnyDirective } from "../../config/directive.ts";
import { FaultList } from "../../config/fault_list.ts";
import type { Scope } from "../../config/scope.ts";
import type { Module } from "../../core/module.ts";
import type { NamedFile } from "../../core/server_tls.ts";
import {
  sslCertificate,
  sslCertificateKey,
  sslPasswordFile,
} from "./certificate_files.ts";
import {
  CLIENT_DIRECTIVES,
  clientFiles,
  clientRefusal,
} from "./client_certificates.ts";
import { gaugeOf, watch } from "./lifetimes.ts";
import { ownTls, sslRejectHandshake } from "./server_certificates.ts";
import { SSL_VARIABLES } from "./ssl_variables.ts";
import { TLS_SETTINGS } from "./tls_settings.ts";

const directives: readonly AnyDirective[] = [
  sslCertificate,
  sslCertificateKey,
  sslPasswordFile,
  sslRejectHandshake,
  ...CLIENT_DIRECTIVES,
  ...TLS_SETTINGS,
];

/** The files that a scope names. */
function filesOf(scope: Scope): readonly NamedFile[] {
  return [
    scope.own(sslCertificate) ?? [],
    scope.own(sslCertificateKey) ?? [],
    scope.own(sslPasswordFile) ?? [],
    clientFiles(scope),
  ].flat();
}

/** Certificates. */
export const sslModule: Module = {
  name: "ssl",
  directives,
  variables: SSL_VARIABLES,
  tls: (scope) => ownTls(scope).tls,
  admit(scope) {
    const { clients } = ownTls(scope);
    if (clients === undefined) return undefined;
    return (exchange) =>
      exchange.connection.secure ? clientRefusal(exchange, clients) : undefined;
  },
  // As in nginx they are read wherever they stand, TLS or not.
  prepare(main, { gauges }) {
    const faults = new FaultList();
    const servers = [...main.descendantsOf("server")];
    for (const scope of servers) {
      faults.attempt(() => ownTls(scope));
    }
    faults.throwIfFound();
    gauges.push(
      gaugeOf(() => servers.flatMap((scope) => ownTls(scope).chains)),
    );
  },
  supervise: (main) =>
    watch(
      [...main.descendantsOf("server")].flatMap((scope) =>
        ownTls(scope).chains
      ),
    ),
  reads: (main) =>
    [main, ...main.descendants()].flatMap(filesOf)
      .filter((file) => !("text" in file || "isMade" in file)),
};
