/**
 * The beginning of a TLS connection. The first record is waited for before
 * anything is set up: who says nothing, or something else, is not worth a TLS
 * engine, and the runtime's choice among several certificates fails when the
 * client's first message comes in two pieces (measured, 2.6.10).
 */

import { notTls, tooLongRecord } from "./tls_refusal.ts";
import type { Transport } from "../transport.ts";

/** Type and major version of a record that begins a handshake. */
const HANDSHAKE = [22, 3] as const;

/** Type, version and length of a record, in bytes (RFC 8446 §5.1). */
const RECORD_HEAD_BYTES = 5;

/** The longest first record: nothing in it is encrypted (RFC 8446 §5.1). */
const MAX_FIRST_RECORD_BYTES = RECORD_HEAD_BYTES + 16 * 1024;

/** How much of it is expected, in bytes. */
const USUAL_BYTES = 2048;

/**
 * How many bytes of the first record there have to be, as far as `bytes` tell.
 *
 * @throws {TlsRefusal} when they do not begin a handshake
 */
export function firstRecordLength(bytes: Uint8Array): number {
  const isStrange = HANDSHAKE.some((byte, at) =>
    at < bytes.length && bytes[at] !== byte
  );
  if (isStrange) throw notTls(bytes);
  if (bytes.length < RECORD_HEAD_BYTES) return RECORD_HEAD_BYTES;
  const length = RECORD_HEAD_BYTES + bytes[3]! * 256 + bytes[4]!;
  if (length > MAX_FIRST_RECORD_BYTES) {
    throw tooLongRecord();
  }
  return length;
}

/**
 * Reads the first record, and what comes with it; `undefined` when the client
 * leaves before it has said anything.
 *
 * @throws {TlsRefusal} when it is none
 * @throws {Deno.errors.UnexpectedEof} when the client leaves in the middle
 */
export async function readHello(
  socket: Pick<Transport, "read">,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let bytes = new Uint8Array(USUAL_BYTES);
  let length = 0;
  for (;;) {
    const needed = firstRecordLength(bytes.subarray(0, length));
    if (length >= needed) return bytes.subarray(0, length);
    if (needed > bytes.length) {
      const larger = new Uint8Array(needed);
      larger.set(bytes);
      bytes = larger;
    }
    const count = await socket.read(bytes.subarray(length));
    if (count === null) {
      if (length === 0) return undefined;
      throw new Deno.errors.UnexpectedEof("the client left in the handshake");
    }
    length += count;
  }
}
