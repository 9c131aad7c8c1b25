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
