/**
 * Certificates (RFC 5280 §4): their fields as far as something depends on
 * them here. Signatures are the runtime's business (`node:crypto`).
 */

import { X509Certificate } from "node:crypto";
import {
  DerError,
  DerReader,
  derTime,
  type DerValue,
  oidText,
  Tag,
} from "./der.ts";

/**
 * The algorithms of signatures that are good ones, by object identifier, and
 * the hash of each; Ed25519 has its own. SHA-1 and MD5 can be forged.
 */
export const SIGNATURES: ReadonlyMap<string, string | null> = new Map([
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.2.840.10045.4.3.2", "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.3.101.112", null],
]);

/** An extension. */
export interface Extension {
  /** Whether who does not know it has to refuse. */
  readonly critical: boolean;
  /** Its value, in DER. */
  readonly value: Uint8Array;
}

/** A certificate. */
export interface Certificate {
  /** The runtime's view of it. */
  readonly native: X509Certificate;
  /** All of it, in DER. */
  readonly der: Uint8Array;
  /** Its number, hexadecimal. */
  readonly serial: string;
  /** The name of who has signed it, in DER. */
  readonly issuer: Uint8Array;
  /** Whose it is, in DER. */
  readonly subject: Uint8Array;
  /** When it begins to be good, in ms since the epoch. */
  readonly notBefore: number;
  /** When it ends to be good, in ms since the epoch. */
  readonly notAfter: number;
  /** How it is signed: an object identifier. */
  readonly algorithm: string;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** The tags of what a certificate may have: its version, its extensions. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/**
 * Reads a certificate.
 *
 * @throws {Error} when it is none
 */
export function readCertificate(der: Uint8Array): Certificate {
  const outer = new DerReader(der).into(Tag.Sequence);
  const inner = outer.into(Tag.Sequence);
  inner.optional(VERSION);
  const serial = serialText(inner.next(Tag.Integer));
  const algorithm = inner.next(Tag.Sequence);
  // What is signed and what is said of the signature have to agree.
  if (!sameBytes(algorithm.whole, outer.next(Tag.Sequence).whole)) {
    throw new DerError("it is signed in another way than it says");
  }
  const issuer = inner.next(Tag.Sequence).whole;
  const validity = inner.into(Tag.Sequence);
  const notBefore = derTime(validity.next());
  const notAfter = derTime(validity.next());
  const subject = inner.next(Tag.Sequence).whole;
  inner.next(Tag.Sequence); // The public key.
  let extensions: ReadonlyMap<string, Extension> = new Map();
  while (!inner.isAtEnd) {
    const { tag, content } = inner.next();
    if (tag === EXTENSIONS) {
      extensions = readExtensions(new DerReader(content));
    }
  }
  const native = new X509Certificate(der);
  return {
    ...{ native, der, serial, issuer, subject },
    ...{ notBefore, notAfter, extensions },
    algorithm: oidText(
      new DerReader(algorithm.content).next(Tag.ObjectIdentifier).content,
    ),
  };
}

/**
 * A sequence of extensions.
 *
 * @throws {DerError} when it is none, or has one twice
 */
export function readExtensions(outer: DerReader): Map<string, Extension> {
  const found = new Map<string, Extension>();
  for (const list = outer.into(Tag.Sequence); !list.isAtEnd;) {
    const one = list.into(Tag.Sequence);
    const oid = oidText(one.next(Tag.ObjectIdentifier).content);
    const flag = one.optional(Tag.Boolean);
    if (found.has(oid)) throw new DerError("it has an extension twice");
    found.set(oid, {
      critical: flag !== undefined && flag.content[0] !== 0,
      value: one.next(Tag.OctetString).content,
    });
  }
  return found;
}

/** A serial number as OpenSSL writes it: pairs of digits, in capitals. */
export function serialText({ content }: DerValue): string {
  const isNegative = content[0]! >= 0x80;
  const bytes = Array.from(content);
  if (isNegative) {
    let carry = 1;
    for (let i = bytes.length - 1; i >= 0; i--) {
      const value = (bytes[i]! ^ 0xff) + carry;
      bytes[i] = value & 0xff;
      carry = value >> 8;
    }
  }
  while (bytes.length > 1 && bytes[0] === 0) bytes.shift();
  return (isNegative ? "-" : "") + Uint8Array.from(bytes).toHex().toUpperCase();
}

/** Whether two values are the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
