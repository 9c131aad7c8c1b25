/** Large files, and sources that are read to their end. */

import { assertEquals } from "@std/assert";
import { MemoryBudget } from "../../src/bytes/memory_budget.ts";
import { ChunkPool } from "../../src/files/body/chunk_pool.ts";
import { FileCache } from "../../src/files/cache/file_cache.ts";
import type { FileEntry } from "../../src/files/cache/file_entry.ts";
import type { BodySource } from "../../src/http/response.ts";
import { contained } from "../support/contained.ts";
import { concat } from "../support/latin1.ts";

/** A file that is open in a cache, and chunks to read it with. */
export interface OpenedFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly pool: ChunkPool;
  readonly cache: FileCache;
  readonly entry: FileEntry;
}

/** Runs `test` with a file of `size` bytes, which nobody may leave open. */
export function withOpenedFile(
  size: number,
  test: (file: OpenedFile) => void,
): void {
  const path = Deno.makeTempFileSync();
  const content = Uint8Array.from({ length: size }, (_, i) => i * 31 % 251);
  Deno.writeFileSync(path, content);
  const cache = new FileCache({ maxBodyBytes: 10 });
  const pool = new ChunkPool(new MemoryBudget(64 * 1024));
  const entry = cache.lookup(contained(path));
  test({ path, content, pool, cache, entry });
  cache.clear();
  assertEquals(entry.open, false, "closed with its last user");
  assertEquals(pool.streams, 0);
  Deno.removeSync(path);
}

/** All of a source that never waits; it is closed then. */
export function drain(source: BodySource): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = source.pull()) !== undefined;) {
    if (piece instanceof Promise) throw new Error("the source waits");
    pieces.push(piece.slice());
  }
  source.close();
  return concat(pieces);
}
