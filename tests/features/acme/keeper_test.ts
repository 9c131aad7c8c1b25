import { assert, assertEquals } from "@std/assert";
import { makeSelfSigned } from "../../../src/certificates/making.ts";
import type { Bulletin } from "../../../src/features/acme/authority/bulletin.ts";
import type { Client } from "../../../src/features/acme/authority/client.ts";
import type { Clock } from "../../../src/features/acme/authority/clock.ts";
import type { Desk } from "../../../src/features/acme/authority/desk.ts";
import { Unreachable } from "../../../src/features/acme/authority/failure.ts";
import { Keeper } from "../../../src/features/acme/authority/keeper.ts";
import type { Progress } from "../../../src/features/acme/board.ts";
import { MemoryState } from "../../../src/features/acme/state_folder.ts";
import { pairText, storedFor } from "../../../src/features/acme/stored_pair.ts";
import type { Wanted } from "../../../src/features/acme/wanted.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const WANTED = {
  id: "le/a",
  fileName: "a",
  identifiers: [{ type: "dns", value: "a.test" }],
} as unknown as Wanted;

/** A clock that is set by `jump` when it says so, and ends the test. */
class SetClock implements Clock {
  readonly started = Date.now();
  /** How long it has run, whatever it shows. */
  passed = 0;
  /** How far it shows another time. */
  wrong = 0;
  readonly #jump: (day: number) => number;
  readonly #ending: AbortController;
  readonly #days: number;

  constructor(
    days: number,
    ending: AbortController,
    jump: (day: number) => number,
  ) {
    this.#days = days;
    this.#ending = ending;
    this.#jump = jump;
  }

  now(): number {
    return this.started + this.passed + this.wrong;
  }

  random(): number {
    return 0;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    assert(ms > 0, `${ms}`);
    // A sleep of a minute at most is much for ninety days.
    this.passed += Math.max(ms, HOUR);
    this.wrong = this.#jump(this.passed / DAY);
    if (this.passed > this.#days * DAY) this.#ending.abort(new Error("over"));
    signal.throwIfAborted();
    return Promise.resolve();
  }
}

/** On which days, by a clock that is right, a certificate of 90 is asked for. */
async function asked(
  days: number,
  jump: (day: number) => number,
): Promise<{ days: number[]; progress: Partial<Progress> }> {
  const state = new MemoryState();
  const pair = await makeSelfSigned({
    commonName: "a",
    names: [{ type: "dns", value: "a.test" }],
    days: 90,
  });
  state.write("a.pem", pairText(pair));
  const ending = new AbortController();
  const { signal } = ending;
  const clock = new SetClock(days, ending, jump);
  const found: number[] = [];
  let progress: Partial<Progress> = {};
  const keeper = new Keeper({
    wanted: WANTED,
    stored: storedFor(WANTED, state),
    desk: {
      state,
      issuer: { name: "le" },
      client: { directory: () => Promise.resolve({}) } as unknown as Client,
      turn() {
        found.push(clock.passed / DAY);
        return Promise.reject(new Unreachable("gone"));
      },
    } as unknown as Desk,
    bulletin: {
      setPair() {},
      setProgress(_id: string, news: Partial<Progress>) {
        progress = { ...progress, ...news };
      },
    } as unknown as Bulletin,
    clock,
    signal,
  });
  await keeper.run().catch(() => {});
  return { days: found, progress };
}

Deno.test("a clock that is set neither forgets a certificate nor asks without end", async () => {
  const rows: [
    what: string,
    days: number,
    jump: (day: number) => number,
    first: number,
    most: number,
  ][] = [
    ["right", 59, () => 0, Infinity, 0],
    ["right, for longer", 61, () => 0, 60, 40],
    [
      "a year ahead for a day",
      59,
      (day) => day > 10 && day < 11 ? YEAR : 0,
      10,
      40,
    ],
    [
      "a year ahead for a day, later",
      61,
      (day) => day > 10 && day < 11 ? YEAR : 0,
      10,
      80,
    ],
    [
      "a year behind for a day",
      59,
      (day) => day > 10 && day < 11 ? -YEAR : 0,
      Infinity,
      0,
    ],
    [
      "a year behind when it is time",
      63,
      (day) => day > 59 && day < 61 ? -YEAR : 0,
      61,
      60,
    ],
    [
      "back and forth",
      59,
      (day) => Math.floor(day) % 2 === 1 ? YEAR : -YEAR,
      1,
      30 * 40,
    ],
  ];
  for (const [what, days, jump, first, most] of rows) {
    const { days: found, progress } = await asked(days, jump);
    const said = `${what}: ${found.map((day) => day.toFixed(2))}`;
    assertEquals(Math.round(found[0] ?? Infinity), first, said);
    assert(found.length <= most, said);
    // Whoever is asked with a clock that was wrong is not forgotten after it.
    if (days > 60) assert(found.at(-1)! > 60, said);
    assertEquals(progress.nextAttempt !== undefined, true, what);
  }
});
