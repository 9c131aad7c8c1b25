import { assertEquals, assertMatch } from "@std/assert";
import { makeSelfSigned } from "../../../src/certificates/making.ts";
import { checkDelivery } from "../../../src/features/acme/authority/delivery.ts";
import { Unreachable } from "../../../src/features/acme/authority/failure.ts";
import type { Identifier } from "../../../src/features/acme/identifiers.ts";

const DAY = 24 * 3_600_000;

/** Certificates for `names` that are good from now on for `days`. */
function make(names: readonly Identifier[], days = 2) {
  return makeSelfSigned({ commonName: "a", names, days });
}

const A: Identifier = { type: "dns", value: "a.test" };
const WWW: Identifier = { type: "dns", value: "www.a.test" };
const SIX: Identifier = { type: "ip", value: "2001:db8::1" };

Deno.test("a certificate is taken that clients would accept, and no other", async () => {
  const own = await make([A, SIX]);
  const other = await make([A]);
  const wild = await make([{ type: "dns", value: "*.a.test" }]);
  const junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const now = Date.now();
  const rows: [
    what: string,
    chain: string,
    key: string,
    identifiers: readonly Identifier[],
    now: number,
    told: RegExp | undefined,
  ][] = [
    ["its own", own.cert, own.key, [A, SIX], now, undefined],
    ["of more names", own.cert, own.key, [SIX], now, undefined],
    ["with others", own.cert + other.cert, own.key, [A], now, undefined],
    ["a wildcard", wild.cert, wild.key, [WWW], now, undefined],
    ["a clock that is behind", own.cert, own.key, [A], now - DAY, undefined],
    ["a wildcard for itself", wild.cert, wild.key, [A], now, /not for a\.test/],
    [
      "of fewer names",
      other.cert,
      other.key,
      [A, WWW, SIX],
      now,
      /not for www\.a\.test, 2001:db8::1$/,
    ],
    ["another key", own.cert, other.key, [A], now, /another key/],
    [
      "the wrong order",
      other.cert + own.cert,
      own.key,
      [A],
      now,
      /another key/,
    ],
    ["junk behind it", own.cert + junk, own.key, [A], now, /cannot be read/],
    ["junk before it", junk + own.cert, own.key, [A], now, /cannot be read/],
    [
      "one that has ended",
      own.cert,
      own.key,
      [A],
      now + 2 * DAY,
      /and not now: is the clock/,
    ],
    [
      "one that is to come",
      own.cert,
      own.key,
      [A],
      now - 2 * DAY,
      /and not now: is the clock/,
    ],
  ];
  for (const [what, chain, key, identifiers, now, told] of rows) {
    const url = "https://ca.test/1";
    let error: unknown;
    try {
      checkDelivery(chain, { url, key, identifiers, now });
    } catch (thrown) {
      error = thrown;
    }
    assertEquals(error instanceof Unreachable, told !== undefined, what);
    if (told !== undefined) assertMatch((error as Error).message, told, what);
  }
});
