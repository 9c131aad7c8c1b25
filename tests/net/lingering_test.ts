import { assert, assertEquals } from "@std/assert";
import { LEAST_LINGERING_MS, lingerOn } from "../../src/net/lingering.ts";
import { FakeTransport, type ReadStep } from "../support/fake_transport.ts";
import { NO_TIMEOUTS } from "./connection_support.ts";

/** A client that sends `reads`, while each look at the clock takes `stepMs`. */
async function linger(
  reads: readonly ReadStep[],
  { lingeringMs = 0, stepMs = 0, waits = false } = {},
) {
  const transport = new FakeTransport({ reads });
  const timeouts = { ...NO_TIMEOUTS, lingeringMs, lingeringTimeMs: 1000 };
  const connection = {
    ended: false,
    timeouts,
    bytesIn: 0,
    slice: () => waits ? Promise.resolve() : undefined,
  };
  const allowed: number[] = [];
  let now = 0;
  await lingerOn(transport, connection, {
    time: () => now += stepMs,
    allow: (ms) => void allowed.push(ms),
  });
  return { transport, connection, allowed };
}

Deno.test("lingerOn() drops what comes until the client closes or breaks off", async () => {
  for (const end of [null, new Deno.errors.ConnectionReset()]) {
    const { transport, connection, allowed } = await linger(
      ["more", 0, "and more", end],
    );
    assert(transport.writeClosed);
    assertEquals(connection.bytesIn, 12);
    assertEquals(allowed, [LEAST_LINGERING_MS, 1000, 1000, 1000, 1000]);
  }
});

Deno.test("lingerOn() ends after lingering_time, however much comes", async () => {
  const reads = Array.from({ length: 20 }, () => "more");
  const { transport, allowed } = await linger(reads, {
    lingeringMs: 600,
    stepMs: 300,
  });
  assertEquals(transport.calls.read, 3);
  assertEquals(allowed, [600, 600, 400, 100]);
});

Deno.test("lingerOn() counts no turn of others as a delay of its client", async () => {
  const { connection, allowed } = await linger(["more", "more", null], {
    lingeringMs: 600,
    waits: true,
  });
  assertEquals(connection.bytesIn, 8);
  assertEquals(allowed, [600, 600, 0, 600, 0, 600]);
});

Deno.test("lingerOn() has nobody wait who has nothing more to say", async () => {
  for (const end of [null, new Deno.errors.ConnectionReset()]) {
    const { allowed } = await linger([end], { waits: true });
    assertEquals(allowed, [LEAST_LINGERING_MS, 1000]);
  }
});
