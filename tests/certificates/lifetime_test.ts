import { assertEquals } from "@std/assert";
import { lifetimeFault } from "../../src/certificates/lifetime.ts";

const DAY_MS = 24 * 3600 * 1000;
const FROM = Date.UTC(2026, 0, 1);

/** How long it lives, how old it is, in days, and what is said. */
const ROWS: readonly (readonly [
  life: number,
  age: number,
  fault: string | undefined,
])[] = [
  [90, 0, undefined],
  [90, -0.1, "is not valid before 2026-01-01 00:00 UTC"],
  [90, 60, undefined],
  [90, 75.9, undefined],
  [90, 76, "expires in 14 days, on 2026-04-01 00:00 UTC"],
  [90, 88.5, "expires in a day, on 2026-04-01 00:00 UTC"],
  [90, 89.5, "expires in less than a day, on 2026-04-01 00:00 UTC"],
  [90, 90.1, "has expired on 2026-04-01 00:00 UTC"],
  [365, 350, undefined],
  [365, 351.1, "expires in 13 days, on 2027-01-01 00:00 UTC"],
  // Short-lived ones are renewed at half of their lives.
  [6, 3, undefined],
  [6, 4.7, undefined],
  [6, 4.9, "expires in a day, on 2026-01-07 00:00 UTC"],
  [47, 37, undefined],
  [47, 38, "expires in 9 days, on 2026-02-17 00:00 UTC"],
];

for (const [life, age, fault] of ROWS) {
  Deno.test(`lifetimeFault() of ${life} days after ${age}`, () => {
    const certificate = { notBefore: FROM, notAfter: FROM + life * DAY_MS };
    assertEquals(lifetimeFault(certificate, FROM + age * DAY_MS), fault);
  });
}
