/**
 * What one of many takes of a budget that all of them share. Each may hold a
 * part of what is left, so there is always some left for one that holds
 * little, however many hold as much as they may: whoever holds most is the
 * first to get no more (Choudhury and Hahne, "Dynamic Queue Length
 * Thresholds"). With the budget `B` and `n` of them that take all they can,
 * each has `B / (4 + n)`.
 */

import type { MemoryBudget } from "./memory_budget.ts";

/** What one may hold of what is left. */
const PART_OF_REST = 1 / 4;

/** The share of one. */
export class BudgetShare {
  readonly #budget: MemoryBudget;
  #held = 0;

  /** Nothing of `budget` is held yet. */
  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Takes so many bytes; whether that was possible. */
  take(bytes: number): boolean {
    const { budget, bytes: used } = this.#budget;
    const held = this.#held + bytes;
    if (held > (budget - used) * PART_OF_REST) return false;
    if (!this.#budget.take(bytes)) return false;
    this.#held = held;
    return true;
  }

  /** Gives so many of them back. */
  give(bytes: number): void {
    this.#held -= bytes;
    this.#budget.give(bytes);
  }
}
