import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { Waiting } from "../../../src/features/live/waiting.ts";

/** As many as may wait. */
const MOST = 256;

Deno.test("who waits is told of a change, of the end, and goes with its client", async () => {
  let version = 1;
  let isEnding = false;
  const waiting = new Waiting({
    version: () => version,
    isEnding: () => isEnding,
  });
  const { signal } = new AbortController();
  assertEquals(await waiting.change(0, signal), true);

  const changed = waiting.change(1, signal);
  version = 2;
  assertEquals(await changed, true);

  const leaving = new AbortController();
  const left = waiting.change(2, leaving.signal);
  leaving.abort();
  await assertRejects(() => left, HttpError, "has left");

  const ended = waiting.change(2, signal);
  isEnding = true;
  assertEquals(await ended, false);
});

Deno.test("no more wait than may", async () => {
  let version = 1;
  const waiting = new Waiting({
    version: () => version,
    isEnding: () => false,
  });
  const { signal } = new AbortController();
  const all = Array.from({ length: MOST }, () => waiting.change(1, signal));
  const error = await assertRejects(
    () => waiting.change(1, signal),
    HttpError,
  );
  assertEquals(error.status, 503);
  version = 2;
  assertEquals(new Set(await Promise.all(all)), new Set([true]));
  const next = waiting.change(2, signal);
  version = 3;
  assertEquals(await next, true);
});
