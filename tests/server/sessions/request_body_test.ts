import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import type { Framing } from "../../../src/http/http1/framing.ts";
import type { ConnectionTimeouts } from "../../../src/net/connection_options.ts";
import {
  type Expectation,
  RequestBody,
} from "../../../src/server/sessions/request_body.ts";
import { Fixture } from "../../net/connection_support.ts";
import type { ReadStep } from "../../support/fake_transport.ts";
import { feedings } from "../../support/feeder.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED = { kind: "chunked" } as const;
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

type BodyFraming = Exclude<Framing, { kind: "none" }>;

function bodyOn(
  { connection }: Fixture,
  framing: Framing,
  expectation: Expectation = "none",
): RequestBody {
  return new RequestBody(framing, expectation, {
    input: connection.input,
    now: () => connection.lastActivityAt,
    discardUntil: () => performance.now() + connection.timeouts.lingeringTimeMs,
    fill: (until) =>
      until === undefined
        ? connection.fill("body")
        : connection.fillToDrop(until),
    write: (bytes) => connection.write(bytes),
  });
}

/** A body whose bytes come as `reads`. */
function begin(
  reads: readonly ReadStep[],
  framing: BodyFraming,
  { maxBytes = 0, expectsContinue = false } = {},
  timeouts: Partial<ConnectionTimeouts> = {},
) {
  const fixture = new Fixture({ reads }, timeouts);
  const body = bodyOn(fixture, framing, expectsContinue ? "continue" : "none");
  assertEquals(body.admit(maxBytes), undefined);
  return { fixture, body };
}

/** What follows the body on its connection. */
async function restOf(fixture: Fixture): Promise<string> {
  while (await fixture.connection.fill("head"));
  return fixture.unread;
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
    for (const { name, pieces } of feedings(bytesOf(raw + NEXT))) {
      const { fixture, body } = begin([...pieces, null], framing);
      using _ = fixture;
      assert(!body.done, name);
      assertEquals(await contentOf(body), "some body", name);
      assertEquals([body.done, body.received], [true, 9], name);
      assertEquals(await restOf(fixture), NEXT, name);
    }
  }
});

Deno.test("RequestBody.discard() leaves the next request in place", async () => {
  const { fixture, body } = begin(
    ["abc", "de", `f${NEXT}`, null],
    { kind: "length", length: 6 },
  );
  using _ = fixture;
  assertEquals(await body.discard(), "whole");
  assertEquals(await restOf(fixture), NEXT);
});

Deno.test("RequestBody says when the client goes away", async () => {
  const rows: [ReadStep[], string][] = [
    [["abc", null], "done"],
    [[null], "done"],
    [["abc", new Deno.errors.ConnectionReset()], "reset"],
  ];
  for (const [reads, reason] of rows) {
    const { fixture, body } = begin(reads, { kind: "length", length: 6 });
    assertEquals(await body.discard(), "lost");
    assertEquals([body.done, fixture.ends], [false, [reason]]);
  }
});

Deno.test("RequestBody is held to what each location on the way allows", () => {
  const rows: [length: number, limits: number[], statuses: number[]][] = [
    [6, [5], [413]],
    [5, [5], [0]],
    [6, [0], [0]],
    [6, [10, 5], [0, 413]],
    // What stands in for a refusal is not refused too.
    [6, [5, 5, 4], [413, 0, 0]],
  ];
  for (const [length, limits, statuses] of rows) {
    const { fixture, body } = begin([], { kind: "length", length });
    using _ = fixture;
    const found = limits.map((limit) => body.admit(limit));
    assertEquals(found.map((error) => error?.status ?? 0), statuses);
    assert(found.every((error) => error?.close !== false));
    assertEquals(fixture.transport.calls.read, 0, "before reading");
  }
});

Deno.test("RequestBody holds chunks to the least of all limits", async () => {
  const raw = "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
  for (const [limits, refused] of [[[5, 9], true], [[9, 0, 6], false]]) {
    const { fixture, body } = begin([raw], CHUNKED);
    using _ = fixture;
    for (const limit of limits as number[]) {
      assertEquals(body.admit(limit), undefined);
    }
    if (refused) await assertRejects(() => body.discard(), HttpError);
    else assertEquals(await body.discard(), "whole");
  }
});

Deno.test("RequestBody refuses what nobody can expect, body or not", () => {
  const framings: Framing[] = [{ kind: "none" }, CHUNKED];
  for (const framing of framings) {
    using fixture = new Fixture();
    const body = bodyOn(fixture, framing, "unknown");
    assertEquals(body.admit(0)?.status, 417);
    assertEquals(body.admit(0), undefined);
    assertEquals(body.done, framing.kind === "none");
  }
});

Deno.test("RequestBody waits for a dribbled body until lingering_time is over", async () => {
  const { fixture, body } = begin(
    [],
    { kind: "length", length: 1000 },
    {},
    { lingeringTimeMs: 60, bodyMs: 10_000 },
  );
  using _ = fixture;
  const dribble = setInterval(() => fixture.transport.push("x"), 5);
  try {
    assertNotEquals(await body.discard(), "whole");
  } finally {
    clearInterval(dribble);
  }
  assert(body.received > 1 && body.received < 1000);
});

Deno.test("RequestBody lets others come first, however small the chunks are", async () => {
  const portion = bytesOf("1\r\nx\r\n".repeat(5000));
  const reads: ReadStep[] = Array.from({ length: 200 }, () => portion);
  const { fixture, body } = begin(
    [...reads, "0\r\n\r\n"],
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
    const { fixture, body } = begin([raw], CHUNKED, {
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
  const { fixture, body } = begin(["x\r\n"], CHUNKED);
  using _ = fixture;
  const error = await assertRejects(() => body.read(), HttpError);
  assertEquals([error.status, error.close], [400, true]);
});

Deno.test("RequestBody asks for a body once, when it is wanted", async () => {
  const { fixture, body } = begin(
    [],
    { kind: "length", length: 2 },
    { expectsContinue: true },
  );
  using _ = fixture;
  const { transport } = fixture;
  assert(body.awaitsContinue);
  assertEquals(transport.written, "");
  const content = contentOf(body);
  await Promise.resolve();
  transport.push("a");
  transport.push("b");
  assertEquals(await content, "ab");
  assertEquals(transport.written, CONTINUE);
  assert(!body.awaitsContinue);
});

Deno.test("RequestBody does not ask for what is there already", async () => {
  const { fixture, body } = begin(
    ["ab"],
    { kind: "length", length: 2 },
    { expectsContinue: true },
  );
  using _ = fixture;
  await fixture.connection.fill("head");
  assert(!body.awaitsContinue);
  assertEquals(await contentOf(body), "ab");
  assertEquals(fixture.transport.written, "");
});

Deno.test("RequestBody reads no more than its consumer asks for", async () => {
  const { fixture, body } = begin(
    ["aa", "bb", "cc"],
    { kind: "length", length: 6 },
  );
  using _ = fixture;
  const reads = fixture.transport.calls.read;
  assertEquals(textOf((await body.read())!), "aa");
  assertEquals(fixture.transport.calls.read, reads + 1);
  assertEquals(textOf((await body.read())!), "bb");
  assertEquals(fixture.transport.calls.read, reads + 2);
});
