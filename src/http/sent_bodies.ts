/** Bodies in memory that are on their way to clients. */

import { BufferUses } from "../bytes/buffer_uses.ts";

/** Smaller ones do not count: a socket takes them at once. In bytes. */
export const LEAST_COUNTED_BYTES = 16 * 1024;

/** Those that caches have let go of may take so much beside the caches. */
export const SENT_BODIES = new BufferUses(32 * 1024 * 1024);
