/** Where the records of a TLS connection end, however they come (RFC 8446
 * §5.1). */

/** Type, version and length of a record, in bytes. */
const HEAD_BYTES = 5;

/** `application_data`: what everything looks like in TLS 1.3. */
const APPLICATION_DATA = 23;

/** `alert`: its own type in TLS 1.2. */
const ALERT = 21;

/**
 * The length of an encrypted alert by the type of its record: in TLS 1.3, and
 * in the suites of TLS 1.2.
 */
const ALERT_LENGTHS: Readonly<Record<number, readonly number[]>> = {
  [APPLICATION_DATA]: [19],
  [ALERT]: [26, 18],
};

/** Follows the records of one connection. */
export class RecordBorders {
  /** How much of the head of the current record has come, in bytes. */
  #head = 0;
  /** The type of the current record. */
  #type = 0;
  /** The length of the current record, as far as its head has come. */
  #length = 0;
  /** How much is lacking of it, in bytes, once its head is there. */
  #lacking = 0;

  /** Whether the type of the last record says that it is an alert. */
  get saysAlert(): boolean {
    return this.#type === ALERT;
  }

  /**
   * Goes on with `bytes`.
   *
   * @returns where in them the last record begins, 0 if before them, when it
   * is complete and as long as an alert; else `undefined`
   */
  alertAtEnd(bytes: Uint8Array): number | undefined {
    let start = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#head < HEAD_BYTES) {
        if (this.#head === 0) start = at;
        const byte = bytes[at++]!;
        if (this.#head === 0) this.#type = byte;
        else if (this.#head >= 3) this.#length = this.#length << 8 | byte;
        if (++this.#head < HEAD_BYTES) continue;
        this.#lacking = this.#length;
      } else {
        const count = Math.min(this.#lacking, bytes.length - at);
        this.#lacking -= count;
        at += count;
      }
      if (this.#lacking > 0) continue;
      const isAlert = ALERT_LENGTHS[this.#type]?.includes(this.#length);
      this.#head = this.#length = 0;
      if (isAlert && at === bytes.length) return start;
    }
    return undefined;
  }
}
