/** Waiting. */

/** Resolves after so many ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `test` holds; `false` if it does not within `timeoutMs`. */
export async function waitUntil(
  test: () => boolean,
  timeoutMs: number,
): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (!test()) {
    if (performance.now() > until) return false;
    await pause(5);
  }
  return true;
}
