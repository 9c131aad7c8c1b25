/** The beginning of a file that is in the cache. */

import type { FileEntry } from "../cache/file_entry.ts";

/**
 * The first bytes of a regular file, at most `count`; `undefined` when they
 * cannot be read any more.
 */
export function firstBytes(
  entry: FileEntry,
  count: number,
): Uint8Array | undefined {
  if (entry.body !== undefined) return entry.body.subarray(0, count);
  try {
    const file = entry.acquire();
    try {
      const bytes = new Uint8Array(Math.min(count, entry.size));
      return bytes.subarray(0, file.read(bytes, 0));
    } finally {
      entry.release();
    }
  } catch {
    return undefined;
  }
}
