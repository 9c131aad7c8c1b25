import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../../src/features/acme/authority/clock.ts";
import {
  AuthorityError,
  LocalFailure,
  Unreachable,
  waitAfter,
} from "../../../src/features/acme/authority/failure.ts";
import { Pace } from "../../../src/features/acme/authority/pace.ts";

const MINUTE = 60_000;

/** A clock whose time goes on to the next sleeper when nothing else is done. */
class SleepersClock implements Clock {
  time = 1_000_000;
  readonly #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleepers.push({ until: this.time + ms, wake: resolve });
    return promise;
  }

  /** Wakes one after the other until nobody sleeps any more. */
  async run(): Promise<void> {
    for (;;) {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      this.#sleepers.sort((a, b) => a.until - b.until);
      const next = this.#sleepers.shift();
      if (next === undefined) return;
      this.time = Math.max(this.time, next.until);
      next.wake();
    }
  }
}

const limited = () =>
  new AuthorityError("x", { type: "urn:ietf:params:acme:error:rateLimited" });
const down = () => new Unreachable("x", { cause: new Error("refused") });

/** When a hundred certificates are asked for, each until it is had. */
async function askedAt(
  error: () => Error,
  until: number,
): Promise<number[]> {
  const clock = new SleepersClock();
  const { signal } = new AbortController();
  const pace = new Pace(clock, signal);
  const start = clock.time;
  const asked: number[] = [];
  const all = Array.from({ length: 100 }, async (_, id) => {
    for (let failures = 1;; failures++) {
      try {
        return await pace.keep(`${id}`, () => {
          asked.push(clock.time - start);
          return clock.time - start < until
            ? Promise.reject(error())
            : Promise.resolve();
        });
      } catch (error) {
        await clock.sleep(waitAfter(error, failures, id / 100));
      }
    }
  });
  await clock.run();
  await Promise.all(all);
  return asked;
}

Deno.test("a hundred certificates do not all ask an authority that has had too much", async () => {
  const asked = await askedAt(limited, 120 * MINUTE);
  const refused = asked.filter((time) => time < 120 * MINUTE);
  // All at once, and then one at a time.
  assertEquals(refused.filter((time) => time === 0).length, 100);
  const later = refused.filter((time) => time > 0).map((time) => time / MINUTE);
  assertEquals(later.length < 12, true, later.join());
  assertEquals(asked.length - refused.length, 100);
  assert(asked.at(-1)! < 240 * MINUTE, `${asked.at(-1)! / MINUTE}`);
});

Deno.test("one that is down is asked by one until it is there again, and then by all", async () => {
  const asked = await askedAt(down, 60 * MINUTE);
  const refused = asked.filter((time) => time > 0 && time < 60 * MINUTE);
  assert(refused.length < 20, `${refused.length}`);
  const back = asked.filter((time) => time >= 60 * MINUTE);
  assert(back[0]! <= 65 * MINUTE, `${back[0]}`);
  assert(back.at(-1)! <= 150 * MINUTE, `${back.at(-1)! / MINUTE}`);
});

Deno.test("what is in the way of one certificate does not slow down the others", async () => {
  const rows: [what: string, error: Error, pauseMs: number][] = [
    ["a proof", new AuthorityError("x", {}, { status: 0 }), 0],
    ["a name", new AuthorityError("x", {}, { status: 403 }), 0],
    ["a wrong answer", new Unreachable("x"), 0],
    ["the disk", new LocalFailure("x"), 0],
    ["a limit", limited(), MINUTE],
    [
      "a limit by its status",
      new AuthorityError("x", {}, { status: 429 }),
      MINUTE,
    ],
    ["trouble", new AuthorityError("x", {}, { status: 503 }), 10_000],
    ["no way", down(), 10_000],
  ];
  for (const [what, error, pauseMs] of rows) {
    const clock = new SleepersClock();
    const pace = new Pace(clock, new AbortController().signal);
    const start = clock.time;
    // However often it is the same one.
    for (let i = 0; i < 5; i++) {
      const failing = assertRejects(() =>
        pace.keep("a", () => Promise.reject(error))
      );
      await clock.run();
      await failing;
    }
    const before = clock.time;
    assertEquals(before - start, 4 * pauseMs, what);
    const other = pace.keep("b", () => Promise.resolve(clock.time));
    await clock.run();
    assertEquals(await other - before, pauseMs, what);
    // A success ends it.
    assertEquals(
      await pace.keep("c", () => Promise.resolve(clock.time)),
      await other,
    );
  }
});

Deno.test("one that is refused for itself shows that the authority is there again", async () => {
  const proof = new AuthorityError("x", {}, { status: 0 });
  const name = new AuthorityError("x", {}, { status: 400 });
  const portal = new Unreachable("an answer that is none of the protocol");
  const full = new LocalFailure("the disk is full");
  const rows: [trouble: Error, then: Error, pauseMs: number][] = [
    [down(), proof, 0],
    [down(), name, 0],
    [down(), portal, 10_000],
    [down(), full, 10_000],
    [limited(), proof, 0],
    // It may not have come to the limit.
    [limited(), name, MINUTE],
    [limited(), portal, MINUTE],
    [limited(), full, MINUTE],
  ];
  for (const [trouble, then, pauseMs] of rows) {
    const clock = new SleepersClock();
    const pace = new Pace(clock, new AbortController().signal);
    await assertRejects(() => pace.keep("a", () => Promise.reject(trouble)));
    const second = assertRejects(() =>
      pace.keep("b", () => Promise.reject(then))
    );
    await clock.run();
    await second;
    const before = clock.time;
    const third = pace.keep("c", () => Promise.resolve(clock.time));
    await clock.run();
    const what = `${trouble.message}, then ${then.message}`;
    assertEquals(await third - before, pauseMs, what);
  }
});

Deno.test("an answer from before the trouble does not end the pause", async () => {
  const clock = new SleepersClock();
  const pace = new Pace(clock, new AbortController().signal);
  const early = Promise.withResolvers<void>();
  const first = assertRejects(() => pace.keep("a", () => early.promise));
  await clock.run();
  await assertRejects(() => pace.keep("b", () => Promise.reject(down())));
  early.reject(new AuthorityError("x", {}, { status: 400 }));
  await first;
  const before = clock.time;
  const third = pace.keep("c", () => Promise.resolve(clock.time));
  await clock.run();
  assertEquals(await third - before, 10_000);
});

Deno.test("a clock that is set back does not prolong a pause", async () => {
  const clock = new SleepersClock();
  const pace = new Pace(clock, new AbortController().signal);
  await assertRejects(() => pace.keep("a", () => Promise.reject(limited())));
  clock.time -= 1000 * MINUTE;
  const before = clock.time;
  const other = pace.keep("b", () => Promise.resolve(clock.time));
  await clock.run();
  assertEquals(await other, before);
});
