import { assertEquals, assertRejects } from "@std/assert";
import { MadeBody, PieceGatherer } from "../../../src/files/body/made_body.ts";
import type { BodySource } from "../../../src/http/response.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

/** A body of some pieces that counts what is done to it. */
class Pieces implements BodySource {
  readonly length = undefined;
  readonly limits: (number | undefined)[] = [];
  closed = 0;
  readonly #pieces: string[];

  constructor(...pieces: string[]) {
    this.#pieces = pieces;
  }

  pull(limit?: number): Uint8Array | undefined {
    this.limits.push(limit);
    const piece = this.#pieces.shift();
    if (piece === "!") throw new Error("broken");
    return piece === undefined ? undefined : bytesOf(piece);
  }

  close(): void {
    this.closed++;
  }
}

/** A body of these, one behind the other. */
function inRow(...parts: Pieces[]): MadeBody {
  return new MadeBody(parts[0], async function* (body) {
    for (const part of parts) yield* body.read(part);
  });
}

async function textOfSource(source: BodySource): Promise<string> {
  let text = "";
  for (let piece; (piece = await source.pull(7)) !== undefined;) {
    text += textOf(piece);
  }
  return text;
}

Deno.test("what is read is closed behind its last piece, and once", async () => {
  const parts = [new Pieces("a", "b"), new Pieces(), new Pieces("c")];
  const body = inRow(...parts);
  assertEquals(await textOfSource(body), "abc");
  assertEquals(await body.pull(), undefined);
  assertEquals(parts.map(({ closed }) => closed), [1, 1, 1]);
  body.close();
  assertEquals(parts.map(({ closed }) => closed), [1, 1, 1]);
});

Deno.test("what is read comes in large pieces, however little is asked for", async () => {
  const rows: [asked: number | undefined, limit: number | undefined][] = [
    [undefined, undefined],
    [1, 16_384],
    [7, 16_384],
    [16_385, 16_385],
    [Infinity, Infinity],
  ];
  for (const [asked, limit] of rows) {
    const part = new Pieces("a", "b");
    const body = inRow(part);
    for (let piece; (piece = await body.pull(asked)) !== undefined;) {
      assertEquals(piece.length, 1);
    }
    assertEquals(part.limits, [limit, limit, limit], `${asked}`);
  }
});

Deno.test("a body that is closed early closes what it reads, and opens no more", async () => {
  const parts = [new Pieces("a", "b"), new Pieces("c")];
  const body = inRow(...parts);
  assertEquals(textOf((await body.pull())!), "a");
  body.close();
  assertEquals(parts.map(({ closed }) => closed), [1, 0]);
});

Deno.test("a body that nobody asks for is closed and not read", () => {
  const part = new Pieces("a");
  inRow(part).close();
  assertEquals([part.closed, part.limits.length], [1, 0]);
});

Deno.test("who is late is let go of", async () => {
  const late = new Pieces("x");
  const waiting = Promise.withResolvers<void>();
  const body = new MadeBody(undefined, async function* (made) {
    await waiting.promise;
    yield* made.read(late);
  });
  const pulled = body.pull();
  body.close();
  waiting.resolve();
  assertEquals(await pulled, undefined);
  assertEquals([late.closed, late.limits.length], [1, 0]);
});

Deno.test("a part that breaks breaks the body, and is closed with it", async () => {
  const part = new Pieces("a", "!");
  const body = inRow(part);
  await assertRejects(() => textOfSource(body), Error, "broken");
  body.close();
  assertEquals(part.closed, 1);
});

Deno.test("small pieces are gathered, and large ones go as they are", () => {
  const gatherer = new PieceGatherer();
  const lengths: number[] = [];
  let text = "";
  const take = (pieces: Iterable<Uint8Array>) => {
    for (const piece of pieces) {
      lengths.push(piece.length);
      text += textOf(piece);
    }
  };
  const large = bytesOf("l".repeat(20_000));
  take(gatherer.add(large));
  for (let i = 0; i < 3000; i++) take(gatherer.add(bytesOf("0123456789")));
  take(gatherer.add(large));
  take(gatherer.rest());
  take(gatherer.rest());
  assertEquals(lengths, [20_000, 16_384, 16_384, 16_384, 848]);
  assertEquals(
    text,
    "l".repeat(20_000) + "0123456789".repeat(3000) + "l".repeat(20_000),
  );
});
