/**
 * Whether the certificate of a client is good: a chain of signatures from it
 * to an authority that is trusted (RFC 5280 §6). The runtime looks at this,
 * too, but only in a full handshake, does not say what is wrong, and knows
 * neither a depth nor lists of revoked certificates (measured): so it is done
 * here, for every connection, and what is not understood is refused.
 *
 * What is wrong is said in OpenSSL's words, which nginx logs and has in
 * `$ssl_client_verify`.
 */

import { DerReader, Tag } from "./der.ts";
import { isSignedBy, listOf, type RevocationList } from "./revocations.ts";
import {
  type Certificate,
  readCertificate,
  sameBytes,
  SIGNATURES,
} from "./x509.ts";

/** Why a certificate is not good: OpenSSL's number and words. */
const ChainFault = {
  Signature: [7, "certificate signature failure"],
  CrlSignature: [8, "CRL signature failure"],
  NotYetValid: [9, "certificate is not yet valid"],
  Expired: [10, "certificate has expired"],
  CrlNotYetValid: [11, "CRL is not yet valid"],
  CrlExpired: [12, "CRL has expired"],
  SelfSigned: [18, "self-signed certificate"],
  SelfSignedInChain: [19, "self-signed certificate in certificate chain"],
  NoLocalIssuer: [20, "unable to get local issuer certificate"],
  FirstUnverified: [21, "unable to verify the first certificate"],
  TooLong: [22, "certificate chain too long"],
  Revoked: [23, "certificate revoked"],
  InvalidAuthority: [79, "invalid CA certificate"],
  PathLength: [25, "path length constraint exceeded"],
  Purpose: [26, "unsuitable certificate purpose"],
  WeakKey: [66, "EE certificate key too weak"],
  WeakAuthorityKey: [67, "CA certificate key too weak"],
  WeakSignature: [68, "CA signature digest algorithm too weak"],
  NoCrl: [3, "unable to get certificate CRL"],
  Critical: [34, "unhandled critical extension"],
  CriticalCrl: [36, "unhandled critical CRL extension"],
  Broken: [1, "unspecified certificate verification error"],
} as const satisfies Record<string, readonly [code: number, words: string]>;

/** One of its faults. */
export type Fault = typeof ChainFault[keyof typeof ChainFault];

/** What a chain is held to. */
export interface ChainRules {
  /** The authorities that are trusted, and what may stand between. */
  readonly trusted: readonly Certificate[];
  /** How many certificates may stand between the two ends. */
  readonly depth: number;
  /** Lists of revoked certificates; `undefined` if none is asked for. */
  readonly revocations: readonly RevocationList[] | undefined;
}

/** Object identifiers of extensions. */
const KEY_USAGE = "2.5.29.15";
const BASIC_CONSTRAINTS = "2.5.29.19";
const NAME_CONSTRAINTS = "2.5.29.30";
const EXTENDED_KEY_USAGE = "2.5.29.37";

/** Extensions that may be critical: these, and those that restrict nothing. */
const UNDERSTOOD: readonly string[] = [
  KEY_USAGE,
  BASIC_CONSTRAINTS,
  EXTENDED_KEY_USAGE,
  "2.5.29.17", // The other names of its owner.
  "2.5.29.32", // The policies it was issued under.
];

/** `id-kp-clientAuth` and `anyExtendedKeyUsage`, in DER. */
const CLIENT_PURPOSES: readonly Uint8Array[] = [
  Uint8Array.of(0x2b, 6, 1, 5, 5, 7, 3, 2),
  Uint8Array.of(0x55, 0x1d, 0x25, 0),
];

/** Bits of the first byte of a key's usage. */
const DIGITAL_SIGNATURE = 0x80;
const KEY_AGREEMENT = 0x08;
const CERTIFICATE_SIGN = 0x04;
/** Bit of the same: it may sign lists of revoked ones. */
const CRL_SIGN = 0x02;

/** Keys that are strong enough: the length of RSA, in bits, and the curves. */
const MIN_RSA_BITS = 2048;
const CURVES: readonly string[] = ["prime256v1", "secp384r1", "secp521r1"];

/** How many certificates of a client are read: ten times as many as usual. */
const MAX_SHOWN = 32;

/** How many signatures are checked for one client: each takes 0.1 ms. */
const MAX_CHECKS = 32;

/**
 * What is wrong with the certificates of a client, its own first; `undefined`
 * if nothing is. `now` is in ms since the epoch.
 */
export function chainFault(
  shown: readonly Uint8Array[],
  rules: ChainRules,
  now: number,
): Fault | undefined {
  if (shown.length > MAX_SHOWN) return ChainFault.TooLong;
  let certificates: Certificate[];
  try {
    certificates = shown.map(readCertificate);
  } catch {
    return ChainFault.Broken;
  }
  const [leaf, ...others] = certificates;
  if (leaf === undefined) return ChainFault.Broken;
  const found = new PathSearch(rules.trusted, others).from([leaf]);
  // What is out of date is so whoever has signed it.
  if (!isPath(found)) return timeFault(leaf, now) ?? found;
  try {
    return pathFault(found, rules, now);
  } catch {
    return ChainFault.Broken;
  }
}

/** Looks for a way from a certificate to an authority. */
class PathSearch {
  readonly #trusted: readonly Certificate[];
  readonly #others: readonly Certificate[];
  #checks = 0;

  constructor(
    trusted: readonly Certificate[],
    others: readonly Certificate[],
  ) {
    this.#trusted = trusted;
    this.#others = others;
  }

  /** The whole way, or why there is none; `path` is the way so far. */
  from(path: Certificate[]): Certificate[] | Fault {
    const last = path.at(-1)!;
    const isRoot = sameBytes(last.issuer, last.subject);
    const isTrusted = this.#trusted.some(({ der }) => sameBytes(der, last.der));
    if (isRoot && isTrusted) return path;
    if (isRoot) {
      return path.length === 1
        ? ChainFault.SelfSigned
        : ChainFault.SelfSignedInChain;
    }
    let fault: Fault = path.length === 1
      ? ChainFault.FirstUnverified
      : ChainFault.NoLocalIssuer;
    // Whom one trusts is asked first (OpenSSL).
    for (const issuer of [...this.#trusted, ...this.#others]) {
      if (!sameBytes(last.issuer, issuer.subject)) continue;
      if (path.some(({ der }) => sameBytes(der, issuer.der))) continue;
      if (++this.#checks > MAX_CHECKS) return ChainFault.TooLong;
      if (!isIssuedBy(last, issuer)) {
        fault = ChainFault.Signature;
        continue;
      }
      const way = this.from([...path, issuer]);
      if (isPath(way)) return way;
      fault = way;
    }
    return fault;
  }
}

function isPath(found: Certificate[] | Fault): found is Certificate[] {
  return typeof found[0] !== "number";
}

function isIssuedBy(subject: Certificate, issuer: Certificate): boolean {
  try {
    return subject.native.verify(issuer.native.publicKey);
  } catch {
    return false; // A key of a kind that the runtime does not know.
  }
}

/** What is wrong with a way whose signatures are right. */
function pathFault(
  path: readonly Certificate[],
  { depth, revocations }: ChainRules,
  now: number,
): Fault | undefined {
  // Both ends do not count.
  if (path.length - 2 > depth) return ChainFault.TooLong;
  for (const [at, certificate] of path.entries()) {
    const fault = certificateFault(certificate) ??
      strengthFault(certificate, at, path.length) ??
      (at === 0
        ? leafFault(certificate)
        : authorityFault(certificate, at - 1)) ??
      timeFault(certificate, now);
    if (fault !== undefined) return fault;
  }
  if (revocations === undefined) return undefined;
  for (const [at, certificate] of path.entries()) {
    const issuer = path[at + 1] ?? certificate;
    const fault = revocationFault(certificate, issuer, revocations, now);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function timeFault(
  { notBefore, notAfter }: Certificate,
  now: number,
): Fault | undefined {
  if (now < notBefore) return ChainFault.NotYetValid;
  return now > notAfter ? ChainFault.Expired : undefined;
}

/** Whether a key can be found out, or a signature be forged. */
function strengthFault(
  { native, algorithm }: Certificate,
  at: number,
  length: number,
): Fault | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } =
    native.publicKey;
  const isStrong = type === "ed25519" ||
    (type === "rsa" && (details?.modulusLength ?? 0) >= MIN_RSA_BITS) ||
    (type === "ec" && CURVES.includes(details?.namedCurve ?? ""));
  if (!isStrong) {
    return at === 0 ? ChainFault.WeakKey : ChainFault.WeakAuthorityKey;
  }
  // The last one is trusted, whatever it is signed with.
  const isLast = at === length - 1;
  return isLast || SIGNATURES.has(algorithm)
    ? undefined
    : ChainFault.WeakSignature;
}

/** What no certificate may have. */
function certificateFault({ extensions }: Certificate): Fault | undefined {
  // They would have to be obeyed, critical or not.
  if (extensions.has(NAME_CONSTRAINTS)) return ChainFault.Critical;
  const isStrange = extensions.entries()
    .some(([oid, { critical }]) => critical && !UNDERSTOOD.includes(oid));
  return isStrange ? ChainFault.Critical : undefined;
}

/** Whether a certificate is one for clients. */
function leafFault(leaf: Certificate): Fault | undefined {
  const usage = keyUsage(leaf);
  const isForThat = usage === undefined ||
    (usage & (DIGITAL_SIGNATURE | KEY_AGREEMENT)) !== 0;
  return isForThat && isForClients(leaf) ? undefined : ChainFault.Purpose;
}

/** Whether one may issue others; `below` are between it and the client's. */
function authorityFault(
  authority: Certificate,
  below: number,
): Fault | undefined {
  const usage = keyUsage(authority);
  if (usage !== undefined && (usage & CERTIFICATE_SIGN) === 0) {
    return ChainFault.InvalidAuthority;
  }
  const basic = authority.extensions.get(BASIC_CONSTRAINTS);
  if (basic === undefined) return ChainFault.InvalidAuthority;
  const values = new DerReader(basic.value).into(Tag.Sequence);
  const isAuthority = values.optional(Tag.Boolean)?.content[0];
  if (!isAuthority) return ChainFault.InvalidAuthority;
  const longest = values.optional(Tag.Integer)?.content;
  if (longest !== undefined) {
    const most = longest.reduce((value, byte) => value * 256 + byte, 0);
    if (below > most) return ChainFault.PathLength;
  }
  return isForClients(authority) ? undefined : ChainFault.Purpose;
}

/** The first byte of a key's usage; `undefined` if that is not limited. */
function keyUsage({ extensions }: Certificate): number | undefined {
  const extension = extensions.get(KEY_USAGE);
  if (extension === undefined) return undefined;
  const { content } = new DerReader(extension.value).next(Tag.BitString);
  return content[1] ?? 0;
}

function isForClients({ extensions }: Certificate): boolean {
  const extension = extensions.get(EXTENDED_KEY_USAGE);
  if (extension === undefined) return true;
  const purposes = new DerReader(extension.value).into(Tag.Sequence);
  while (!purposes.isAtEnd) {
    const { content } = purposes.next(Tag.ObjectIdentifier);
    if (CLIENT_PURPOSES.some((each) => sameBytes(each, content))) return true;
  }
  return false;
}

/** Whether a certificate is revoked, or nobody can say (`ssl_crl`). */
function revocationFault(
  { serial }: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
  now: number,
): Fault | undefined {
  const list = listOf(issuer, lists);
  if (list === undefined) return ChainFault.NoCrl;
  const usage = keyUsage(issuer);
  const maySign = usage === undefined || (usage & CRL_SIGN) !== 0;
  if (!maySign || !isSignedBy(list, issuer)) return ChainFault.CrlSignature;
  if (list.strange) return ChainFault.CriticalCrl;
  if (now < list.thisUpdate) return ChainFault.CrlNotYetValid;
  if (now > list.nextUpdate) return ChainFault.CrlExpired;
  return list.serials.has(serial) ? ChainFault.Revoked : undefined;
}
