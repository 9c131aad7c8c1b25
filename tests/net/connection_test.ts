import { assert, assertEquals, assertThrows } from "@std/assert";
import type { EndReason } from "../../src/net/connection_state.ts";
import type { ReadStep } from "../support/fake_transport.ts";
import { bytesOf } from "../support/latin1.ts";
import { FairReads } from "../../src/scheduling/fair_reads.ts";
import { pause } from "../server/session_support.ts";
import { Fixture } from "./connection_support.ts";

Deno.test("Connection knows its ends", () => {
  using fixture = new Fixture({
    remote: { hostname: "192.0.2.9", port: 1234 },
    local: { hostname: "2001:db8::1", port: 80 },
  });
  const { connection } = fixture;
  assertEquals(connection.remoteAddress, "192.0.2.9");
  assertEquals(connection.remotePort, 1234);
  assertEquals(connection.localAddress, "2001:db8::1");
  assertEquals(connection.localPort, 80);
  assert(Math.abs(connection.connectedAt - Date.now()) < 1000);
  assertEquals(connection.state, "reading");
  assertEquals([connection.idle, connection.ended], [true, false]);
});

Deno.test("Connection gathers what comes until it is taken", async () => {
  using fixture = new Fixture({ reads: ["ab", 0, "cd", 0, 0, "ef", null] });
  const { connection } = fixture;
  for (const unread of ["ab", "abcd", "abcdef"]) {
    assert(await connection.fill("head"));
    assertEquals(fixture.unread, unread);
  }
  assertEquals(connection.bytesIn, 6);
  connection.input.consume(6);
  assertEquals(await connection.fill("idle"), false);
  assertEquals(fixture.ends, ["eof"]);
});

Deno.test("Connection waits for no turn for what its transport has read", async () => {
  const fairReads = new FairReads();
  let answered = () => {};
  await fairReads.open((events) => {
    answered = () => events.answered();
    return Promise.resolve({ ask() {}, close() {} });
  });
  using fixture = new Fixture({ reads: ["ab"] }, {}, { fairReads });
  const { connection } = fixture;
  assertEquals(connection.turn(), undefined);
  fairReads.crowded = true;
  const transport = Object.assign(fixture.transport, { hasInput: true });
  assertEquals(connection.turn(), undefined);
  transport.hasInput = false;
  const turn = connection.turn();
  assert(turn instanceof Promise);
  answered();
  await turn;
});

for (const what of ["body", "a body that is dropped"]) {
  Deno.test(`Connection counts no turn of others as a delay of its client: ${what}`, async () => {
    const fairReads = new FairReads();
    let answered = () => {};
    await fairReads.open((events) => {
      answered = () => events.answered();
      return Promise.resolve({ ask() {}, close() {} });
    });
    const timeouts = { bodyMs: 40, lingeringMs: 40 };
    using fixture = new Fixture({ reads: ["ab"] }, timeouts, { fairReads });
    const { connection } = fixture;
    const fill = () =>
      what === "body"
        ? connection.fill("body")
        : connection.fillToDrop(performance.now() + 10_000);
    fairReads.crowded = true;
    const filled = fill();
    await pause(200);
    assertEquals(fixture.ends, []);
    answered();
    assertEquals(await filled, true);
    assertEquals(fixture.unread, "ab");
    // From then on it is its own.
    fairReads.crowded = true;
    const late = fill();
    answered();
    assertEquals(await late, false);
    assertEquals(fixture.ends, [what === "body" ? "timeout" : "done"]);
  });
}

Deno.test("Connection grows its input up to its limit, and never beyond", async () => {
  const much = bytesOf("x".repeat(5000));
  using fixture = new Fixture({ reads: [much] }, {}, { maxInputBytes: 3000 });
  const { connection, transport } = fixture;
  assertEquals(connection.input.capacity, 512);
  while (connection.input.length < 3000) assert(await connection.fill("head"));
  assertEquals([connection.input.length, transport.readSizes[0]], [3000, 512]);
  // A read into nothing would bring nothing, for ever.
  assertThrows(() => connection.read(), Error, "full");
  assertEquals(await connection.fill("head"), false);
  assertEquals(fixture.ends, ["error"]);
});

Deno.test("Connection goes from request to answer and back", () => {
  using fixture = new Fixture();
  const { connection } = fixture;
  connection.startExchange();
  assertEquals([connection.state, connection.idle], ["writing", false]);
  // A refusal may begin while an answer is on its way.
  connection.startExchange();
  connection.finishExchange();
  assertEquals(connection.state, "reading");
  assertThrows(() => connection.finishExchange(), Error, "reading");
});

Deno.test("Connection writes the rest after each short write", async () => {
  const text = "0123456789".repeat(100);
  for (const writes of [[1], [0, 3, 0, 0, 7], [999], [500, 0], [1, 1, 1, 1]]) {
    using fixture = new Fixture({ writes });
    assert(await fixture.connection.write(bytesOf(text)));
    assertEquals(fixture.transport.written, text, String(writes));
    assertEquals(fixture.connection.bytesOut, 1000);
  }
});

Deno.test("Connection tells the ends of reading apart", async () => {
  const rows: [(string | Error | null)[], string, unknown][] = [
    [[null], "eof", undefined],
    [["GET / HT", null], "premature_eof", undefined],
    [[new Deno.errors.ConnectionReset()], "reset", undefined],
    [["GET /", new Deno.errors.ConnectionReset()], "reset", undefined],
    [[new Deno.errors.ConnectionAborted()], "reset", undefined],
    [[new Deno.errors.NotConnected()], "broken_pipe", undefined],
    [[new TypeError("bad")], "error", "bad"],
  ];
  for (const [reads, reason, message] of rows) {
    using fixture = new Fixture({ reads });
    const { connection, transport } = fixture;
    let kind: "idle" | "head" = "idle";
    while (await connection.fill(kind)) kind = "head";
    assertEquals(fixture.ends, [reason]);
    assertEquals((fixture.errors[0] as Error | undefined)?.message, message);
    assertEquals(connection.state, reason === "error" ? "error" : "closed");
    assertEquals([transport.closed, fixture.sweep.size], [true, 0], reason);
  }
});

Deno.test("Connection tells the ends of writing apart", async () => {
  const rows: [Error, string][] = [
    [new Deno.errors.BrokenPipe(), "broken_pipe"],
    [new Deno.errors.ConnectionReset(), "reset"],
    [new Deno.errors.NotConnected(), "broken_pipe"],
    [new Error("disk on fire"), "error"],
  ];
  for (const [error, reason] of rows) {
    using fixture = new Fixture({ writes: [2, error] });
    const { connection, transport } = fixture;
    assertEquals(await connection.write(bytesOf("answer")), false);
    assertEquals(fixture.ends, [reason]);
    assertEquals([transport.written, connection.bytesOut], ["an", 2]);
    // It stays ended, whatever is asked of it.
    assertEquals(await connection.write(bytesOf("x")), false);
    assertEquals(await connection.fill("idle"), false);
    connection.end("done");
    assertEquals([fixture.ends.length, transport.calls.close], [1, 1]);
  }
});

Deno.test("Connection takes values where nothing has to be waited for", async () => {
  // A transport may give a value instead of a promise.
  using fixture = new Fixture({ reads: ["ab"] });
  const { transport, connection } = fixture;
  Object.assign(transport, {
    read: (target: Uint8Array) => (target.set([0x78, 0x79]), 2),
    write: (bytes: Uint8Array) => bytes.length,
  });
  assert(await connection.fill("head"));
  assertEquals(fixture.unread, "xy");
  assert(await connection.write(bytesOf("answer")));
  assertEquals(connection.bytesOut, 6);
});

Deno.test("Connection.end() wakes what is pending", async () => {
  using reading = new Fixture();
  const filled = reading.connection.fill("idle");
  reading.connection.end("evicted");
  assertEquals(await filled, false);
  assertEquals(reading.ends, ["evicted"]);
  using writing = new Fixture({ writes: ["stall"] });
  const written = writing.connection.write(bytesOf("x"));
  await Promise.resolve();
  writing.connection.end("evicted");
  assertEquals(await written, false);
  assertEquals(writing.ends, ["evicted"]);
});

Deno.test("Connection.watch() notices that the client leaves", async () => {
  const rows: [ReadStep, EndReason][] = [
    [null, "premature_eof"],
    [new Deno.errors.ConnectionReset(), "reset"],
  ];
  for (const [step, reason] of rows) {
    using fixture = new Fixture();
    const { connection, transport } = fixture;
    connection.startExchange();
    connection.watch();
    transport.push("more", step);
    await pause(5);
    assertEquals([fixture.ends, connection.endedIn], [[reason], "none"]);
    connection.release();
  }
});

Deno.test("Connection.watch() leaves what comes to the next read", async () => {
  using fixture = new Fixture();
  const { connection, transport } = fixture;
  connection.startExchange();
  connection.watch();
  transport.push("GET");
  await pause(5);
  assertEquals(connection.input.length, 0);
  connection.unwatch();
  transport.push(null);
  await pause(5);
  assertEquals(fixture.ends, [], "an answer is under way");
  connection.finishExchange();
  assertEquals(await connection.fill("head"), true);
  assertEquals(connection.input.length, 3);
  assertEquals(await connection.fill("head"), false);
  assertEquals(fixture.ends, ["premature_eof"]);
});

Deno.test("Connection.linger() lets the client see the answer", async () => {
  const reads: ReadStep[] = ["more", 0, "more", null];
  using fixture = new Fixture({ reads });
  const { connection, transport } = fixture;
  await connection.write(bytesOf("answer"));
  await connection.linger();
  assertEquals(fixture.ends, ["done"]);
  assert(transport.writeClosed && transport.closed);
  assertEquals([transport.written, connection.bytesIn], ["answer", 8]);
});

Deno.test("Connection.linger() ends when the client is gone", async () => {
  using fixture = new Fixture({ reads: [new Deno.errors.ConnectionReset()] });
  await fixture.connection.linger();
  assertEquals(fixture.ends, ["done"]);
  await fixture.connection.linger();
  assertEquals(fixture.transport.calls.closeWrite, 1);
});

Deno.test("Connection.sendLast() speaks beside a read that is pending", async () => {
  using fixture = new Fixture();
  const { connection, transport } = fixture;
  const filled = connection.fill("head");
  await connection.sendLast(bytesOf("late"));
  assertEquals(await filled, false);
  assertEquals([transport.written, fixture.ends], ["late", ["timeout"]]);
  assert(transport.writeClosed && transport.closed);
});

for (
  const [what, reason, begin] of [
    ["evicted before its first request", "evicted", undefined],
    ["evicted between two requests", "evicted", "idle"],
    ["evicted within a head", "evicted", "head"],
    ["evicted while it is answered", "evicted", "answer"],
    ["late with its first request", "timeout", undefined],
    ["late with the next request", "timeout", "idle"],
    ["late with a head", "timeout", "head"],
    ["late with a body", "timeout", "body"],
    ["late to take an answer", "timeout", "send"],
    ["done", "done", "answer"],
    ["gone between two requests", "eof", "idle"],
    ["gone within a head", "premature_eof", "head"],
    ["broken", "error", "idle"],
  ] as const
) {
  Deno.test(`Connection says goodbye to whom it owes nothing: ${what}`, () => {
    using fixture = new Fixture();
    const { connection, transport } = fixture;
    let finished = 0;
    Object.assign(transport, {
      finish: () => {
        finished++;
        transport.close();
      },
    });
    if (begin === "answer") connection.startExchange();
    else if (begin !== undefined) connection.expect(begin);
    if (reason === "timeout") connection.expire();
    else connection.end(reason);
    const isOwed = begin === "head" || begin === "body" || begin === "send" ||
      (begin === "answer" && reason !== "done") || reason === "error";
    assertEquals([finished, fixture.ends], [isOwed ? 0 : 1, [reason]]);
    assert(transport.closed);
  });
}

for (
  const [what, act, ends] of [
    ["takes it", (resolve) => resolve(), []],
    ["is gone", (_, reject) => reject(new Deno.errors.BrokenPipe()), [
      "broken_pipe",
    ]],
    ["takes nothing", () => {}, ["timeout"]],
  ] as const satisfies readonly (readonly [
    string,
    (resolve: () => void, reject: (error: Error) => void) => void,
    readonly EndReason[],
  ])[]
) {
  Deno.test(`Connection.flush() waits for what is on its way: its client ${what}`, async () => {
    using fixture = new Fixture({}, { sendMs: 40 });
    const { connection, transport } = fixture;
    assertEquals(connection.flush(), true, "nothing is on its way");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { close } = transport;
    Object.assign(transport, {
      flush: () => promise,
      close: () => {
        reject(new Deno.errors.BadResource("closed"));
        close.call(transport);
      },
    });
    connection.startExchange();
    const flushed = connection.flush();
    assertEquals([fixture.ends, connection.deadline], [[], "send"]);
    act(resolve, reject);
    assertEquals([await flushed, fixture.ends], [ends.length === 0, ends]);
    assertEquals(connection.deadline, "none");
  });
}

Deno.test("Connection.flush() says that what was on its way has failed", () => {
  using fixture = new Fixture();
  const { connection, transport } = fixture;
  Object.assign(transport, {
    flush() {
      throw new Deno.errors.BrokenPipe();
    },
  });
  assertEquals([connection.flush(), fixture.ends], [false, ["broken_pipe"]]);
  assertEquals(connection.flush(), false);
});

for (const how of ["linger", "closeWrite"] as const) {
  Deno.test(`Connection.${how}() says nothing before all is sent`, async () => {
    using fixture = new Fixture({ reads: [null] });
    const { connection, transport } = fixture;
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(transport, { flush: () => promise });
    const said = connection[how]();
    await pause(5);
    assertEquals([transport.writeClosed, fixture.ends], [false, []]);
    resolve();
    await said;
    assert(transport.writeClosed);
  });
}
