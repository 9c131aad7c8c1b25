import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import type { Framing } from "../../src/http/framing.ts";
import type { ConnectionTimeouts } from "../../src/net/connection_options.ts";
import { RequestBody } from "../../src/net/request_body.ts";
import type { ReadStep } from "../support/fake_socket.ts";
import { feedings } from "../support/feeder.ts";
import { bytesOf, textOf } from "../support/latin1.ts";
import { Fixture } from "./connection_support.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: a\r\n\r\n";
const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED = { kind: "chunked" } as const;
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

type BodyFraming = Exclude<Framing, { kind: "none" }>;

async function begin(
  reads: readonly ReadStep[],
  framing: BodyFraming,
  { maxBytes = 0, expectsContinue = false } = {},
  timeouts: Partial<ConnectionTimeouts> = {},
) {
  const fixture = new Fixture({ reads }, timeouts);
  await fixture.next();
  const { connection } = fixture;
  const expectation = expectsContinue ? "continue" : "none";
  const body = new RequestBody(connection, framing, expectation);
  assertEquals(body.admit(maxBytes), undefined);
  return { fixture, body };
}

async function contentOf(body: RequestBody): Promise<string> {
  let content = "";
  for (let piece; (piece = await body.read()) !== undefined;) {
    content += textOf(piece);
  }
  return content;
}

Deno.test("RequestBody ends where its framing says", async () => {
  const rows: [BodyFraming, string][] = [
    [{ kind: "length", length: 9 }, "some body"],
    [CHUNKED, "4\r\nsome\r\n5; x\r\n body\r\n0\r\nA: b\r\n\r\n"],
  ];
  for (const [framing, raw] of rows) {
    for (const { name, pieces } of feedings(bytesOf(HEAD + raw + NEXT))) {
      const { fixture, body } = await begin([...pieces, null], framing);
      using _ = fixture;
      assert(!body.done, name);
      assertEquals(await contentOf(body), "some body", name);
      assertEquals([body.done, body.received], [true, 9], name);
      await fixture.answer("ok");
      // What follows is the next request, whole.
      assertEquals(await fixture.next(), "/next", name);
    }
  }
});

Deno.test("RequestBody.discard() leaves the next request in place", async () => {
  const { fixture, body } = await begin(
    [`${HEAD}abc`, "de", `f${NEXT}`],
    { kind: "length", length: 6 },
  );
  using _ = fixture;
  assertEquals(await body.discard(), "whole");
  await fixture.answer("ok");
  assertEquals(await fixture.next(), "/next");
});

Deno.test("RequestBody says when the client goes away", async () => {
  const rows: [ReadStep[], string][] = [
    [[`${HEAD}abc`, null], "premature_eof"],
    [[HEAD, null], "premature_eof"],
    [[`${HEAD}abc`, new Deno.errors.ConnectionReset()], "reset"],
  ];
  for (const [reads, reason] of rows) {
    const { fixture, body } = await begin(reads, { kind: "length", length: 6 });
    assertEquals(await body.discard(), "lost");
    assertEquals([body.done, fixture.ends], [false, [reason]]);
  }
});

Deno.test("RequestBody is held to what each location on the way allows", async () => {
  const rows: [length: number, limits: number[], statuses: number[]][] = [
    [6, [5], [413]],
    [5, [5], [0]],
    [6, [0], [0]],
    [6, [10, 5], [0, 413]],
    // What stands in for a refusal is not refused too.
    [6, [5, 5, 4], [413, 0, 0]],
  ];
  for (const [length, limits, statuses] of rows) {
    const { fixture, body } = await begin([HEAD], { kind: "length", length });
    using _ = fixture;
    const found = limits.map((limit) => body.admit(limit));
    assertEquals(found.map((error) => error?.status ?? 0), statuses);
    assert(found.every((error) => error?.close !== false));
    assertEquals(fixture.socket.calls.read, 1, "before reading");
  }
});

Deno.test("RequestBody holds chunks to the least of all limits", async () => {
  const raw = "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
  for (const [limits, refused] of [[[5, 9], true], [[9, 0, 6], false]]) {
    const { fixture, body } = await begin([HEAD + raw], CHUNKED);
    using _ = fixture;
    for (const limit of limits as number[]) {
      assertEquals(body.admit(limit), undefined);
    }
    if (refused) await assertRejects(() => body.discard(), HttpError);
    else assertEquals(await body.discard(), "whole");
  }
});

Deno.test("RequestBody refuses what nobody can expect, body or not", async () => {
  const framings: Framing[] = [{ kind: "none" }, CHUNKED];
  for (const framing of framings) {
    using fixture = new Fixture({ reads: [HEAD] });
    await fixture.next();
    const body = new RequestBody(fixture.connection, framing, "unknown");
    assertEquals(body.admit(0)?.status, 417);
    assertEquals(body.admit(0), undefined);
    assertEquals(body.done, framing.kind === "none");
  }
});

Deno.test("RequestBody waits for a dribbled body until lingering_time is over", async () => {
  const { fixture, body } = await begin(
    [HEAD],
    { kind: "length", length: 1000 },
    {},
    { lingeringTimeMs: 60, bodyMs: 10_000 },
  );
  using _ = fixture;
  const dribble = setInterval(() => fixture.socket.push("x"), 5);
  try {
    assertEquals(await body.discard(), "late");
  } finally {
    clearInterval(dribble);
  }
  assert(body.received > 1 && body.received < 1000);
  assertEquals(fixture.ends, []);
});

Deno.test("RequestBody lets others come first, however small the chunks are", async () => {
  const portion = bytesOf("1\r\nx\r\n".repeat(5000));
  const reads: ReadStep[] = Array.from({ length: 200 }, () => portion);
  const { fixture, body } = await begin(
    [HEAD, ...reads, "0\r\n\r\n"],
    CHUNKED,
  );
  using _ = fixture;
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const beganAt = performance.now();
  assertEquals(await body.discard(), "whole");
  const took = performance.now() - beganAt;
  clearInterval(others);
  assertEquals(body.received, 1_000_000);
  assert(turns >= took / 50, `${turns} turns in ${took} ms`);
});

Deno.test("RequestBody refuses chunks at the limit", async () => {
  const raw = "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
  for (const [maxBytes, refused] of [[5, true], [6, false], [0, false]]) {
    const { fixture, body } = await begin([HEAD + raw], CHUNKED, {
      maxBytes: maxBytes as number,
    });
    using _ = fixture;
    if (!refused) assertEquals(await body.discard(), "whole");
    else {
      const error = await assertRejects(() => body.discard(), HttpError);
      assertEquals([error.status, error.close], [413, true]);
    }
  }
});

Deno.test("RequestBody refuses broken chunks", async () => {
  const { fixture, body } = await begin([`${HEAD}x\r\n`], CHUNKED);
  using _ = fixture;
  const error = await assertRejects(() => body.read(), HttpError);
  assertEquals([error.status, error.close], [400, true]);
});

Deno.test("RequestBody asks for a body once, when it is wanted", async () => {
  const { fixture, body } = await begin(
    [HEAD],
    { kind: "length", length: 2 },
    { expectsContinue: true },
  );
  using _ = fixture;
  const { socket } = fixture;
  assert(body.awaitsContinue);
  assertEquals(socket.written, "");
  const content = contentOf(body);
  await Promise.resolve();
  socket.push("a");
  socket.push("b");
  assertEquals(await content, "ab");
  assertEquals(socket.written, CONTINUE);
  assertEquals(fixture.connection.answered, false);
  assert(!body.awaitsContinue);
});

Deno.test("RequestBody does not ask for what is there already", async () => {
  const { fixture, body } = await begin(
    [`${HEAD}ab`],
    { kind: "length", length: 2 },
    { expectsContinue: true },
  );
  using _ = fixture;
  assert(!body.awaitsContinue);
  assertEquals(await contentOf(body), "ab");
  assertEquals(fixture.socket.written, "");
});

Deno.test("RequestBody reads no more than its consumer asks for", async () => {
  const { fixture, body } = await begin(
    [HEAD, "aa", "bb", "cc"],
    { kind: "length", length: 6 },
  );
  using _ = fixture;
  const reads = fixture.socket.calls.read;
  assertEquals(textOf((await body.read())!), "aa");
  assertEquals(fixture.socket.calls.read, reads + 1);
  assertEquals(textOf((await body.read())!), "bb");
  assertEquals(fixture.socket.calls.read, reads + 2);
});
