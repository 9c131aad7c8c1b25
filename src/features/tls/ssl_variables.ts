/** `$ssl_…`: what was agreed on in the handshake of a request's connection. */

import {
  ascii,
  bytes,
  type VariableTable,
  variableTable,
} from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";

/** Of a certificate that no client is asked for. */
const NO_CLIENT_CERTIFICATE = ascii<Exchange>(() => undefined);

const CLIENT_CERTIFICATE = [
  "cert",
  "escaped_cert",
  "fingerprint",
  "i_dn",
  "i_dn_legacy",
  "raw_cert",
  "s_dn",
  "s_dn_legacy",
  "serial",
  "v_end",
  "v_remain",
  "v_start",
] as const;

/**
 * nginx's variables of TLS, but for those that the runtime does not tell. As
 * there they have no value without TLS.
 */
export const SSL_VARIABLES: VariableTable<Exchange> = variableTable({
  ssl_protocol: ascii((x) => x.connection.tls?.protocol),
  ssl_cipher: ascii((x) => x.connection.tls?.cipher),
  ssl_server_name: bytes((x) => x.connection.tls?.serverName),
  ssl_alpn_protocol: ascii((x) => x.connection.tls?.application),
  ssl_session_reused: ascii(({ connection: { tls } }) =>
    tls && (tls.reused ? "r" : ".")
  ),
  // Early data is never taken.
  ssl_early_data: ascii(() => undefined),
  ssl_client_verify: ascii((x) => x.connection.secure ? "NONE" : undefined),
  ...Object.fromEntries(
    CLIENT_CERTIFICATE.map((
      name,
    ) => [`ssl_client_${name}`, NO_CLIENT_CERTIFICATE]),
  ),
});
