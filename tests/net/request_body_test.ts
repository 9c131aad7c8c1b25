import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import type { Framing } from "../../src/http/framing.ts";
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
) {
  const fixture = new Fixture({ reads });
  await fixture.next();
  const { connection } = fixture;
  const body = new RequestBody(connection, framing, {
    maxBytes,
    expectsContinue,
  });
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
  assert(await body.discard());
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
    assertEquals(await body.discard(), false);
    assertEquals([body.done, fixture.ends], [false, [reason]]);
  }
});

Deno.test("RequestBody refuses a declared length above the limit", async () => {
  for (const [length, maxBytes, refused] of [[6, 5, true], [5, 5, false]]) {
    using fixture = new Fixture({ reads: [HEAD] });
    await fixture.next();
    const make = () =>
      new RequestBody(
        fixture.connection,
        { kind: "length", length: length as number },
        { maxBytes: maxBytes as number, expectsContinue: false },
      );
    if (!refused) make();
    else {
      const error = assertThrows(make, HttpError);
      assertEquals([error.status, error.close], [413, true]);
    }
    assertEquals(fixture.socket.calls.read, 1, "before reading");
  }
});

Deno.test("RequestBody refuses chunks at the limit", async () => {
  const raw = "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
  for (const [maxBytes, refused] of [[5, true], [6, false], [0, false]]) {
    const { fixture, body } = await begin([HEAD + raw], CHUNKED, {
      maxBytes: maxBytes as number,
    });
    using _ = fixture;
    if (!refused) assert(await body.discard());
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
