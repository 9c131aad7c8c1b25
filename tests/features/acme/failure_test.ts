import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  AuthorityError,
  counted,
  LocalFailure,
  remedyFor,
  Unreachable,
  waitAfter,
} from "../../../src/features/acme/authority/failure.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function refused(kind: string, status = 403, retryAfterMs?: number) {
  const type = `urn:ietf:params:acme:error:${kind}`;
  return new AuthorityError("it", { type }, { status, retryAfterMs });
}

Deno.test("failures are waited for longer each time, and as long as the authority says", () => {
  const rows: [error: Error, count: number, least: number, most: number][] = [
    [refused("dns"), 1, 5 * MINUTE, 6.25 * MINUTE],
    [refused("dns"), 2, 10 * MINUTE, 12.5 * MINUTE],
    [refused("dns"), 100, 24 * HOUR, 30 * HOUR],
    [new Unreachable("x"), 1, 10_000, 12_500],
    [new Unreachable("x"), 50, HOUR, 1.25 * HOUR],
    [refused("serverInternal", 500), 1, 10_000, 12_500],
    [new LocalFailure("x"), 1, MINUTE, 1.25 * MINUTE],
    [new TypeError("x"), 1, MINUTE, 1.25 * MINUTE],
    [refused("rateLimited", 429, 2 * HOUR), 1, 2 * HOUR, 2.1 * HOUR],
    [refused("rateLimited", 429, 1), 1, 5 * MINUTE, 6.25 * MINUTE],
    [refused("rateLimited", 503, 30_000), 1, 30_000, 32_500],
    // Nobody is locked out for a year by a slip.
    [refused("rateLimited", 429, 9e12), 1, 7 * 24 * HOUR, 7 * 24 * HOUR],
  ];
  for (const [error, count, least, most] of rows) {
    for (const random of [0, 0.5, 0.999]) {
      const wait = waitAfter(error, count, random);
      assert(wait >= least && wait <= most, `${error.message} ${wait}`);
    }
  }
});

Deno.test("a failure waits by how many there were of its kind", () => {
  const wait = (errors: Error[]) => {
    let [counts, count] = [{}, 0];
    for (const error of errors) ({ counts, count } = counted(error, counts));
    return waitAfter(errors.at(-1), count, 0);
  };
  const away = Array.from({ length: 12 }, () => new Unreachable("x"));
  const full = Array.from({ length: 12 }, () => new LocalFailure("x"));
  const name = refused("unauthorized");
  const rows: [what: string, errors: Error[], wait: number][] = [
    ["the first of all", [name], 5 * MINUTE],
    ["after an outage", [...away, name], 5 * MINUTE],
    ["after a full disk", [...full, name], 5 * MINUTE],
    ["trouble of the authority is one", [
      refused("serverInternal", 500),
      new Unreachable("x"),
    ], 20_000],
    ["an outage after refusals", [name, name, name, away[0]!], 10_000],
    // Whoever is refused and cannot be reached by turns is not faster.
    ["in between", [name, away[0]!, name, full[0]!, name], 20 * MINUTE],
  ];
  for (const [what, errors, expected] of rows) {
    assertEquals(wait(errors), expected, what);
  }
});

Deno.test("five failures in a row take more than an hour: Let's Encrypt counts them", () => {
  let total = 0;
  for (let count = 1; count <= 4; count++) {
    total += waitAfter(refused("unauthorized"), count, 0);
  }
  assert(total > HOUR, `${total}`);
});

Deno.test("a failure says what the authority said, and what to do", () => {
  const error = new AuthorityError("a.test was not proved", {
    type: "urn:ietf:params:acme:error:connection",
    detail: "timeout\n  during connect",
  });
  assertEquals(
    error.message,
    "a.test was not proved: connection, timeout during connect",
  );
  assertMatch(remedyFor(error), /firewall/);
  assertEquals(remedyFor(new Unreachable("x")), "");
  assertEquals(remedyFor(refused("constructor")), "");
  // The same word of a proof and of an account.
  assertMatch(remedyFor(refused("unauthorized", 0)), /another server answers/);
  assertMatch(remedyFor(refused("unauthorized")), /external_account_key/);
  assertEquals(remedyFor(refused("caa", 0)), remedyFor(refused("caa")));
});
