/**
 * Work in steps: what takes long for a large configuration can be left alone
 * between any two of them, so that a server that reloads goes on answering.
 */

/** Work that ends with a `T`; each `yield` is a place to leave it alone. */
export type Steps<T> = Generator<void, T, void>;

/**
 * How long {@linkcode finishInSlices} works without a break, in ms. Requests
 * wait that long at most, and every other slice of time is theirs.
 */
export const SLICE_MS = 8;

/**
 * How many statements are read, or checked, in one step. A step costs as much
 * as a statement, and a hundred statements take less than a millisecond.
 */
export const STATEMENTS_PER_STEP = 32;

/** Whether a value is work in steps, and not its result. */
export function isSteps(value: unknown): value is Steps<unknown> {
  return Object.prototype.toString.call(value) === "[object Generator]";
}

/** Does all of the work at once. */
export function finish<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/**
 * Does the work in slices; in between everything else has its turn. Before
 * each slice `checkWanted` may throw, and the work ends with that error.
 */
export async function finishInSlices<T>(
  steps: Steps<T>,
  checkWanted: () => void = () => {},
): Promise<T> {
  let until = performance.now() + SLICE_MS;
  let step = steps.next();
  while (step.done !== true) {
    if (performance.now() < until) {
      step = steps.next();
      continue;
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    until = performance.now() + SLICE_MS;
    try {
      checkWanted();
    } catch (error) {
      // What has been opened on the way is closed again.
      step = steps.throw(error);
    }
  }
  return step.value;
}

/** How many items {@linkcode sortInSteps} deals with in one step. */
const SORTED_PER_STEP = 512;

/** `items` in their order; as by `toSorted()` equal ones stay as they were. */
export function* sortInSteps<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  let runs: T[][] = [];
  for (let i = 0; i < items.length; i += SORTED_PER_STEP) {
    yield;
    runs.push(items.slice(i, i + SORTED_PER_STEP).sort(compare));
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [a, b] = [runs[i]!, runs[i + 1]];
      merged.push(b === undefined ? a : yield* mergeInSteps(a, b, compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergeInSteps<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  const merged: T[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (merged.length % SORTED_PER_STEP === 0) yield;
    const isFirst = j === b.length ||
      (i < a.length && compare(a[i]!, b[j]!) <= 0);
    merged.push(isFirst ? a[i++]! : b[j++]!);
  }
  return merged;
}
