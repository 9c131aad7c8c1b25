/** The deadlines of a connection, with a sweep that looks every 5 ms. */

import { assert, assertEquals } from "@std/assert";
import { bytesOf } from "../support/latin1.ts";
import { Fixture, pause } from "./connection_support.ts";

Deno.test("a client that says nothing is closed", async () => {
  using fixture = new Fixture({}, { headerMs: 30 });
  const { connection } = fixture;
  assertEquals(connection.deadline, "connect");
  const count = await Promise.resolve(connection.read()).catch(() => null);
  assertEquals(count, null);
  assertEquals([fixture.ends, fixture.passed], [["timeout"], ["connect"]]);
  assertEquals(fixture.transport.written, "");
});

Deno.test("what is waited for says which deadline runs", async () => {
  for (const kind of ["idle", "head", "body"] as const) {
    using fixture = new Fixture({}, {
      headerMs: kind === "head" ? 30 : 10_000,
      keepaliveMs: kind === "idle" ? 30 : 10_000,
      bodyMs: kind === "body" ? 30 : 10_000,
    });
    assertEquals(await fixture.connection.fill(kind), false);
    assertEquals([fixture.ends, fixture.passed], [["timeout"], [kind]]);
    assertEquals(fixture.connection.timedOut, kind);
  }
});

Deno.test("a last word is said within its own time", async () => {
  using told = new Fixture({}, { headerMs: 30, lingeringMs: 1000 });
  told.lastWord = "too late";
  assertEquals(await told.connection.fill("head"), false);
  await pause(5);
  assertEquals([told.transport.written, told.ends], ["too late", ["timeout"]]);
  assert(told.transport.writeClosed && told.transport.closed);
  assertEquals(told.sweep.size, 0);
  // To a client that takes nothing of it, it is not said for ever.
  using deaf = new Fixture({ writes: ["stall"] }, {
    headerMs: 20,
    lingeringMs: 20,
  });
  deaf.lastWord = "too late";
  assertEquals(await deaf.connection.fill("head"), false);
  assertEquals([deaf.ends, deaf.passed], [["timeout"], ["head"]]);
});

Deno.test("a byte now and then stretches no deadline but a body's", async () => {
  for (const kind of ["idle", "head", "body"] as const) {
    using fixture = new Fixture({}, {
      headerMs: 80,
      keepaliveMs: 80,
      bodyMs: 80,
    });
    const { connection, transport } = fixture;
    const started = performance.now();
    const dribble = setInterval(() => transport.push("x"), 10);
    while (
      await connection.fill(kind) && performance.now() - started < 1000
    ) connection.input.consume(connection.input.length);
    clearInterval(dribble);
    const took = performance.now() - started;
    if (kind === "body") assert(took >= 1000 && !connection.ended);
    else assert(took >= 75 && took < 950 && connection.ended, `${took} ms`);
  }
});

Deno.test("the first head has its time from the accept on", async () => {
  using fixture = new Fixture({}, { headerMs: 300 });
  const { connection, transport } = fixture;
  const started = performance.now();
  setTimeout(() => transport.push("GET"), 200);
  const count = await connection.read();
  assert(connection.received(count));
  assertEquals(await connection.fill("head"), false);
  const took = performance.now() - started;
  assert(took >= 295 && took < 480, `${took} ms`);
  assertEquals(fixture.passed, ["head"]);
});

Deno.test("a client that does not read is closed", async () => {
  using fixture = new Fixture({ writes: [2, "stall"] }, { sendMs: 30 });
  assertEquals(await fixture.connection.write(bytesOf("answer")), false);
  assertEquals([fixture.ends, fixture.passed], [["timeout"], ["send"]]);
  assertEquals(fixture.transport.written, "an");
});

Deno.test("lingering ends in its time", async () => {
  using quiet = new Fixture({ reads: [] }, { lingeringMs: 30 });
  await quiet.connection.linger();
  assertEquals([quiet.ends, quiet.passed], [["done"], []]);
  using busy = new Fixture({}, { lingeringTimeMs: 50, lingeringMs: 1000 });
  const feeding = setInterval(() => busy.transport.push("x"), 5);
  await busy.connection.linger();
  clearInterval(feeding);
  assertEquals(busy.ends, ["done"]);
});

Deno.test("the deadline is the one of what is waited for", async () => {
  using fixture = new Fixture({}, {
    headerMs: 1000,
    bodyMs: 2000,
    sendMs: 3000,
    keepaliveMs: 4000,
  });
  const { connection, transport } = fixture;
  function running(): [string, number] {
    const left = (connection.deadlineAt - performance.now()) / 1000;
    return [connection.deadline, Math.round(left)];
  }
  assertEquals(running(), ["connect", 1]);
  const head = connection.fill("head");
  assertEquals(running(), ["head", 1]);
  transport.push("x");
  await head;
  connection.startExchange();
  assertEquals(running(), ["none", Infinity]);
  const body = connection.fill("body");
  assertEquals(running(), ["body", 2]);
  transport.push("b");
  await body;
  const written = connection.write(bytesOf("ok"));
  assertEquals(running(), ["send", 3]);
  await written;
  connection.finishExchange();
  const idle = connection.fill("idle");
  assertEquals(running(), ["idle", 4]);
  assert(connection.idle);
  connection.end("done");
  await idle;
});

Deno.test("a deadline of 0 is none", async () => {
  using fixture = new Fixture();
  const filled = fixture.connection.fill("idle");
  await pause(30);
  assertEquals(fixture.ends, []);
  fixture.transport.push(null);
  assertEquals(await filled, false);
});
