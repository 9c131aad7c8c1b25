/** How long answers took, in a fixed amount of memory. */

/** Each class of latencies ends so many times later than the one before. */
const STEP = 1.05;

/** How long answers took. */
export class Latencies {
  readonly #counts: number[] = [];
  #count = 0;
  #worst = 0;

  /** Adds one, in ms. */
  add(ms: number): void {
    const at = Math.max(0, Math.ceil(Math.log(ms * 1000) / Math.log(STEP)));
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count++;
    this.#worst = Math.max(this.#worst, ms);
  }

  /** The longest one, in ms. */
  get worst(): number {
    return this.#worst;
  }

  /** What a share of them, 0 to 1, was not above, in ms, within 5 %. */
  below(share: number): number {
    let left = this.#count * share;
    for (const [at, count = 0] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.min(STEP ** at / 1000, this.#worst);
    }
    return this.#worst;
  }
}
