/** What compressors and decompressors take, all together. */

import { MemoryBudget } from "../../bytes/memory_budget.ts";

/** How much that may be where nothing is said, in bytes. */
export const DEFAULT_CODEC_MEMORY_BYTES = 64 * 1024 * 1024;

/**
 * A codec holds its memory as long as its client takes its time, so a few
 * slow clients could have all there is. Who would need more than is left gets
 * the body as it is.
 */
export const CODEC_MEMORY = new MemoryBudget(DEFAULT_CODEC_MEMORY_BYTES);
