/** Lists of certificates that are good no more (RFC 5280 §5): `ssl_crl`. */

import { verify } from "node:crypto";
import { DerReader, derTime, oidText, Tag } from "./der.ts";
import {
  type Certificate,
  readExtensions,
  sameBytes,
  serialText,
  SIGNATURES,
} from "./x509.ts";

/** A list of revoked certificates. */
export interface RevocationList {
  /** The name of who has signed it, in DER. */
  readonly issuer: Uint8Array;
  /** When it begins to be good, in ms since the epoch. */
  readonly thisUpdate: number;
  /** When the next one is there, in ms since the epoch; `Infinity` if unsaid. */
  readonly nextUpdate: number;
  /** The numbers of those that are revoked. */
  readonly serials: ReadonlySet<string>;
  /** Whether it says something that is not understood and has to be. */
  readonly strange: boolean;
  /** What is signed, how, and the signature. */
  readonly signed: {
    readonly bytes: Uint8Array;
    readonly algorithm: string;
    readonly signature: Uint8Array;
  };
}

/** The tag of the extensions of a list, and of one of its entries. */
const EXTENSIONS = 0xa0;

/** "Remove from CRL", the reason of an entry that takes one back. */
const REASON = "2.5.29.21";

/** Extensions of a list that are understood: key identifier, number. */
const KNOWN: readonly string[] = ["2.5.29.35", "2.5.29.20", REASON];

function isTime(tag: number | undefined): boolean {
  return tag === Tag.UtcTime || tag === Tag.GeneralizedTime;
}

/** Whether one of the extensions has to be understood and is not. */
function hasStrange(outer: DerReader): boolean {
  return readExtensions(outer).entries()
    .some(([oid, { critical }]) => critical && !KNOWN.includes(oid));
}

/**
 * Reads a list.
 *
 * @throws {DerError} when it is none
 */
export function readRevocations(der: Uint8Array): RevocationList {
  const outer = new DerReader(der).into(Tag.Sequence);
  const signed = outer.next(Tag.Sequence);
  const list = new DerReader(signed.content);
  list.optional(Tag.Integer); // Its version.
  list.next(Tag.Sequence); // The algorithm, which is said again below.
  const issuer = list.next(Tag.Sequence).whole;
  const thisUpdate = derTime(list.next());
  const nextUpdate = isTime(list.tag) ? derTime(list.next()) : Infinity;
  const serials = new Set<string>();
  let strange = false;
  const entries = list.optional(Tag.Sequence);
  if (entries !== undefined) {
    for (const each = new DerReader(entries.content); !each.isAtEnd;) {
      const entry = each.into(Tag.Sequence);
      serials.add(serialText(entry.next(Tag.Integer)));
      entry.next();
      if (!entry.isAtEnd && hasStrange(entry)) strange = true;
    }
  }
  const extensions = list.optional(EXTENSIONS);
  if (
    extensions !== undefined && hasStrange(new DerReader(extensions.content))
  ) {
    strange = true;
  }
  const algorithm = oidText(
    outer.into(Tag.Sequence).next(Tag.ObjectIdentifier).content,
  );
  // The first byte says how many bits of the last one are unused.
  const signature = outer.next(Tag.BitString).content.subarray(1);
  return {
    ...{ issuer, thisUpdate, nextUpdate, serials, strange },
    signed: { bytes: signed.whole, algorithm, signature },
  };
}

/** Whether `issuer` has signed the list, as far as the runtime can tell. */
export function isSignedBy(
  { signed: { bytes, algorithm, signature } }: RevocationList,
  { native }: Certificate,
): boolean {
  const hash = SIGNATURES.get(algorithm);
  if (hash === undefined) return false;
  try {
    return verify(hash, bytes, native.publicKey, signature);
  } catch {
    return false;
  }
}

/** The list of an issuer among several: the newest. */
export function listOf(
  issuer: Certificate,
  lists: readonly RevocationList[],
): RevocationList | undefined {
  return lists.filter((list) => sameBytes(list.issuer, issuer.subject))
    .sort((a, b) => b.thisUpdate - a.thisUpdate)[0];
}
