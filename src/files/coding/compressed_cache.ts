/**
 * Compressed forms of representations. A small file that is asked for often
 * is compressed once per version; the result is a representation like the
 * original and costs as little. What is kept counts against a budget, together
 * with the original it keeps alive, and goes when it has not been asked for
 * since the last time room was needed (the "clock" algorithm): every answer
 * asks here, and a mark costs less than the order that `lru-cache` keeps.
 */

import type { MemoryUse } from "../../bytes/memory_budget.ts";
import type { Representation } from "../../http/representation.ts";
import { SENT_BODIES } from "../../http/sent_bodies.ts";
import type { Coding } from "./codings.ts";

/** What all compressed forms may take where nothing is said, in bytes. */
export const COMPRESSED_BUDGET_BYTES = 16 * 1024 * 1024;

/** What a form takes beside its bytes: its fields and its head. */
const FORM_OVERHEAD_BYTES = 2048;

/** What an original takes beside its bytes: with it its file is known. */
const ORIGINAL_OVERHEAD_BYTES = 3 * 1024;

/** What the cache did, for the status page. */
export interface CompressedCacheCounters {
  /** Responses that were there. */
  hits: number;
  /** Responses that had to be compressed. */
  misses: number;
}

/** The forms of one response. */
interface Forms {
  readonly byCoding: Map<Coding, Representation>;
  bytes: number;
  asked: boolean;
}

/** The bytes that a response's body takes. */
function bodyBytes({ body }: Representation): number {
  return body instanceof Uint8Array ? body.buffer.byteLength : 0;
}

/** Who is being sent them keeps their bodies in memory. */
function abandon({ byCoding }: Forms): void {
  for (const { body } of byCoding.values()) {
    if (body instanceof Uint8Array) SENT_BODIES.abandon(body.buffer);
  }
}

/** What it takes to keep `form` in memory. */
export function formCost(form: Representation): number {
  return FORM_OVERHEAD_BYTES + bodyBytes(form);
}

/** What it takes to keep `original` for its forms. */
export function originalCost(original: Representation): number {
  return ORIGINAL_OVERHEAD_BYTES + bodyBytes(original);
}

/** The compressed forms that are kept in memory. */
export class CompressedCache implements MemoryUse {
  /** What all forms may take, in bytes. */
  readonly budget: number;
  readonly #forms = new Map<Representation, Forms>();
  #bytes = 0;
  /** What it did so far. */
  readonly counters: CompressedCacheCounters = { hits: 0, misses: 0 };

  /** An empty cache that holds at most `budget` bytes; 0 keeps nothing. */
  constructor(budget: number = COMPRESSED_BUDGET_BYTES) {
    this.budget = budget;
  }

  /** Bytes held in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `original` in `coding`, if it is there. */
  get(original: Representation, coding: Coding): Representation | undefined {
    const forms = this.#forms.get(original);
    const form = forms?.byCoding.get(coding);
    if (forms === undefined || form === undefined) {
      this.counters.misses++;
      return undefined;
    }
    this.counters.hits++;
    forms.asked = true;
    return form;
  }

  /** Keeps `form`, which is `original` in `coding`. */
  put(original: Representation, coding: Coding, form: Representation): void {
    let forms = this.#forms.get(original);
    const added = formCost(form) +
      (forms === undefined ? originalCost(original) : 0);
    if (added > this.budget || forms?.byCoding.has(coding) === true) return;
    if (forms === undefined) {
      forms = { byCoding: new Map(), bytes: 0, asked: false };
      this.#forms.set(original, forms);
    }
    forms.byCoding.set(coding, form);
    forms.bytes += added;
    this.#bytes += added;
    this.#makeRoom();
  }

  /** Forgets everything. */
  clear(): void {
    for (const forms of this.#forms.values()) abandon(forms);
    this.#forms.clear();
    this.#bytes = 0;
  }

  #makeRoom(): void {
    // Those that were asked for get a second turn, so two rounds suffice.
    for (const [original, forms] of this.#forms) {
      if (this.#bytes <= this.budget) return;
      this.#forms.delete(original);
      if (forms.asked) {
        forms.asked = false;
        this.#forms.set(original, forms);
      } else {
        this.#bytes -= forms.bytes;
        abandon(forms);
      }
    }
  }
}
