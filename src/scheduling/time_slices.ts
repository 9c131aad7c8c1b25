/** Long work in short slices, so that other connections get their turn. */

/** How long a slice is, in ms: a pause nobody notices. */
export const SLICE_MS = 4;

/** Tells long work when to let others run. */
export class TimeSlices {
  #endsAt = performance.now() + SLICE_MS;

  /** Whether this slice is over. */
  get over(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Resolves when others have run. */
  async next(): Promise<void> {
    // Not `setImmediate`: a loop of those keeps the runtime from looking at
    // the sockets for up to 61 rounds (measured: a request waited 0.7 s).
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#endsAt = performance.now() + SLICE_MS;
  }
}

/** How many items are sorted at a time. */
const RUN_ITEMS = 1024;

/**
 * Sorts items in place, stably, in slices: pieces first, which are then
 * merged pair by pair.
 */
export async function sortInSlices<T>(
  items: T[],
  compare: (a: T, b: T) => number,
  slices: TimeSlices,
): Promise<void> {
  for (let at = 0; at < items.length; at += RUN_ITEMS) {
    const run = items.slice(at, at + RUN_ITEMS).sort(compare);
    for (let i = 0; i < run.length; i++) items[at + i] = run[i]!;
    if (slices.over) await slices.next();
  }
  for (let width = RUN_ITEMS; width < items.length; width *= 2) {
    for (let at = 0; at + width < items.length; at += 2 * width) {
      await merge(items, at, at + width, width, compare, slices);
    }
  }
}

/** Merges the run from `start` to `middle` with the one behind it. */
async function merge<T>(
  items: T[],
  start: number,
  middle: number,
  width: number,
  compare: (a: T, b: T) => number,
  slices: TimeSlices,
): Promise<void> {
  const left = items.slice(start, middle);
  const end = Math.min(middle + width, items.length);
  let [l, r, to] = [0, middle, start];
  // What is left of the right run when the left one ends is in its place.
  while (l < left.length) {
    const takeRight = r < end && compare(left[l]!, items[r]!) > 0;
    items[to++] = takeRight ? items[r++]! : left[l++]!;
    if (to % RUN_ITEMS === 0 && slices.over) await slices.next();
  }
}
