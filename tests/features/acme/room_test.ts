import { assert, assertEquals } from "@std/assert";
import { SharedZone } from "../../../src/core/zones.ts";
import { Board } from "../../../src/features/acme/board.ts";
import {
  MAX_CHAIN_BYTES,
  MAX_TOKEN_LENGTH,
  roomFor,
} from "../../../src/features/acme/room.ts";
import type { Wanted } from "../../../src/features/acme/wanted.ts";

/** So many certificates, of so many names each as long as names may be. */
function wantedOf(count: number, names: number): Wanted[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `issuer/${"x".repeat(120)}-${i}`,
    identifiers: Array.from({ length: names }, (_, k) => ({
      type: "dns",
      value: `${i}-${k}.`.padEnd(253, "a"),
    })),
  } as unknown as Wanted));
}

Deno.test("the most that can come has room", () => {
  for (const [count, names] of [[1, 1], [1, 100], [100, 1], [30, 30]]) {
    const wanted = wantedOf(count!, names!);
    const zone = new SharedZone(new SharedArrayBuffer(roomFor(wanted)), 0);
    const line = `${"A".repeat(64)}\n`;
    const pair = {
      cert: line.repeat(MAX_CHAIN_BYTES / 65),
      // RSA of 16384 bits.
      key: line.repeat(200),
    };
    const small = { cert: line.repeat(20), key: line.repeat(4) };
    const until = Date.now();
    const each = wanted.flatMap(({ identifiers }) => identifiers);
    const token = (i: number) => `${i}`.padEnd(MAX_TOKEN_LENGTH, "t");
    new Board(zone).write({
      tokens: Object.fromEntries(
        each.map((_, i) => [token(i), { text: `${token(i)}.${line}`, until }]),
      ),
      hosts: Object.fromEntries(
        each.map(({ value }) => [value, { pair: small, until }]),
      ),
      pairs: Object.fromEntries(wanted.map(({ id }) => [id, pair])),
      progress: Object.fromEntries(wanted.map(({ id, identifiers }) => [id, {
        names: identifiers.map(({ value }) => value),
        issuer: "i".repeat(200),
        notAfter: until,
        lastSuccess: until,
        lastFailure: until,
        nextAttempt: until,
      }])),
    });
  }
});

Deno.test("one name more seldom makes another zone", () => {
  const sizes = new Set(
    Array.from({ length: 100 }, (_, i) => roomFor(wantedOf(i + 1, 2))),
  );
  assert(sizes.size < 10, [...sizes].join());
  assertEquals(roomFor([]), 1);
});
