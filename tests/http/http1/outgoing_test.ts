import type { HttpVersion } from "../../../src/http/request_head.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Outgoing } from "../../../src/http/http1/outgoing.ts";
import {
  FORM_COPIES,
  OUTPUT_MEMORY,
} from "../../../src/http/http1/output_memory.ts";
import { KeptPart } from "../../../src/http/kept_bytes.ts";
import { Representation } from "../../../src/http/representation.ts";
import {
  type BodySource,
  HeaderList,
  HttpResponse,
  type ResponseBody,
} from "../../../src/http/response.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const CONTEXT = {
  version: "1.1",
  isHead: false,
  persistent: true,
  date: "Fri, 27 Nov 2026 12:00:00 GMT",
  server: "",
  keepAlive: "",
  gathers: false,
  takesKept: false,
} as const;

class TestSource implements BodySource {
  closed = 0;
  readonly length: number | undefined;
  readonly readAll?: (target: Uint8Array) => void;

  constructor(
    length: number | undefined,
    readAll?: (target: Uint8Array) => void,
  ) {
    this.length = length;
    if (readAll !== undefined) this.readAll = readAll;
  }

  pull(): undefined {}

  close(): void {
    this.closed++;
  }
}

function respond(
  body: ResponseBody,
  { status = 200 } = {},
): HttpResponse {
  return new HttpResponse(status, {
    headers: new HeaderList([["X", "y"]]),
    body,
  });
}

Deno.test("Outgoing joins small bodies with their head", () => {
  const rows: [ResponseBody, string][] = [
    [undefined, ""],
    [bytesOf("small"), "small"],
    [new TestSource(4, (target) => target.set(bytesOf("file"))), "file"],
    [
      {
        length: 6,
        open: () =>
          new TestSource(6, (target) => target.set(bytesOf("opened"))),
      },
      "opened",
    ],
    [bytesOf("x".repeat(64 * 1024)), "x".repeat(64 * 1024)],
  ];
  for (const [body, text] of rows) {
    for (const gathers of [false, true]) {
      const outgoing = new Outgoing();
      outgoing.encode(respond(body), { ...CONTEXT, gathers });
      const { bytes, headLength, bodyLength, source } = outgoing;
      assertEquals(source, undefined);
      assertEquals(textOf(bytes.subarray(headLength)), text);
      assertEquals(bodyLength, text.length);
      assert(textOf(bytes.subarray(0, headLength)).endsWith("\r\n\r\n"));
      outgoing.release();
    }
  }
});

Deno.test("Outgoing gives large and unknown bodies as sources", () => {
  const rows: [ResponseBody, HttpVersion, string][] = [
    [new Uint8Array(64 * 1024 + 1), "1.1", "length"],
    [new TestSource(10), "1.1", "length"],
    [new TestSource(undefined), "1.1", "chunked"],
    [new TestSource(undefined), "1.0", "close"],
  ];
  for (const [body, version, framing] of rows) {
    const outgoing = new Outgoing();
    outgoing.encode(respond(body), { ...CONTEXT, version });
    assertEquals(outgoing.framing, framing);
    assertEquals(outgoing.bodyLength, 0);
    assert(outgoing.source !== undefined);
    outgoing.release();
    if (body instanceof TestSource) assertEquals(body.closed, 1);
    assertEquals(outgoing.source, undefined);
  }
});

Deno.test("Outgoing gives a part of a kept body as a source to who may have a copy", async () => {
  const body = bytesOf("0123456789".repeat(10));
  for (const takesKept of [false, true]) {
    for (const gathers of [false, true]) {
      const outgoing = new Outgoing();
      const part = new KeptPart(body, 10, 40);
      outgoing.encode(respond(part), { ...CONTEXT, takesKept, gathers });
      const { bytes, headLength, source, follows } = outgoing;
      const isApart = takesKept && !gathers;
      assertEquals([source !== undefined, follows], [isApart, isApart]);
      const sent = source === undefined
        ? bytes.subarray(headLength)
        : await source.pull();
      assertEquals(textOf(sent!), "0123456789".repeat(3));
      assertEquals(
        source?.kept,
        isApart ? { from: 0, body, at: 10 } : undefined,
      );
      outgoing.release();
    }
  }
});

Deno.test("Outgoing writes the head of a last answer anew when its date has changed", () => {
  const shared = new Representation(respond(bytesOf("shared")));
  const last = { ...CONTEXT, persistent: false };
  const heads = [last, last, { ...last, date: "another day" }].map(
    (context) => {
      const outgoing = new Outgoing();
      outgoing.encode(shared, context);
      const text = textOf(outgoing.bytes);
      outgoing.release();
      return text;
    },
  );
  assertEquals(heads[0], heads[1]);
  assertEquals(heads[2], heads[0]!.replace(CONTEXT.date, "another day"));
  assert(heads[0]!.includes("Connection: close\r\n"));
  assert(heads[0]!.endsWith("\r\n\r\nshared"));
});

Deno.test("Outgoing holds the memory of a head until it is written, not longer", () => {
  const bytesFor = (fill: string) => {
    const outgoing = new Outgoing();
    const headers = new HeaderList([["X", fill]]);
    const body = new TestSource(undefined);
    outgoing.encode(new HttpResponse(200, { headers, body }), CONTEXT);
    return outgoing;
  };
  const one = bytesFor("one");
  const { buffer, byteOffset } = one.bytes;
  const isThere = ({ bytes }: Outgoing) =>
    bytes.buffer === buffer && bytes.byteOffset === byteOffset;
  const two = bytesFor("two");
  assert(!isThere(two));
  assertEquals(textOf(one.bytes).includes("X: one"), true);
  one.headWritten();
  assertEquals([one.bytes.length, one.source !== undefined], [0, true]);
  const three = bytesFor("three");
  assert(isThere(three));
  // Given back once, whatever comes behind that.
  one.release();
  const four = bytesFor("four");
  assert(!isThere(four));
  const large = bytesFor("x".repeat(20_000));
  assertEquals(large.bytes.length, large.headLength);
  for (const each of [two, three, four, large]) each.release();
});

Deno.test("Outgoing opens nothing for a HEAD or a status without a body", () => {
  for (const [isHead, status] of [[true, 200], [false, 304]] as const) {
    const source = new TestSource(10);
    const outgoing = new Outgoing();
    outgoing.encode(respond(source, { status }), { ...CONTEXT, isHead });
    assertEquals([outgoing.bodyLength, source.closed], [0, 1]);
  }
});

Deno.test("Outgoing gives the bytes of a representation to all", () => {
  const shared = new Representation(respond(bytesOf("shared")));
  const [one, two] = [new Outgoing(), new Outgoing()];
  one.encode(shared, CONTEXT);
  two.encode(shared, CONTEXT);
  assert(one.bytes === two.bytes);
  assertEquals(shared.encoded?.inFlight, 2);
  // What is being written is not patched with another date.
  const later = new Outgoing();
  later.encode(shared, { ...CONTEXT, date: "Fri, 27 Nov 2026 12:00:01 GMT" });
  assert(later.bytes !== one.bytes);
  assert(textOf(one.bytes).includes("12:00:00"));
  for (const outgoing of [one, two, later]) outgoing.release();
  assertEquals(shared.encoded?.inFlight, 0);
});

Deno.test("Outgoing lets go of what it holds when a body cannot be opened", () => {
  const source = new TestSource(4, () => {
    throw new Error("gone");
  });
  const outgoing = new Outgoing();
  assertThrows(() => outgoing.encode(respond(source), CONTEXT), Error, "gone");
  assertEquals(source.closed, 1);
  const closed = {
    length: 4,
    open(): BodySource {
      throw new Error("changed");
    },
  };
  assertThrows(
    () => outgoing.encode(respond(closed), CONTEXT),
    Error,
    "changed",
  );
});

Deno.test("Outgoing puts nothing together when that takes too much memory", () => {
  const left = OUTPUT_MEMORY.budget - OUTPUT_MEMORY.bytes;
  const body = bytesOf("x".repeat(30_000));
  const file = () => new TestSource(4, (target) => target.set(body));
  const apart = (response: HttpResponse, gathers: boolean) => {
    const outgoing = new Outgoing();
    outgoing.encode(response, { ...CONTEXT, gathers });
    const { source, bodyLength, framing } = outgoing;
    const pulled = source?.pull();
    outgoing.release();
    return [bodyLength, framing, pulled instanceof Uint8Array];
  };
  assert(OUTPUT_MEMORY.take(left));
  try {
    for (const gathers of [false, true]) {
      assertEquals(apart(respond(body), gathers), [0, "length", true]);
      const source = file();
      assertEquals(apart(respond(source), gathers), [0, "length", false]);
      assertEquals(source.closed, 1);
      // A small answer needs no more than every connection may have.
      const small = new Outgoing();
      small.encode(respond(bytesOf("small")), { ...CONTEXT, gathers });
      assertEquals([small.bodyLength, small.source], [5, undefined]);
      small.release();
    }
  } finally {
    OUTPUT_MEMORY.give(left);
  }
  const before = OUTPUT_MEMORY.bytes;
  const outgoing = new Outgoing();
  outgoing.encode(respond(body), CONTEXT);
  assert(OUTPUT_MEMORY.bytes >= before + body.length);
  outgoing.release();
  outgoing.release();
  assertEquals(OUTPUT_MEMORY.bytes, before);
});

Deno.test("Outgoing sends a representation from where it is when it may not be copied", () => {
  const { budget } = FORM_COPIES;
  const body = bytesOf("x".repeat(100_000));
  const shared = new Representation(respond(body));
  FORM_COPIES.budget = FORM_COPIES.bytes;
  try {
    const outgoing = new Outgoing();
    outgoing.encode(shared, CONTEXT);
    const piece = outgoing.source?.pull() as Uint8Array;
    assertEquals(piece.buffer, body.buffer);
    assertEquals(shared.encoded, undefined);
    outgoing.release();
  } finally {
    FORM_COPIES.budget = budget;
  }
});

Deno.test("Outgoing that was retired is for the next answer, and holds nothing", () => {
  const first = Outgoing.acquire();
  const source = new TestSource(undefined);
  first.encode(respond(source), { ...CONTEXT, version: "1.0" });
  first.retire();
  assertEquals(source.closed, 1);
  assertEquals([first.source, first.bytes.length], [undefined, 0]);
  const next = Outgoing.acquire();
  assert(next === first);
  assert(Outgoing.acquire() !== next);
});
