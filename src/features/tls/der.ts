/**
 * Values in DER (X.690), as far as certificates and lists of revoked ones are
 * made of them. Read strictly: what is cut short, or has a length that is not
 * in its shortest form, is an error.
 */

/** Tags of the values that are read. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  UniversalString: 0x1c,
  BmpString: 0x1e,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** The longest length is in so many bytes: 16 MiB are enough for any list. */
const MAX_LENGTH_BYTES = 3;

/** A value. */
export interface DerValue {
  /** Its tag, one of {@linkcode Tag} or another one. */
  readonly tag: number;
  /** What is in it. */
  readonly content: Uint8Array;
  /** All of it, with its tag and length. */
  readonly whole: Uint8Array;
}

/** Bytes that are no DER, or not the value that was expected. */
export class DerError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "DerError";
}

/** Reads one value after the other. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads the values in `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether there are no more. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The tag of the next value; `undefined` at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /**
   * The next value.
   *
   * @throws {DerError} when there is none, or it has another tag than `tag`
   */
  next(tag?: number): DerValue {
    const bytes = this.#bytes;
    const start = this.#at;
    const found = bytes[start];
    let length = bytes[start + 1];
    if (found === undefined || length === undefined) {
      throw new DerError("it is cut short");
    }
    if (tag !== undefined && found !== tag) {
      throw new DerError("it is not made as it should be");
    }
    let from = start + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > MAX_LENGTH_BYTES) {
        throw new DerError("it has a length that is too long");
      }
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[from++]!;
      const isShortest = length >= (count === 1 ? 0x80 : 256 ** (count - 1));
      if (!isShortest) throw new DerError("it is not in DER");
    }
    const end = from + length;
    if (end > bytes.length) throw new DerError("it is cut short");
    this.#at = end;
    return {
      tag: found,
      content: bytes.subarray(from, end),
      whole: bytes.subarray(start, end),
    };
  }

  /** The values in the next one. */
  into(tag: number): DerReader {
    return new DerReader(this.next(tag).content);
  }

  /** The next value if it has this tag. */
  optional(tag: number): DerValue | undefined {
    return this.tag === tag ? this.next() : undefined;
  }
}

/** An object identifier, as `2.5.4.3`. */
export function oidText(content: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(Math.floor(value / 40), 2);
      arcs.push(first, value - first * 40);
    } else arcs.push(value);
    value = 0;
  }
  return arcs.join(".");
}

/**
 * A time (RFC 5280 §4.1.2.5), in ms since the epoch.
 *
 * @throws {DerError} when it is none
 */
export function derTime({ tag, content }: DerValue): number {
  const text = String.fromCharCode(...content);
  const isShort = tag === Tag.UtcTime;
  const isTime = (isShort || tag === Tag.GeneralizedTime) &&
    /^\d+Z$/.test(text) && text.length === (isShort ? 13 : 15);
  if (!isTime) throw new DerError("it has a time that is none");
  const century = Number(text.slice(0, 2)) < 50 ? "20" : "19";
  const full = isShort ? century + text : text;
  const part = (start: number, end: number) => Number(full.slice(start, end));
  return Date.UTC(
    part(0, 4),
    part(4, 6) - 1,
    part(6, 8),
    part(8, 10),
    part(10, 12),
    part(12, 14),
  );
}
