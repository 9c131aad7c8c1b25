/**
 * Names in certificates, as nginx's variables and logs write them: by RFC 2253
 * (`CN=a,O=b`, the last part first), and in OpenSSL's older way (`/O=b/CN=a`).
 */

import { DerReader, type DerValue, oidText, Tag } from "./der.ts";

/** OpenSSL's short names. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.13": "description",
  "2.5.4.15": "businessCategory",
  "2.5.4.17": "postalCode",
  "2.5.4.41": "name",
  "2.5.4.42": "GN",
  "2.5.4.43": "initials",
  "2.5.4.44": "generationQualifier",
  "2.5.4.46": "dnQualifier",
  "2.5.4.65": "pseudonym",
  "2.5.4.97": "organizationIdentifier",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
  "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
  "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
  "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
};

/** What has a meaning in RFC 2253, and is written behind a backslash. */
const SPECIAL = ',+"\\<>;';

interface Attribute {
  readonly type: string;
  readonly value: DerValue;
}

/** The parts of a name, each of one attribute or several. */
function partsOf(name: Uint8Array): Attribute[][] {
  const parts: Attribute[][] = [];
  for (const sets = new DerReader(name).into(Tag.Sequence); !sets.isAtEnd;) {
    const attributes: Attribute[] = [];
    for (const set = sets.into(Tag.Set); !set.isAtEnd;) {
      const attribute = set.into(Tag.Sequence);
      const type = oidText(attribute.next(Tag.ObjectIdentifier).content);
      attributes.push({
        type: SHORT_NAMES[type] ?? type,
        value: attribute.next(),
      });
    }
    parts.push(attributes);
  }
  return parts;
}

/** A value as bytes of UTF-8. */
function utf8Of({ tag, content }: DerValue): Uint8Array {
  if (tag === Tag.Utf8String) return content;
  const width = tag === Tag.BmpString ? 2 : tag === Tag.UniversalString ? 4 : 1;
  let text = "";
  for (let at = 0; at + width <= content.length; at += width) {
    let code = 0;
    for (let i = 0; i < width; i++) code = code * 256 + content[at + i]!;
    text += code > 0x10ffff ? "\ufffd" : String.fromCodePoint(code);
  }
  return new TextEncoder().encode(text);
}

/** A value by RFC 2253; what is not ASCII is written as `\C3` (OpenSSL). */
function escaped(value: DerValue): string {
  const bytes = utf8Of(value);
  let text = "";
  for (const [at, byte] of bytes.entries()) {
    const char = String.fromCharCode(byte);
    const isEdge = (at === 0 && (char === " " || char === "#")) ||
      (at === bytes.length - 1 && char === " ");
    if (byte < 0x20 || byte > 0x7e) text += `\\${hex(byte)}`;
    else text += isEdge || SPECIAL.includes(char) ? `\\${char}` : char;
  }
  return text;
}

/** A value as it is, but what is not ASCII as `\xC3` (OpenSSL). */
function plain({ content }: DerValue): string {
  let text = "";
  for (const byte of content) {
    text += byte < 0x20 || byte > 0x7e
      ? `\\x${hex(byte)}`
      : String.fromCharCode(byte);
  }
  return text;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** A name in DER by RFC 2253. */
export function nameText(name: Uint8Array): string {
  return partsOf(name).reverse().map((attributes) =>
    attributes.map(({ type, value }) => `${type}=${escaped(value)}`).join("+")
  ).join(",");
}

/** A name in DER in OpenSSL's older way. */
export function legacyNameText(name: Uint8Array): string {
  return partsOf(name).flat()
    .map(({ type, value }) => `/${type}=${plain(value)}`).join("");
}
