import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../../../src/http/errors.ts";
import { Http2Body } from "../../../../src/server/sessions/http2/body.ts";
import type { Expectation } from "../../../../src/server/sessions/request_body.ts";
import { bytesOf, textOf } from "../../../support/latin1.ts";

function reading(
  expectation: Expectation = "none",
  declared = 0,
  until = Infinity,
) {
  const seen: string[] = [];
  const body = new Http2Body(declared, expectation, {
    discardUntil: () => until,
    consumed: (bytes) => void seen.push(`consumed ${bytes}`),
    invite: () => void seen.push("invited"),
    waits: (waiting) => void seen.push(waiting ? "waits" : "goes on"),
  });
  return { body, seen };
}

Deno.test("Http2Body gives pieces as they come, and makes room for more", async () => {
  const { body, seen } = reading();
  const piece = bytesOf("abc");
  body.push(piece);
  // Whoever gives a piece does something else with its memory.
  piece.fill(0);
  assertEquals(textOf((await body.read())!), "abc");
  const next = body.read();
  body.push(bytesOf("de"));
  assertEquals(textOf((await next)!), "de");
  body.close("whole");
  assertEquals(await body.read(), undefined);
  assertEquals([body.done, body.received], [true, 5]);
  assertEquals(seen, ["consumed 3", "waits", "goes on", "consumed 2"]);
});

Deno.test("Http2Body tells a client to go on when somebody wants it", async () => {
  const { body, seen } = reading("continue");
  assert(body.awaitsContinue);
  const first = body.read();
  assertEquals(seen, ["invited", "waits"]);
  body.push(bytesOf("x"));
  assert(!body.awaitsContinue);
  assertEquals(textOf((await first)!), "x");
});

Deno.test("Http2Body.discard() says what has become of it", async () => {
  const whole = reading();
  whole.body.push(bytesOf("abc"));
  const discarded = whole.body.discard();
  whole.body.close("whole");
  assertEquals(await discarded, "whole");
  const lost = reading();
  const pending = lost.body.discard();
  lost.body.close("lost");
  assertEquals(await pending, "lost");
  const late = reading("none", 0, -Infinity);
  assertEquals(await late.body.discard(), "late");
});

Deno.test("Http2Body is held to limits", async () => {
  const { body } = reading("none", 10);
  assertEquals(body.admit(9)?.status, 413);
  const undeclared = reading().body;
  assertEquals(undeclared.admit(4), undefined);
  undeclared.push(bytesOf("abcde"));
  const error = await assertRejects(() => undeclared.read());
  assertEquals(error instanceof HttpError && error.status, 413);
  assertEquals(reading("unknown").body.admit(0)?.status, 417);
});

Deno.test("Http2Body that is lost throws what it is lost for", async () => {
  const { body } = reading();
  const pending = body.read();
  body.close("lost", new HttpError(408, "late"));
  const error = await assertRejects(() => pending);
  assertEquals(error instanceof HttpError && error.status, 408);
  body.push(bytesOf("x"));
  assertEquals(body.received, 0);
});
