import { assertEquals, assertRejects } from "@std/assert";
import { SharedTransform } from "../../../src/files/coding/shared_transform.ts";
import type { BodySource } from "../../../src/http/response.ts";
import { SENT_BODIES } from "../../../src/http/sent_bodies.ts";
import { concat } from "../../support/latin1.ts";

/** A source that gives a piece each time it is told to. */
class SteppedSource implements BodySource {
  readonly length = undefined;
  closed = 0;
  asked = 0;
  #give = Promise.withResolvers<Uint8Array | undefined>();

  give(piece: Uint8Array | undefined): Promise<void> {
    this.#give.resolve(piece);
    return turn();
  }

  fail(error: Error): Promise<void> {
    this.#give.reject(error);
    return turn();
  }

  async pull(): Promise<Uint8Array | undefined> {
    this.asked++;
    const piece = await this.#give.promise;
    this.#give = Promise.withResolvers();
    return piece;
  }

  close(): void {
    this.closed++;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function all(source: BodySource): Promise<number[]> {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = await source.pull()) !== undefined;) {
    pieces.push(piece);
  }
  source.close();
  return [...concat(pieces)];
}

Deno.test("SharedTransform gives all of it to everybody, whenever they come", async () => {
  const source = new SteppedSource();
  let ended = 0;
  const shared = new SharedTransform(source, concat, () => ended++);
  const early = all(shared.open());
  const slow = shared.open();
  await source.give(Uint8Array.of(1, 2, 3));
  assertEquals([...(await slow.pull())!], [1, 2, 3]);
  const late = all(shared.open());
  await source.give(new Uint8Array(0));
  await source.give(Uint8Array.of(4));
  assertEquals([source.closed, ended], [0, 0]);
  await source.give(undefined);
  assertEquals([source.closed, ended], [1, 1]);
  for (const whole of [early, late, all(shared.open())]) {
    assertEquals(await whole, [1, 2, 3, 4]);
  }
  assertEquals(await all(slow), [4], "it goes on where it was");
});

Deno.test("SharedTransform goes on without anybody", async () => {
  const source = new SteppedSource();
  const kept: number[] = [];
  new SharedTransform(source, (pieces) => {
    const whole = concat(pieces);
    kept.push(...whole);
    return whole;
  }, () => {});
  await source.give(Uint8Array.of(1));
  await source.give(Uint8Array.of(2));
  await source.give(undefined);
  assertEquals(kept, [1, 2]);
});

Deno.test("SharedTransform fails everybody when its source does", async () => {
  const source = new SteppedSource();
  let ended = 0;
  const shared = new SharedTransform(source, concat, () => ended++);
  const waiting = all(shared.open());
  waiting.catch(() => {});
  await source.give(Uint8Array.of(1));
  await source.fail(new Error("it broke"));
  await assertRejects(() => waiting, Error, "it broke");
  const late = shared.open();
  assertEquals([...(await late.pull() as Uint8Array)], [1]);
  await assertRejects(async () => await late.pull(), Error, "it broke");
  assertEquals([source.closed, ended], [1, 1]);
});

Deno.test("SharedTransform counts what clients hold that nobody else keeps", async () => {
  const source = new SteppedSource();
  let whole = new Uint8Array(0);
  const shared = new SharedTransform(
    source,
    (pieces) => whole = concat(pieces),
    () => {},
  );
  const [early, gone] = [shared.open(), shared.open()];
  gone.close();
  await source.give(Uint8Array.of(1, 2, 3));
  await source.give(undefined);
  const late = shared.open();
  const before = SENT_BODIES.bytes;
  SENT_BODIES.abandon(whole.buffer);
  assertEquals(SENT_BODIES.bytes, before + 3);
  early.close();
  early.close();
  assertEquals(SENT_BODIES.bytes, before + 3);
  late.close();
  assertEquals(SENT_BODIES.bytes, before);
});
