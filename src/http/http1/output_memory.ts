/**
 * What answers take that are on their way. A client that does not read holds
 * its answer, so what is put together for one answer alone counts, and when
 * there is too much of it, bodies are sent from where they are: piece by piece
 * and with more writes.
 */

import { BufferTracker } from "../../bytes/buffer_tracker.ts";
import { MemoryBudget } from "../../bytes/memory_budget.ts";

/** Answers that were put together for one client, and those that wait. */
export const OUTPUT_MEMORY = new MemoryBudget(32 * 1024 * 1024);

/**
 * Representations that are in memory a second time, with their head or with
 * another date than one that is still being written. Who keeps them is not
 * known, so they count until they are gone.
 */
export const FORM_COPIES = new BufferTracker(16 * 1024 * 1024);
