/** The names of `-d`, as far as it can be known that none will be certified. */

import { UsageError } from "../usage_error.ts";

/** The longest name, in characters (RFC 1035 §2.3.4, without the last dot). */
const MAX_NAME_LENGTH = 253;

/** A label of a host name (RFC 1123 §2.1). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What looks like an address: IPv6 with or without brackets, or IPv4. */
const ADDRESS = /^(?:\[.*\]|.*:.*:.*|\d[\d.]*)$/;

/** Names that no authority for everybody certifies (RFC 6761, RFC 6762). */
const LOCAL = new RegExp(
  "(?:^|\\.)(?:localhost|local|test|invalid|internal|home\\.arpa|onion|" +
    // What people call their networks; none of it is ever delegated.
    "lan|home|corp|mail|intranet|private)$",
);

/**
 * The names of `words`, each one once, in lower case and as ASCII. A word may
 * have several, with commas between them. An authority of one's own
 * (`isPrivate`) may certify names that have no dot, or that only exist there.
 *
 * @throws {UsageError} for what cannot be certified, with what to do instead
 */
export function checkedDomains(
  words: readonly string[],
  isPrivate: boolean,
): string[] {
  const names = words.flatMap((word) => word.split(","))
    .map((word) => checkedDomain(word.trim(), isPrivate));
  return [...new Set(names)];
}

function checkedDomain(word: string, isPrivate: boolean): string {
  const refused = (why: string) =>
    new UsageError(`invalid option: "-d ${word}", ${why}`);
  if (word.startsWith("*.")) {
    const base = word.slice(2);
    throw refused(
      "a wildcard takes a record in the DNS (DNS-01), which webserv cannot " +
        `write: name every host, such as "-d ${base} -d www.${base}"`,
    );
  }
  const [, host] = /^[a-z]+:\/\/([^/]*)/i.exec(word) ?? [];
  if (host !== undefined) {
    throw refused(`expected a name, such as "-d ${host}"`);
  }
  if (ADDRESS.test(word)) {
    throw refused("expected a name: certificates are not got for addresses");
  }
  const name = asciiOf(word.toLowerCase().replace(/\.$/, ""));
  const labels = name.split(".");
  if (
    name.length > MAX_NAME_LENGTH || !labels.every((label) => LABEL.test(label))
  ) {
    throw refused(
      "expected a name: letters, digits and hyphens, with dots between them",
    );
  }
  if (!isPrivate && (labels.length === 1 || LOCAL.test(name))) {
    throw refused(
      "nobody outside of your network finds this name: for this machine " +
        'alone write "--tls", for an authority of your own "--issuer URL"',
    );
  }
  return name;
}

/** A name with other letters in the form that the DNS has (RFC 5891). */
function asciiOf(name: string): string {
  // What is ASCII is left for the check, which says more than an error would.
  if (!/[^ -~]/.test(name)) return name;
  return URL.canParse(`http://${name}/`)
    ? new URL(`http://${name}/`).hostname
    : name;
}
