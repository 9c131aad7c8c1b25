/** Hostile clients in a thread of their own: they must not slow the good. */

import type { HostileOrder } from "./hostile.ts";

/** How much later than it should the thread may end, in ms. */
const GRACE_MS = 15_000;

/**
 * Runs hostile clients.
 *
 * @throws {Error} when they do not end when they should
 */
export async function hostileClients(order: HostileOrder): Promise<void> {
  const worker = new Worker(new URL("./hostile.ts", import.meta.url), {
    type: "module",
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error("the hostile clients do not end")),
        order.ms + GRACE_MS,
      );
      worker.onmessage = () => resolve();
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      worker.postMessage(order);
    });
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
