/**
 * A hand that goes round and round over the members of a `Map` or `Set`, in
 * the order they were added, and stays where it is in between: what it meets
 * next is what it has met longest ago (the "clock" of page replacement). To
 * begin at the first member each time would mean to step over the places of
 * all that were deleted before (measured: 8 µs for one of 10,000).
 */
export class ClockHand<T> {
  readonly #members: () => Iterator<T>;
  #iterator: Iterator<T>;

  /** A hand over what `members` iterates, each time from the beginning. */
  constructor(members: () => Iterator<T>) {
    this.#members = members;
    this.#iterator = members();
  }

  /** The next member; `undefined` when there is none. */
  next(): T | undefined {
    let result = this.#iterator.next();
    if (result.done === true) {
      this.#iterator = this.#members();
      result = this.#iterator.next();
    }
    return result.done === true ? undefined : result.value;
  }
}
