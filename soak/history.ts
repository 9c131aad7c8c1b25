/**
 * What was in force when: versions of a file, generations of a configuration.
 * A change takes time, and while it is under way both what was before and what
 * comes after may be seen. So may an answer be of anything that was in force
 * at some moment between its request and its end.
 */

/** How long what is not in force any more is remembered, in ms. */
const REMEMBERED_MS = 90_000;

/** A time between two moments, in ms of `performance.now()`. */
export interface Period {
  /** Its beginning. */
  readonly from: number;
  /** Its end. */
  readonly to: number;
}

interface Change<T> {
  readonly value: T;
  readonly beganAt: number;
  /** `Infinity` while it is under way. */
  doneAt: number;
}

/** The latest states of something, with their times. */
export class History<T> {
  readonly #changes: Change<T>[];
  readonly #now: () => number;

  /** `first` was always in force. `now` tells the time, in ms. */
  constructor(first: T, now: () => number = () => performance.now()) {
    this.#changes = [{ value: first, beganAt: -Infinity, doneAt: -Infinity }];
    this.#now = now;
  }

  /** What came last, even if it is still coming. */
  get last(): T {
    return this.#changes.at(-1)!.value;
  }

  /** `value` begins to come into force; call the result when it is. */
  begin(value: T): () => void {
    this.#forget();
    const change = { value, beganAt: this.#now(), doneAt: Infinity };
    this.#changes.push(change);
    return () => change.doneAt = this.#now();
  }

  /** Changes to `value` by `act`, which is over when it returns. */
  change(value: T, act: () => void): void {
    const done = this.begin(value);
    try {
      act();
    } finally {
      done();
    }
  }

  /** All that was in force at some moment of a period. */
  during({ from, to }: Period): T[] {
    return this.#changes.filter(({ beganAt }, i) => {
      const endedAt = this.#changes[i + 1]?.doneAt ?? Infinity;
      return beganAt <= to && endedAt >= from;
    }).map(({ value }) => value);
  }

  /** All that was coming into force at some moment of a period. */
  comingDuring({ from, to }: Period): T[] {
    return this.#changes
      .filter(({ beganAt, doneAt }) => beganAt <= to && doneAt >= from)
      .map(({ value }) => value);
  }

  #forget(): void {
    const before = this.#now() - REMEMBERED_MS;
    while ((this.#changes[1]?.doneAt ?? Infinity) < before) {
      this.#changes.shift();
    }
  }
}
