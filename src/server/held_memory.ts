/** What this thread holds of what clients can make more of. */

import { INPUT_MEMORY } from "../bytes/byte_buffer.ts";
import {
  type MemoryBudget,
  type MemoryUse,
  sumOfUses,
} from "../bytes/memory_budget.ts";
import { MEMO_MEMORY } from "../bytes/text_memo.ts";
import { CHUNK_MEMORY } from "../files/body/chunk_pool.ts";
import { CODEC_MEMORY } from "../files/coding/codec_memory.ts";
import type { CompressedCache } from "../files/coding/compressed_cache.ts";
import type { FileCaches } from "../files/cache/file_caches.ts";
import type { PartCache } from "../files/body/part_cache.ts";
import { FORM_COPIES, OUTPUT_MEMORY } from "../http/http1/output_memory.ts";
import { TARGET_MEMORY } from "../http/known_target.ts";
import { SENT_BODIES } from "../http/sent_bodies.ts";
import { diagnosticsMemory } from "../logging/diagnostics.ts";
import type { LogFiles } from "../logging/log_files.ts";
import type { MemoryKind } from "../core/statistics.ts";
import { imagesMemory } from "../net/native/event_loop.ts";
import { UNREAD_MEMORY } from "./sessions/http2/body.ts";
import { HEAD_MEMORY } from "./sessions/http2/head_memory.ts";
import { MODULES } from "./setup/registry.ts";

/** What one generation of the configuration keeps. */
export interface CountedCaches {
  readonly files: FileCaches;
  /** Its parts of large files. */
  readonly parts: PartCache;
  /** Its compressed forms. */
  readonly compressed: CompressedCache;
  /** Its access logs. */
  readonly logs: LogFiles;
}

/** The budgets that modules have for `kind`. */
export function budgetsOf(kind: MemoryKind): readonly MemoryBudget[] {
  return MODULES.flatMap(({ memory }) => memory?.[kind] ?? []);
}

/**
 * What is held of `kind`, where `caches` are those of all generations that are
 * in use, and `hosts` is what is remembered of values of `Host`.
 */
export function heldOf(
  kind: MemoryKind,
  caches: Iterable<CountedCaches>,
  hosts: MemoryUse,
): MemoryUse {
  const sumOf = (useOf: (one: CountedCaches) => MemoryUse) =>
    sumOfUses([...caches].map(useOf));
  switch (kind) {
    case "input":
      return INPUT_MEMORY;
    case "stream_heads":
      return HEAD_MEMORY;
    case "unread_bodies":
      return UNREAD_MEMORY;
    case "memos":
      return sumOfUses([MEMO_MEMORY, TARGET_MEMORY, hosts]);
    case "file_bodies":
      return sumOf(({ files }) => files.bodies);
    case "file_names":
      return sumOf(({ files }) => files.names);
    case "file_parts":
      return sumOf(({ parts }) => parts);
    case "chunks":
      return CHUNK_MEMORY;
    case "compressed":
      return sumOf(({ compressed }) => compressed);
    case "compressors":
      return CODEC_MEMORY;
    case "listings":
      return sumOfUses(budgetsOf(kind));
    case "output":
      return OUTPUT_MEMORY;
    case "output_copies":
      return FORM_COPIES;
    case "sent_bodies":
      return SENT_BODIES;
    case "body_images":
      return imagesMemory();
    case "logs":
      return sumOfUses([sumOf(({ logs }) => logs.memory), diagnosticsMemory()]);
  }
}
