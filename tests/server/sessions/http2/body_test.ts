import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../../../src/http/errors.ts";
import { BudgetShare } from "../../../../src/bytes/budget_share.ts";
import { MemoryBudget } from "../../../../src/bytes/memory_budget.ts";
import {
  Http2Body,
  UNREAD_MEMORY,
} from "../../../../src/server/sessions/http2/body.ts";
import type { Expectation } from "../../../../src/server/sessions/request_body.ts";
import { bytesOf, textOf } from "../../../support/latin1.ts";

function reading(
  expectation: Expectation = "none",
  declared = 0,
  memory = UNREAD_MEMORY,
) {
  const seen: string[] = [];
  const body = new Http2Body(declared, expectation, {
    consumed: (bytes) => void seen.push(`consumed ${bytes}`),
    invite: () => void seen.push("invited"),
    waits: (waiting) => void seen.push(waiting ? "waits" : "goes on"),
  }, new BudgetShare(memory));
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
  const first = body.read();
  assertEquals(seen, ["invited", "waits"]);
  body.push(bytesOf("x"));
  assertEquals(textOf((await first)!), "x");
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

Deno.test("Http2Body beyond its share of memory is lost for who reads, and for nobody else", async () => {
  const memory = new MemoryBudget(400);
  const read = reading("none", 0, memory).body;
  assertEquals([read.push(bytesOf("x".repeat(60))), memory.bytes], [
    "waits",
    60,
  ]);
  assertEquals(read.push(bytesOf("x".repeat(60))), "refused");
  const error = await assertRejects(() => read.read());
  assertEquals(error instanceof HttpError && error.status, 503);
  assertEquals(memory.bytes, 0);
  const unread = reading("none", 0, memory).body;
  unread.push(bytesOf("x".repeat(200)));
  unread.answered();
  assertEquals(unread.push(bytesOf("x")), "dropped");
});

Deno.test("Http2Body that nobody wants is dropped, up to its limit", () => {
  const { body } = reading("continue");
  assertEquals([body.isUnasked, body.admit(5)], [true, undefined]);
  body.push(bytesOf("abc"));
  body.answered();
  assertEquals(UNREAD_MEMORY.bytes, 0);
  assertEquals(body.push(bytesOf("de")), "dropped");
  assertEquals(body.push(bytesOf("fghi")), "refused");
  assertEquals(body.push(bytesOf("j")), "refused");
});
