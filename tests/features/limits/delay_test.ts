import { assert, assertEquals } from "@std/assert";
import type { Exchange } from "../../../src/core/exchange.ts";
import { delayed } from "../../../src/features/limits/delay.ts";
import { HttpError } from "../../../src/http/errors.ts";

/** What a delay asks of an exchange. */
function exchangeWith(signal: AbortSignal): Exchange {
  return { signal } as Exchange;
}

/** Whether a promise has settled after `ms`. */
function settles(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const later = new Promise<boolean>((resolve) =>
    setTimeout(() => resolve(false), ms)
  );
  return Promise.race([promise.then(() => true), later]);
}

Deno.test("delayed() goes on after the time", async () => {
  const { signal } = new AbortController();
  const begin = performance.now();
  assertEquals(await delayed(exchangeWith(signal), 50), undefined);
  const ms = performance.now() - begin;
  assert(ms >= 49, `it took ${ms} ms`);
});

Deno.test("delayed() takes more than a timer can", async () => {
  const controller = new AbortController();
  const outcome = delayed(exchangeWith(controller.signal), 1e12);
  assert(!await settles(outcome, 30));
  controller.abort();
  await outcome;
});

Deno.test("delayed() ends when the client leaves, without an answer", async () => {
  // The runner sees to it that no timer is left.
  for (const isEarly of [true, false]) {
    const controller = new AbortController();
    if (isEarly) controller.abort();
    const outcome = delayed(exchangeWith(controller.signal), 60_000);
    controller.abort();
    const error = await outcome;
    assert((error as object) instanceof HttpError);
    const { status, severity } = error as HttpError;
    assertEquals([status, severity], [444, "silent"]);
  }
});
