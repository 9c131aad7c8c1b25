import { assert, assertEquals } from "@std/assert";
import { KeyTable } from "../../../src/features/limits/key_table.ts";
import {
  NO_ROOM,
  RequestRates,
} from "../../../src/features/limits/request_rates.ts";

function rates(rate: number, bytes = 32 * 1024): RequestRates {
  const table = new KeyTable(new Uint8Array(new SharedArrayBuffer(bytes)));
  table.begin();
  return new RequestRates(table, rate);
}

const START = 1_700_000_000_000;

Deno.test("RequestRates does nginx's sums", () => {
  const rows: [
    rate: number,
    burst: number,
    arrivals: readonly number[],
    excesses: readonly number[],
  ][] = [
    // A rate of 1r/s: what is refused is not counted.
    [1000, 0, [0, 0, 100, 1000, 1500], [0, 1000, 900, 0, 500]],
    [1000, 2000, [0, 0, 0, 0, 500, 500], [0, 1000, 2000, 3000, 2500, 2500]],
    [1000, 2000, [0, 0, 0, 1000], [0, 1000, 2000, 2000]],
    // 1r/m is 16 thousandths a second, and fractions are lost.
    [16, 0, [0, 62, 63, 60_000, 62_500], [0, 1000, 999, 40, 0]],
    [16, 5000, [0, 60, 120], [0, 1000, 2000]],
    // A clock that goes back stands still, or has been set anew.
    [1000, 9000, [0, -500, 500], [0, 1000, 1500]],
    [1000, 9000, [0, -100_000, -99_000], [0, 999, 999]],
    [10_000, 0, [0, 99, 100], [0, 10, 0]],
  ];
  for (const [rate, burst, arrivals, excesses] of rows) {
    const known = rates(rate);
    const found = arrivals.map((at) =>
      known.look({ key: "k", now: START + at }, { burst, counts: true })
    );
    assertEquals(found, excesses, `${rate} ${burst} ${arrivals}`);
  }
});

Deno.test("what RequestRates only looks at is counted later", () => {
  const known = rates(1000);
  const arrival = { key: "k", now: START };
  const only = { burst: 0, counts: false };
  assertEquals(known.look(arrival, only), 0);
  assertEquals(known.look(arrival, only), 0);
  assertEquals(known.count(arrival), 0);
  assertEquals(known.look(arrival, only), 1000);
  assertEquals(known.count(arrival), 1000);
  assertEquals(known.count({ key: "other", now: START }), 0);
});

Deno.test("RequestRates lets no more pass than the rate and the burst", () => {
  for (const [rate, burst] of [[1000, 0], [2500, 4000], [16, 1000]] as const) {
    const known = rates(rate);
    let passed = 0;
    let at = 0;
    for (let i = 0; i < 50_000; i++) {
      at += i % 7;
      const arrival = { key: "k", now: START + at };
      const excess = known.look(arrival, { burst, counts: true });
      if (excess <= burst) passed++;
    }
    const most = rate * at / 1e6 + burst / 1000 + 1;
    assert(passed <= most + 1, `${passed} passed, not ${most}`);
  }
});

Deno.test("RequestRates gives a delay in whole milliseconds", () => {
  assertEquals(rates(1000).delay(1500), 1500);
  assertEquals(rates(16).delay(1000), 62_500);
  assertEquals(rates(3000).delay(1000), 333);
});

Deno.test("RequestRates forgets the oldest keys when there is no room", () => {
  const known = rates(16);
  const counted = { burst: 0, counts: true };
  const keys = Array.from({ length: 10_000 }, (_, i) => `key ${i}`);
  keys.forEach((key, i) => {
    assertEquals(known.look({ key, now: START + i }, counted), 0);
    // Whoever comes again and again is never the oldest one.
    assert(known.look({ key: "often", now: START }, counted) <= 1000);
  });
  assertEquals(known.look({ key: "often", now: START }, counted), 1000);
  const now = START + 10_000;
  assert(known.look({ key: keys.at(-1)!, now }, counted) > 0);
  assertEquals(known.look({ key: keys[0]!, now }, counted), 0);
});

Deno.test("RequestRates forgets what says no more than none would", () => {
  const table = new KeyTable(new Uint8Array(new SharedArrayBuffer(32 * 1024)));
  table.begin();
  const known = new RequestRates(table, 1000);
  const counted = { burst: 9000, counts: true };
  known.look({ key: "a", now: START }, counted);
  known.look({ key: "b", now: START }, counted);
  known.look({ key: "c", now: START }, counted);
  known.look({ key: "d", now: START + 59_999 }, counted);
  assert(table.find("a") !== 0 && table.find("b") !== 0);
  // Both are the newest ones now.
  known.look({ key: "e", now: START + 60_000 }, counted);
  assertEquals(table.find("c"), 0);
  assert(table.find("d") !== 0);
});

Deno.test("RequestRates has no room for a key that is larger than its zone", () => {
  const known = rates(1000);
  const look = (key: string) =>
    known.look({ key, now: START }, { burst: 0, counts: true });
  assertEquals(look("small"), 0);
  assertEquals(look("x".repeat(40_000)), NO_ROOM);
  assertEquals(look("small"), 1000);
  assertEquals(look("x".repeat(20_000)), 0);
});
