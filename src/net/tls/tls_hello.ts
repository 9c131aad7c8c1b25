/**
 * The beginning of a TLS connection. The client's hello is waited for before
 * anything is set up: who says nothing, or something else, is not worth a TLS
 * engine, and which certificate it answers with is decided before it begins.
 */

import { CLIENT_HELLO } from "./client_hello.ts";
import { notTls, tooLongHello, tooLongRecord } from "./tls_refusal.ts";
import type { Transport } from "../transport.ts";

/** Type and major version of a record that begins a handshake. */
const HANDSHAKE = [22, 3] as const;

/** Type, version and length of a record, in bytes (RFC 8446 §5.1). */
const RECORD_HEAD_BYTES = 5;

/** The longest first record: nothing in it is encrypted (RFC 8446 §5.1). */
const MAX_FIRST_RECORD_BYTES = RECORD_HEAD_BYTES + 16 * 1024;

/** Type and length of a message of the handshake, in bytes (§4). */
const MESSAGE_HEAD_BYTES = 4;

/**
 * The longest hello, in bytes, and in how many records it may come. That of a
 * browser has up to 2 KiB, in one record.
 */
const MAX_HELLO_BYTES = 32 * 1024;
const MAX_HELLO_RECORDS = 16;

/** How much of it is expected, in bytes. */
const USUAL_BYTES = 2048;

/** Whether `bytes` may begin a record of a handshake. */
function isHandshake(bytes: Uint8Array): boolean {
  return HANDSHAKE.every((byte, at) =>
    at >= bytes.length || bytes[at] === byte
  );
}

/**
 * How many bytes of the record there have to be, as far as `bytes` tell.
 *
 * @throws {TlsRefusal} when they do not begin a handshake
 */
function recordLength(bytes: Uint8Array): number {
  if (!isHandshake(bytes)) throw notTls(bytes);
  if (bytes.length < RECORD_HEAD_BYTES) return RECORD_HEAD_BYTES;
  const length = RECORD_HEAD_BYTES + bytes[3]! * 256 + bytes[4]!;
  if (length > MAX_FIRST_RECORD_BYTES) {
    throw tooLongRecord();
  }
  return length;
}

/**
 * How many bytes there have to be for the whole hello, as far as `bytes` tell:
 * up to the end of the record in which it ends. What is no hello, or comes in
 * too many pieces, is for the engine to refuse.
 *
 * @throws {TlsRefusal} when they do not begin a handshake, or one too long
 */
export function helloLength(bytes: Uint8Array): number {
  const head: number[] = [];
  let came = 0;
  let end = 0;
  for (let records = 0; records < MAX_HELLO_RECORDS; records++) {
    const record = bytes.subarray(end);
    if (records > 0 && !isHandshake(record)) break;
    const length = recordLength(record);
    end += length;
    if (record.length < length) break;
    const isLacking = () => head.length < MESSAGE_HEAD_BYTES;
    for (let at = RECORD_HEAD_BYTES; at < length && isLacking(); at++) {
      head.push(record[at]!);
    }
    came += length - RECORD_HEAD_BYTES;
    const [type, high = 0, middle = 0, low = 0] = head;
    if (type !== CLIENT_HELLO) break;
    if (isLacking()) continue;
    const wanted = MESSAGE_HEAD_BYTES + (high << 16 | middle << 8 | low);
    if (came >= wanted) break;
    if (wanted > MAX_HELLO_BYTES) throw tooLongHello();
  }
  return end;
}

/**
 * Reads the client's hello, and what comes with it; `undefined` when the
 * client leaves before it has said anything.
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
    const needed = helloLength(bytes.subarray(0, length));
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
