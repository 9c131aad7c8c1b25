import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { Field } from "../../src/http/fields.ts";
import { bytesOf } from "../support/latin1.ts";
import { feedings } from "../support/feeder.ts";
import { Fixture } from "./connection_support.ts";

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

Deno.test("Connection knows its ends", () => {
  using fixture = new Fixture({
    remote: { hostname: "::ffff:192.0.2.9", port: 1234 },
    local: { hostname: "2001:db8::1", port: 80 },
  });
  const { connection } = fixture;
  assertEquals(connection.remoteAddress, "192.0.2.9");
  assertEquals(connection.remotePort, 1234);
  assertEquals(connection.localAddress, "2001:db8::1");
  assertEquals(connection.localPort, 80);
  assert(Math.abs(connection.connectedAt - Date.now()) < 1000);
  assertEquals(connection.requestsServed, 0);
  assertEquals(connection.keepAlive, true);
  assertEquals(connection.state, "reading");
  assertEquals([connection.idle, connection.ended], [true, false]);
});

Deno.test("Connection keeps an IPv4-mapped address where it is told so", () => {
  using fixture = new Fixture(
    {
      remote: { hostname: "::ffff:192.0.2.9", port: 1234 },
      local: { hostname: "::ffff:192.0.2.1", port: 80 },
    },
    {},
    { keepsMapped: true },
  );
  const { connection } = fixture;
  assertEquals(connection.remoteAddress, "::ffff:192.0.2.9");
  assertEquals(connection.localAddress, "::ffff:192.0.2.1");
});

Deno.test("Connection puts a split request together", async () => {
  using fixture = new Fixture({
    reads: ["GET / HTTP", "/1.1\r\nHost: local", "host\r\n\r\n", null],
  });
  assertEquals(await fixture.next(), "/");
  const { connection } = fixture;
  assertEquals([connection.state, connection.requestsServed], ["writing", 1]);
  assertEquals(connection.bytesIn, 35);
  assert(!connection.idle);
  assert(await fixture.answer("ok"));
  assertEquals(connection.state, "reading");
  assertEquals(await fixture.next(), undefined);
  assertEquals(fixture.ends, ["eof"]);
});

Deno.test("Connection reads pipelined requests however they arrive", async () => {
  const paths = ["/a", "/b", "/c", "/d"];
  const input = bytesOf(paths.map(GET).join(""));
  for (const { name, pieces } of feedings(input)) {
    using fixture = new Fixture({ reads: [...pieces, null] });
    const seen = [];
    for (let path; (path = await fixture.next()) !== undefined;) {
      seen.push(path);
      await fixture.answer(path);
    }
    assertEquals(seen, paths, name);
    assertEquals(fixture.socket.written, paths.join(""), name);
    assertEquals(fixture.connection.bytesIn, input.length, name);
    assertEquals(fixture.connection.bytesOut, 8, name);
  }
});

Deno.test("Connection takes a read of 0 bytes for what it is", async () => {
  using fixture = new Fixture({
    reads: [0, "GET / HTTP/1.1\r\n", 0, 0, "Host: a\r\n\r\n", 0, null],
  });
  assertEquals(await fixture.next(), "/");
  await fixture.answer("ok");
  assertEquals(await fixture.next(), undefined);
  assertEquals(fixture.ends, ["eof"]);
});

Deno.test("Connection grows its buffer up to the limit of heads", async () => {
  const long = "a".repeat(7000);
  const raw = `GET / HTTP/1.1\r\nA: ${long}\r\nB: ${long}\r\n\r\n`;
  using fixture = new Fixture({ reads: [bytesOf(raw), GET("/b"), null] });
  assertEquals(await fixture.next(), "/");
  assert(fixture.socket.readSizes[0]! <= 1024);
  assert(Math.max(...fixture.socket.readSizes) > 4000);
  await fixture.answer("ok");
  // The large buffer is given back while the connection is idle.
  assertEquals(await fixture.next(), "/b");
  assertEquals(fixture.connection.input.capacity, 1024);
});

Deno.test("Connection never reads more than a head may have", async () => {
  const limits = { ...DEFAULT_HEAD_LIMITS, lineBytes: 900, headBytes: 1500 };
  const field = `A: ${"b".repeat(700)}\r\n`;
  using fixture = new Fixture(
    { reads: [bytesOf(`GET / HTTP/1.1\r\n${field.repeat(100)}`)] },
    {},
    { limits },
  );
  const error = await assertRejects(() => fixture.next(), HttpError);
  assertEquals(error.status, 431);
  assert(fixture.connection.bytesIn <= 1501);
  assertEquals(fixture.ends, []);
});

Deno.test("Connection writes the rest after each short write", async () => {
  const text = "0123456789".repeat(100);
  for (const writes of [[1], [0, 3, 0, 0, 7], [999], [500, 0], [1, 1, 1, 1]]) {
    using fixture = new Fixture({ reads: [GET("/")], writes });
    await fixture.next();
    assert(await fixture.answer(text));
    assertEquals(fixture.socket.written, text, String(writes));
    assertEquals(fixture.connection.bytesOut, 1000);
  }
});

Deno.test("Connection.queue() gathers answers in order", async () => {
  using fixture = new Fixture({ writes: [3, 0, 2] });
  const { connection, socket } = fixture;
  for (const text of ["one,", "two,", "three,"]) {
    assert(connection.queue(bytesOf(text)));
  }
  assert(connection.hasQueued);
  assertEquals(socket.calls.write, 0);
  assert(await connection.write(bytesOf("four")));
  assertEquals(socket.written, "one,two,three,four");
  assert(!connection.hasQueued);
  assert(connection.queue(bytesOf(",five")));
  assert(await connection.flush());
  assertEquals(socket.written, "one,two,three,four,five");
});

Deno.test("Connection.queue() is bounded", () => {
  using fixture = new Fixture();
  const piece = new Uint8Array(10_000);
  let queued = 0;
  while (queued < 100 && fixture.connection.queue(piece)) queued++;
  assertEquals(queued, 6);
});

Deno.test("Connection.fillBody() sends queued answers first", async () => {
  using fixture = new Fixture({ reads: ["body"] });
  fixture.connection.queue(bytesOf("earlier answer"));
  assert(await fixture.connection.fillBody());
  assertEquals(fixture.socket.written, "earlier answer");
  assertEquals(fixture.connection.answered, false);
});

Deno.test("Connection tells the ends of reading apart", async () => {
  const rows: [(string | Error | null)[], string, unknown][] = [
    [[null], "eof", undefined],
    [["\r\n", null], "eof", undefined],
    [["GET / HT", null], "premature_eof", undefined],
    [[new Deno.errors.ConnectionReset()], "reset", undefined],
    [["GET /", new Deno.errors.ConnectionReset()], "reset", undefined],
    [[new Deno.errors.ConnectionAborted()], "reset", undefined],
    [[new Deno.errors.NotConnected()], "broken_pipe", undefined],
    [[new TypeError("bad")], "error", "bad"],
  ];
  for (const [reads, reason, message] of rows) {
    using fixture = new Fixture({ reads });
    assertEquals(await fixture.next(), undefined, reason);
    assertEquals(fixture.ends, [reason]);
    assertEquals((fixture.errors[0] as Error | undefined)?.message, message);
    const { connection, socket } = fixture;
    assertEquals(connection.state, reason === "error" ? "error" : "closed");
    assertEquals([socket.closed, fixture.sweep.size], [true, 0], reason);
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
    using fixture = new Fixture({ reads: [GET("/")], writes: [2, error] });
    await fixture.next();
    assertEquals(await fixture.answer("answer"), false);
    assertEquals(fixture.ends, [reason]);
    assertEquals(fixture.socket.written, "an");
    assertEquals(fixture.connection.bytesOut, 2);
    // It stays ended, whatever is asked of it.
    assertEquals(await fixture.connection.write(bytesOf("x")), false);
    assertEquals(await fixture.fill(), false);
    fixture.connection.end("done");
    assertEquals([fixture.ends.length, fixture.socket.calls.close], [1, 1]);
  }
});

Deno.test("Connection.end() wakes what is pending", async () => {
  using reading = new Fixture();
  const filled = reading.fill();
  reading.connection.end("evicted");
  assertEquals(await filled, false);
  assertEquals(reading.ends, ["evicted"]);
  using writing = new Fixture({ reads: [GET("/")], writes: ["stall"] });
  await writing.next();
  const answered = writing.answer("x");
  await Promise.resolve();
  writing.connection.end("evicted");
  assertEquals(await answered, false);
  assertEquals(writing.ends, ["evicted"]);
});

Deno.test("Connection.linger() lets the client see the answer", async () => {
  using fixture = new Fixture({ reads: [GET("/"), "more", 0, "more", null] });
  await fixture.next();
  await fixture.connection.write(bytesOf("answer"));
  await fixture.connection.linger();
  assertEquals(fixture.ends, ["done"]);
  assert(fixture.socket.writeClosed && fixture.socket.closed);
  assertEquals(fixture.socket.written, "answer");
  assertEquals(fixture.connection.bytesIn, GET("/").length + 8);
});

Deno.test("Connection.linger() ends when the client is gone", async () => {
  using fixture = new Fixture({ reads: [new Deno.errors.ConnectionReset()] });
  await fixture.connection.linger();
  assertEquals(fixture.ends, ["done"]);
  await fixture.connection.linger();
  assertEquals(fixture.socket.calls.closeWrite, 1);
});

Deno.test("Connection.leave() sends what was queued before it ends", async () => {
  for (const reason of ["done", "error"] as const) {
    using fixture = new Fixture({ reads: [GET("/"), "more", null] });
    await fixture.next();
    fixture.connection.queue(bytesOf("first,"));
    fixture.connection.queue(bytesOf("second"));
    assertEquals(await fixture.connection.leave(reason), false);
    assertEquals(fixture.socket.written, "first,second");
    assertEquals([fixture.ends, fixture.socket.writeClosed], [[reason], true]);
  }
});

Deno.test("Connection.leave() does not linger when nothing was queued", async () => {
  using fixture = new Fixture({ reads: [GET("/"), "more", null] });
  await fixture.next();
  await fixture.connection.leave("done");
  assertEquals([fixture.ends, fixture.socket.writeClosed], [["done"], false]);
});

Deno.test("Connection.renew() makes room for larger heads at once", async () => {
  const long = "x".repeat(3000);
  using fixture = new Fixture(
    { reads: [GET("/"), GET(`/${long}`)] },
    {},
    { limits: { ...DEFAULT_HEAD_LIMITS, lineBytes: 100, headBytes: 200 } },
  );
  const { connection } = fixture;
  assertEquals(await fixture.next(), "/");
  connection.renew(DEFAULT_HEAD_LIMITS, connection.timeouts);
  await fixture.answer("ok");
  assertEquals(await fixture.next(), `/${long}`);
  assert(fixture.socket.readSizes.every((size) => size > 0));
});

Deno.test("Connection.renew() leaves a head that has begun to its limits", async () => {
  using fixture = new Fixture({ reads: ["GET /"] });
  const { connection } = fixture;
  await fixture.fill();
  assertEquals(connection.parseRequest(), undefined);
  connection.renew(
    { ...DEFAULT_HEAD_LIMITS, lineBytes: 10, headBytes: 10 },
    connection.timeouts,
  );
  fixture.socket.push("long/enough HTTP/1.1\r\nHost: a\r\n\r\n", GET("/b"));
  assertEquals(await fixture.next(), "/long/enough");
  await fixture.answer("ok");
  await assertRejects(() => fixture.next(), HttpError);
});

Deno.test("Connection can refuse what it cannot parse", async () => {
  using fixture = new Fixture({ reads: ["GET / HTTP/1.1\r\nA : b\r\n\r\n"] });
  await assertRejects(() => fixture.next(), HttpError);
  const { connection } = fixture;
  const [start, end] = connection.partialLine();
  assertEquals(
    new TextDecoder().decode(connection.input.bytes.subarray(start, end)),
    "GET / HTTP/1.1",
  );
  connection.beginErrorAnswer();
  assertEquals([connection.state, connection.requestsServed], ["writing", 1]);
  // A request that timed out while it was refused is still one request.
  connection.beginErrorAnswer();
  assertEquals(connection.requestsServed, 1);
});

Deno.test("Connection keeps its head when another one ends", async () => {
  // Parsers are used again; a head must not be overwritten meanwhile.
  using first = new Fixture({
    reads: ["GET /1 HTTP/1.1\r\nHost: a\r\nReferer: mine\r\n\r\n"],
  });
  await first.fill();
  const head = first.connection.parseRequest()!;
  first.connection.end("reset");
  using second = new Fixture({
    reads: [`GET /2 HTTP/1.1\r\nReferer: ${"x".repeat(30)}\r\n\r\n`],
  });
  assertEquals(await second.next(), "/2");
  assertEquals(head.first(Field.Referer), "mine");
  assertEquals(head.line, "GET /1 HTTP/1.1");
});

Deno.test("Connection.writeInterim() is no answer", async () => {
  using fixture = new Fixture({ reads: [GET("/")] });
  await fixture.next();
  await fixture.connection.writeInterim(bytesOf("100"));
  assertEquals(fixture.connection.answered, false);
  await fixture.connection.write(bytesOf("200"));
  assertEquals(fixture.connection.answered, true);
  assertEquals(fixture.socket.written, "100200");
});
