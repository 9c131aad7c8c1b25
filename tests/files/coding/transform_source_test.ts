import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { CODEC_MEMORY } from "../../../src/files/coding/codec_memory.ts";
import {
  type CodecPlan,
  CODINGS,
  compressAtOnce,
  compressor,
  decompressor,
  LEVELS,
} from "../../../src/files/coding/codings.ts";
import { TransformSource } from "../../../src/files/coding/transform_source.ts";
import type { BodySource, ResponseBody } from "../../../src/http/response.ts";
import { concat } from "../../support/latin1.ts";

function sample(length: number): Uint8Array<ArrayBuffer> {
  let seed = 1;
  return new Uint8Array(length).map((_, i) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return i % 3 === 0 ? seed >>> 24 : i & 0x1f;
  });
}

/** As `TransformSource.open()`, with memory enough. */
function open(body: ResponseBody, plan: CodecPlan): TransformSource {
  const source = TransformSource.open(body, plan);
  if (source === undefined) throw new Error("there is no memory");
  return source;
}

async function collect(
  source: BodySource,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = await source.pull()) !== undefined;) {
    pieces.push(piece.slice());
  }
  source.close();
  return concat(pieces);
}

Deno.test("TransformSource: what is compressed comes back, in each coding", async () => {
  for (const coding of CODINGS) {
    for (const length of [0, 1, 65_536, 300_000]) {
      const body = sample(length);
      const { min, max } = LEVELS[coding];
      for (const level of [min, Math.min(max, 6)]) {
        const compressed = await collect(
          open(body, compressor(coding, level, length)),
        );
        const back = await collect(
          open(compressed, decompressor(coding)),
        );
        assertEquals(back, body, `${coding} ${level} ${length}`);
        const whole = compressAtOnce(coding, body, level);
        const again = await collect(
          open(whole, decompressor(coding)),
        );
        assertEquals(again, body, `${coding} ${level} ${length} at once`);
      }
    }
  }
});

/** Gives `count` pieces from one reused buffer, and counts what is asked. */
class CountingSource implements BodySource {
  readonly length = undefined;
  asked = 0;
  closed = 0;
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #count: number;
  readonly #fails: boolean;

  constructor(count: number, fails = false) {
    this.#count = count;
    this.#fails = fails;
  }

  pull(): Uint8Array | undefined {
    if (this.asked === this.#count) {
      if (this.#fails) throw new Error("the file changed");
      return undefined;
    }
    this.#buffer.fill(0).set(sample(50_000), 0);
    this.#buffer[0] = this.asked++;
    return this.#buffer;
  }

  close(): void {
    this.closed++;
  }
}

Deno.test("TransformSource: a reused buffer is copied before it is reused", async () => {
  const source = new CountingSource(5);
  const output = await collect(
    open(source, compressor("gzip", 1)),
  );
  const back = gunzipSync(output);
  assertEquals(back.length, 5 * 64 * 1024);
  for (let i = 0; i < 5; i++) assertEquals(back[i * 64 * 1024], i);
  assertEquals(source.closed, 1);
});

Deno.test("TransformSource: nothing is read ahead of a client that waits", async () => {
  const source = new CountingSource(1000);
  const transformed = open(source, compressor("gzip", 1));
  assertEquals(source.asked, 0);
  await transformed.pull();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(source.asked < 8, `${source.asked} pieces were read`);
  transformed.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert(source.asked < 10);
  assertEquals(source.closed, 1);
});

Deno.test("TransformSource: a source that fails fails the body", async () => {
  const source = new CountingSource(2, true);
  const transformed = open(source, compressor("br", 1));
  await assertRejects(() => collect(transformed), Error, "the file changed");
  transformed.close();
  assertEquals(source.closed, 1);
});

Deno.test("TransformSource: what cannot be decoded fails the body", async () => {
  for (const coding of CODINGS) {
    const transformed = open(
      new TextEncoder().encode("this was never compressed by anybody"),
      decompressor(coding),
    );
    await assertRejects(() => collect(transformed), Error);
    transformed.close();
  }
});

Deno.test("TransformSource takes memory until it is closed, if there is enough", async () => {
  const before = CODEC_MEMORY.bytes;
  const plan = compressor("br", 5);
  const one = open(sample(200_000), plan);
  assertEquals(CODEC_MEMORY.bytes, before + plan.bytes);
  await one.pull();
  const { budget } = CODEC_MEMORY;
  CODEC_MEMORY.budget = CODEC_MEMORY.bytes + plan.bytes - 1;
  try {
    let closed = 0;
    const body: BodySource = {
      length: undefined,
      pull: () => undefined,
      close: () => closed++,
    };
    assertEquals(TransformSource.open(body, plan), undefined);
    assertEquals(closed, 0, "it is still to be sent");
  } finally {
    CODEC_MEMORY.budget = budget;
  }
  one.close();
  one.close();
  assertEquals(CODEC_MEMORY.bytes, before);
});

Deno.test("TransformSource gives back what a decoder turns out not to need", async () => {
  const before = CODEC_MEMORY.bytes;
  for (const coding of ["br", "zstd"] as const) {
    const coded = compressAtOnce(coding, sample(60_000), 3);
    const source = open(coded, decompressor(coding));
    const most = CODEC_MEMORY.bytes - before;
    assert(most > 8 * 1024 * 1024, coding);
    assertEquals((await source.pull())!.length > 0, true);
    const needed = CODEC_MEMORY.bytes - before;
    assert(needed < 2 * 1024 * 1024, `${coding}: ${needed}`);
    source.close();
    assertEquals(CODEC_MEMORY.bytes, before);
  }
});
