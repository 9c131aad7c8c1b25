import { assertEquals } from "@std/assert";
import { ErrorCode, MAX_31_BITS } from "../../../../src/http/http2/frames.ts";
import type { Http2Engine } from "../../../../src/http/http2/engine.ts";
import { DeadlineSweep } from "../../../../src/net/deadlines.ts";
import { Farewell } from "../../../../src/server/sessions/http2/farewell.ts";

function said(...events: ("begin" | "heard" | "expire" | "fail")[]): string {
  const seen: string[] = [];
  const engine = {
    goAway: (code: number, last?: number) =>
      void seen.push(`${last === MAX_31_BITS ? "first" : "last"} ${code}`),
    ping: () => void seen.push("ping"),
  } as unknown as Http2Engine;
  const farewell = new Farewell({
    engine,
    hasEnded: false,
    clock: { time: () => 0 },
    wake: () => {},
  }, new DeadlineSweep());
  for (const event of events) {
    if (event === "fail") farewell.fail(ErrorCode.EnhanceYourCalm);
    else farewell[event]();
  }
  farewell.end();
  if (farewell.isSaid) seen.push("said");
  return seen.join(", ");
}

Deno.test("Farewell is said in two parts, each of them once", () => {
  assertEquals(said(), "");
  assertEquals(said("heard"), "");
  assertEquals(said("begin"), "first 0, ping");
  assertEquals(said("begin", "begin"), "first 0, ping");
  const whole = "first 0, ping, last 0, said";
  assertEquals(said("begin", "heard"), whole);
  assertEquals(said("begin", "heard", "heard", "begin"), whole);
  // A client that does not answer the ping is not waited for.
  assertEquals(said("begin", "expire"), whole);
  assertEquals(said("fail"), "last 11, said");
  assertEquals(said("fail", "begin", "heard"), "last 11, said");
  assertEquals(
    said("begin", "heard", "fail"),
    `${whole.slice(0, -6)}, last 11, said`,
  );
});
