/** The keys of TLS 1.3 with SHA-256 and AES-128-GCM (RFC 8446 §7, §5). */

import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
} from "node:crypto";

const HASH_BYTES = 32;
const KEY_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const RECORD_HEAD_BYTES = 5;

/** The type of records that are encrypted, and the version that all have. */
const ENCRYPTED = [23, 3, 3] as const;

const ZEROS = new Uint8Array(HASH_BYTES);
const NOTHING = new Uint8Array(0);
const UTF8 = new TextEncoder();

/** The parts, one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** The SHA-256 of all parts, one behind the other. */
export function hashOf(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HMAC with SHA-256 (RFC 2104). */
export function hmac(key: Uint8Array, text: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

/** `HKDF-Expand-Label` (§7.1), for what is no longer than one hash. */
export function expand(
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = UTF8.encode(`tls13 ${label}`);
  const info = Uint8Array.of(
    ...[length >> 8, length & 255, name.length],
    ...name,
    context.length,
    ...context,
    // The number of the block (RFC 5869 §2.3).
    1,
  );
  return hmac(secret, info).subarray(0, length);
}

/** The secrets of a handshake whose two sides share `shared`. */
export class KeySchedule {
  readonly #handshake: Uint8Array;

  constructor(shared: Uint8Array) {
    const early = hmac(ZEROS, ZEROS);
    this.#handshake = hmac(derive(early, "derived", hashOf([])), shared);
  }

  /** The secret of one side until the handshake is over. */
  handshakeSecret(side: "c" | "s", transcript: Uint8Array): Uint8Array {
    return derive(this.#handshake, `${side} hs traffic`, transcript);
  }

  /** The secret of the server after that. */
  serverSecret(transcript: Uint8Array): Uint8Array {
    const derived = derive(this.#handshake, "derived", hashOf([]));
    return derive(hmac(derived, ZEROS), "s ap traffic", transcript);
  }
}

function derive(
  secret: Uint8Array,
  label: string,
  transcript: Uint8Array,
): Uint8Array {
  return expand(secret, label, transcript, HASH_BYTES);
}

/** Encrypts or decrypts the records of one side. */
export class RecordProtection {
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  #count = 0;

  constructor(secret: Uint8Array) {
    this.#key = expand(secret, "key", NOTHING, KEY_BYTES);
    this.#iv = expand(secret, "iv", NOTHING, IV_BYTES);
  }

  /** A record with `content` of the type `type`. */
  seal(type: number, content: Uint8Array): Uint8Array {
    const length = content.length + 1 + TAG_BYTES;
    const head = Uint8Array.of(...ENCRYPTED, length >> 8, length & 255);
    const cipher = createCipheriv("aes-128-gcm", this.#key, this.#nonce());
    cipher.setAAD(head);
    const inner = cipher.update(joined(content, Uint8Array.of(type)));
    cipher.final();
    return joined(head, inner, cipher.getAuthTag());
  }

  /**
   * What is in a record, and its type; `undefined` if it is not what the other
   * side has sent.
   */
  open(
    record: Uint8Array,
  ): { readonly type: number; readonly content: Uint8Array } | undefined {
    const end = record.length - TAG_BYTES;
    if (end < RECORD_HEAD_BYTES) return undefined;
    const decipher = createDecipheriv("aes-128-gcm", this.#key, this.#nonce());
    decipher.setAAD(record.subarray(0, RECORD_HEAD_BYTES));
    decipher.setAuthTag(record.subarray(end));
    let inner: Uint8Array;
    try {
      inner = decipher.update(record.subarray(RECORD_HEAD_BYTES, end));
      decipher.final();
    } catch {
      return undefined;
    }
    // Behind the type there may be padding.
    let last = inner.length - 1;
    while (last >= 0 && inner[last] === 0) last--;
    return last < 0
      ? undefined
      : { type: inner[last]!, content: inner.subarray(0, last) };
  }

  #nonce(): Uint8Array {
    // A slice of a `Buffer` would be the same bytes.
    const nonce = new Uint8Array(this.#iv);
    nonce[IV_BYTES - 1]! ^= this.#count++;
    return nonce;
  }
}
