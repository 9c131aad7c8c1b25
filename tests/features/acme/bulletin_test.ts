import { assertEquals } from "@std/assert";
import { SharedZone } from "../../../src/core/zones.ts";
import { Bulletin } from "../../../src/features/acme/authority/bulletin.ts";
import type { Clock } from "../../../src/features/acme/authority/clock.ts";
import { Board } from "../../../src/features/acme/board.ts";
import type { ChallengeKind } from "../../../src/features/acme/issuer.ts";

/** A clock that goes on when it is told, and not by itself. */
class HandClock implements Clock {
  time = 1_000_000;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#sleepers.push({ until: this.time + ms, wake: resolve });
    signal.addEventListener("abort", () => reject(signal.reason));
    return promise;
  }

  /** Lets some ms pass, and what waits for them be done. */
  async pass(ms: number): Promise<void> {
    this.time += ms;
    for (const { until, wake } of this.#sleepers) {
      if (until <= this.time) wake();
    }
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}

function start() {
  const board = new Board(new SharedZone(new SharedArrayBuffer(65536), 0));
  const clock = new HandClock();
  const ending = new AbortController();
  const bulletin = new Bulletin(board, clock, ending.signal);
  const give = (kind: ChallengeKind, token: string) =>
    bulletin.give(kind, { type: "dns", value: "a.test" }, token, `${token}.k`);
  const answers = () => {
    const { tokens, hosts } = board.read();
    return [...Object.keys(tokens), ...Object.keys(hosts)].join();
  };
  return { board, clock, ending, give, answers };
}

Deno.test("who comes late for an answer still finds it, and nobody does for ever", async () => {
  const rows: [kind: ChallengeKind, answer: string][] = [
    ["http-01", "t"],
    ["tls-alpn-01", "a.test"],
  ];
  for (const [kind, answer] of rows) {
    const { clock, give, answers } = start();
    const withdraw = await give(kind, "t");
    await clock.pass(60_000);
    assertEquals(answers(), answer, kind);
    withdraw();
    await clock.pass(15_000);
    assertEquals(answers(), answer, kind);
    await clock.pass(20_000);
    assertEquals(answers(), "", kind);
  }
});

Deno.test("what is given again is not taken back by who gave it before", async () => {
  const { clock, give, answers } = start();
  const first = await give("http-01", "t");
  first();
  await clock.pass(10_000);
  const second = await give("http-01", "t");
  await clock.pass(30_000);
  assertEquals(answers(), "t");
  second();
  await clock.pass(40_000);
  assertEquals(answers(), "");
});

Deno.test("who is stopped leaves answers to the next one, which lets them end", async () => {
  const { board, clock, ending, give, answers } = start();
  const withdraw = await give("http-01", "t");
  withdraw();
  ending.abort(new Error("reloaded"));
  await clock.pass(60_000);
  assertEquals(answers(), "t");
  const next = new Bulletin(board, clock, new AbortController().signal);
  const other = { type: "dns", value: "b.test" } as const;
  await next.give("http-01", other, "u", "u.k");
  assertEquals(answers(), "t,u");
  await clock.pass(3_600_000);
  await next.give("http-01", other, "v", "v.k");
  assertEquals(answers(), "v");
});
