/** Bodies in memory that are on their way to clients. */

import { BufferUses } from "../bytes/buffer_uses.ts";

/** Smaller ones do not count: a socket takes them at once. In bytes. */
const LEAST_COUNTED_BYTES = 16 * 1024;

/** Those that caches have let go of may take so much beside the caches. */
export const SENT_BODIES = new BufferUses(32 * 1024 * 1024);

/** Whether the buffer behind a body is counted. */
export function isCounted(buffer: ArrayBufferLike): boolean {
  return buffer.byteLength >= LEAST_COUNTED_BYTES;
}
