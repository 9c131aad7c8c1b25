/** What a certificate is for: DNS names and IP addresses (RFC 8555, RFC 8738). */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { parseAddress } from "../../http/addresses/network_range.ts";

/** A name or an address, as the protocol has it. */
export interface Identifier {
  readonly type: "dns" | "ip";
  /** In lower case; an address without brackets. */
  readonly value: string;
}

/** The longest DNS name, and the longest label of one (RFC 1035 §2.3.4). */
const MAX_NAME_BYTES = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What to do where only DNS-01 would help. */
const DNS_01 =
  "a wildcard needs the challenge DNS-01, which webserv does not speak: " +
  'name each host, as in "acme_certificate issuer www.example.org"';

/**
 * The identifier that `written` is.
 *
 * @throws {ConfigError} when no authority would issue for it, and why
 */
export function parseIdentifier(
  written: string,
  place: SourcePlace,
): Identifier {
  const text = written.toLowerCase().replace(/\.$/, "");
  if (text.includes("*") || text.startsWith(".")) {
    throw new ConfigError(
      `no certificate for "${written}" can be asked for`,
      place,
      DNS_01,
    );
  }
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  if (parseAddress(bare) !== undefined) {
    return { type: "ip", value: canonicalAddress(bare) };
  }
  const isName = text.length <= MAX_NAME_BYTES &&
    text.split(".").every((label) => LABEL.test(label)) &&
    !/^[0-9]+$/.test(text.slice(text.lastIndexOf(".") + 1));
  if (isName) return { type: "dns", value: text };
  throw new ConfigError(
    `"${written}" is no name or address that a certificate can be for`,
    place,
    "expected letters, digits and - between dots (of other scripts the form " +
      "that begins with xn--), or an IP address",
  );
}

/** An address as RFC 5952 has it. */
function canonicalAddress(text: string): string {
  if (!text.includes(":")) return text;
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}
