/**
 * What the heads of requests hold that are worked on. A head is kept until its
 * request is over, and has its fields in memory of its own, however few bytes
 * have said them: a client that has said a long field once says it again with
 * one byte (RFC 7541 §6.1), on a hundred streams whose answers it never takes.
 */

import { BudgetShare } from "../../../bytes/budget_share.ts";
import { MemoryBudget } from "../../../bytes/memory_budget.ts";
import type { RequestHead } from "../../../http/request_head.ts";

/** All of them, but for what every stream and every connection may have. */
export const HEAD_MEMORY = new MemoryBudget(64 * 1024 * 1024);

/** What every head may take, in bytes; those of browsers mostly take less. */
const STREAM_BYTES = 2048;

/** What those of a connection may take beyond that, in bytes: as much as the
 * largest head, which a connection of HTTP/1.1 may have, too. */
const CONNECTION_BYTES = 32 * 1024;

/** How often a target is there beside the head: as text, decoded, as path. */
const TARGET_COPIES = 3;

function giveNothing(): void {}

/** What a head takes beyond what every one may, in bytes. */
function beyondFree({ length, target }: RequestHead): number {
  return Math.max(0, length + TARGET_COPIES * target.length - STREAM_BYTES);
}

/** The heads of one connection. */
export class ConnectionHeads {
  #own = 0;
  readonly #share = new BudgetShare(HEAD_MEMORY);

  /**
   * Takes memory for a head.
   *
   * @returns what gives it back; `undefined` when there is none
   */
  hold(head: RequestHead): (() => void) | undefined {
    const bytes = beyondFree(head);
    if (bytes === 0) return giveNothing;
    if (this.#own + bytes <= CONNECTION_BYTES) {
      this.#own += bytes;
      return () => void (this.#own -= bytes);
    }
    if (!this.#share.take(bytes)) return undefined;
    return () => this.#share.give(bytes);
  }
}
