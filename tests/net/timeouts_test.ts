/** The deadlines of a connection, with a sweep that looks every 5 ms. */

import { assert, assertEquals } from "@std/assert";
import { bytesOf } from "../support/latin1.ts";
import { Fixture, pause, TIMEOUT_ANSWER } from "./connection_support.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Deno.test("a client that says nothing is closed silently", async () => {
  using fixture = new Fixture({}, { headerMs: 30 });
  assertEquals(await fixture.next(), undefined);
  assertEquals(fixture.ends, ["timeout"]);
  assertEquals([fixture.socket.written, fixture.timeouts], ["", 0]);
});

Deno.test("an idle connection is closed silently", async () => {
  using fixture = new Fixture({ reads: [GET] }, { keepaliveMs: 30 });
  assertEquals(await fixture.next(), "/");
  await fixture.answer("ok");
  assertEquals(await fixture.next(), undefined);
  assertEquals([fixture.ends, fixture.socket.written], [["timeout"], "ok"]);
});

Deno.test("a head that does not come in time is answered 408", async () => {
  for (const first of ["G", "GET / HTTP/1.1\r\n", `\r\n${GET.slice(0, -1)}`]) {
    using fixture = new Fixture({ reads: [first] }, { headerMs: 30 });
    assertEquals(await fixture.next(), undefined);
    await pause(5);
    assertEquals(fixture.ends, ["timeout"], first);
    assertEquals(fixture.socket.written, TIMEOUT_ANSWER);
    assert(fixture.socket.writeClosed && fixture.socket.closed);
    assertEquals(fixture.sweep.size, 0);
  }
});

Deno.test("a byte now and then does not stretch the head's deadline", async () => {
  using fixture = new Fixture({}, { headerMs: 80, keepaliveMs: 10_000 });
  const started = performance.now();
  let sent = 0;
  const dribble = setInterval(() => fixture.socket.push(GET[sent++]!), 10);
  assertEquals(await fixture.next(), undefined);
  clearInterval(dribble);
  const took = performance.now() - started;
  assert(took >= 75 && took < 2000, `${took} ms`);
  assert(sent < GET.length);
  await pause(5);
  assertEquals(fixture.socket.written, TIMEOUT_ANSWER);
});

Deno.test("the first head has its time from the accept on", async () => {
  using fixture = new Fixture({}, { headerMs: 300, keepaliveMs: 10_000 });
  const started = performance.now();
  const next = fixture.next();
  await pause(200);
  fixture.socket.push("GET");
  assertEquals(await next, undefined);
  const took = performance.now() - started;
  assert(took >= 295 && took < 480, `${took} ms`);
  await pause(5);
  assertEquals(fixture.socket.written, TIMEOUT_ANSWER);
});

Deno.test("empty lines do not put the end of an idle connection off", async () => {
  for (const line of ["\r\n", "\r"]) {
    using fixture = new Fixture(
      { reads: [GET] },
      { headerMs: 10_000, keepaliveMs: 300 },
    );
    await fixture.next();
    await fixture.answer("ok");
    const started = performance.now();
    const next = fixture.next();
    await pause(200);
    fixture.socket.push(line);
    assertEquals(await next, undefined);
    const took = performance.now() - started;
    assert(took >= 295 && took < 480, `${took} ms`);
    assertEquals(fixture.connection.timedOut, "idle");
    assertEquals(fixture.socket.written, "ok");
  }
});

Deno.test("the head of a later request has the same deadline", async () => {
  using fixture = new Fixture(
    { reads: [`${GET}GET /b`] },
    { headerMs: 30, keepaliveMs: 10_000 },
  );
  await fixture.next();
  await fixture.answer("ok,");
  assertEquals(await fixture.next(), undefined);
  await pause(5);
  assertEquals(fixture.socket.written, `ok,${TIMEOUT_ANSWER}`);
});

Deno.test("a body that pauses is answered 408", async () => {
  using fixture = new Fixture({ reads: [GET] }, { bodyMs: 30 });
  await fixture.next();
  assertEquals(fixture.connection.deadline, "none");
  assertEquals(await fixture.connection.fillBody(), false);
  await pause(5);
  assertEquals([fixture.ends, fixture.timeouts], [["timeout"], 1]);
  assertEquals(fixture.socket.written, TIMEOUT_ANSWER);
});

Deno.test("progress renews the deadline between two pieces of a body", async () => {
  using fixture = new Fixture({ reads: [GET] }, { bodyMs: 60 });
  await fixture.next();
  for (let i = 0; i < 5; i++) {
    setTimeout(() => fixture.socket.push("x"), 30);
    assert(await fixture.connection.fillBody());
    fixture.connection.input.consume(1);
  }
  assertEquals(fixture.ends, []);
});

Deno.test("a body that pauses after the answer is not answered again", async () => {
  using fixture = new Fixture({ reads: [GET] }, { bodyMs: 30 });
  await fixture.next();
  await fixture.connection.write(bytesOf("answer"));
  assertEquals(await fixture.connection.fillBody(), false);
  assertEquals([fixture.ends, fixture.timeouts], [["timeout"], 0]);
  assertEquals(fixture.socket.written, "answer");
});

Deno.test("a client that does not read is closed", async () => {
  using fixture = new Fixture(
    { reads: [GET], writes: [2, "stall"] },
    { sendMs: 30 },
  );
  await fixture.next();
  assertEquals(await fixture.answer("answer"), false);
  assertEquals(fixture.ends, ["timeout"]);
  assertEquals(fixture.socket.written, "an");
});

Deno.test("lingering ends in its time", async () => {
  using quiet = new Fixture({}, { lingeringMs: 30 });
  await quiet.connection.linger();
  assertEquals(quiet.ends, ["done"]);
  using busy = new Fixture({}, { lingeringTimeMs: 50, lingeringMs: 1000 });
  const feeding = setInterval(() => busy.socket.push("x"), 5);
  await busy.connection.linger();
  clearInterval(feeding);
  assertEquals(busy.ends, ["done"]);
});

Deno.test("the deadline is the one of what is waited for", async () => {
  using fixture = new Fixture({ reads: ["GET /", GET.slice(5)] }, {
    headerMs: 1000,
    bodyMs: 2000,
    sendMs: 3000,
    keepaliveMs: 4000,
  });
  const { connection, socket } = fixture;
  const left = () =>
    Math.round((connection.deadlineAt - performance.now()) / 1000);
  assertEquals([connection.deadline, left()], ["connect", 1]);
  await fixture.fill();
  assertEquals(connection.parseRequest(), undefined);
  const filled = fixture.fill();
  assertEquals([connection.deadline, left()], ["head", 1]);
  await filled;
  connection.parseRequest();
  assertEquals([connection.deadline, left()], ["none", Infinity]);
  const body = connection.fillBody();
  assertEquals([connection.deadline, left()], ["body", 2]);
  socket.push("b");
  await body;
  connection.input.consume(1);
  const written = connection.write(bytesOf("ok"));
  assertEquals([connection.deadline, left()], ["send", 3]);
  await written;
  connection.finishExchange();
  const idle = fixture.fill();
  assertEquals([connection.deadline, left()], ["idle", 4]);
  assert(connection.idle);
  connection.end("done");
  await idle;
});

Deno.test("a deadline of 0 is none", async () => {
  using fixture = new Fixture();
  const filled = fixture.fill();
  await pause(30);
  assertEquals(fixture.ends, []);
  fixture.socket.push(null);
  assertEquals(await filled, false);
});
