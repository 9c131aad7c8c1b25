import { assert, assertEquals, assertThrows } from "@std/assert";
import { ChunkPool } from "../../../src/files/body/chunk_pool.ts";
import { ByteReader } from "../../../src/http/byte_source.ts";
import {
  closingDelimiter,
  partHead,
} from "../../../src/http/semantics/multipart_ranges.ts";
import type { ByteRange } from "../../../src/http/semantics/range.ts";
import { MultipartSource } from "../../../src/features/conditional/multipart_source.ts";
import { bytesOf, concat } from "../../support/latin1.ts";
import { drain } from "../../files/file_support.ts";

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31 % 251);
const BOUNDARY = "00000000000000000001";

/** A reader of {@linkcode CONTENT} that counts. */
class CountingReader extends ByteReader {
  reads = 0;
  checks = 0;
  closed = 0;

  constructor() {
    super(CONTENT);
  }

  override read(target: Uint8Array, at: number): number {
    this.reads++;
    // As a file may: less than there is room for.
    return super.read(target.subarray(0, 5000), at);
  }

  override check(): void {
    this.checks++;
  }

  override close(): void {
    this.closed++;
  }
}

function sourceOf(
  ranges: readonly ByteRange[],
  reader: CountingReader,
  pool = new ChunkPool(),
): MultipartSource {
  const size = CONTENT.length;
  const parts = { boundary: BOUNDARY, contentType: "a/b", ranges, size };
  return new MultipartSource(parts, reader, pool);
}

/** What the RFC asks for, put together the plain way. */
function expected(ranges: readonly ByteRange[]): Uint8Array {
  return concat([
    ...ranges.flatMap((range) => [
      bytesOf(partHead(BOUNDARY, "a/b", range, CONTENT.length)),
      CONTENT.subarray(range.start, range.end),
    ]),
    bytesOf(closingDelimiter(BOUNDARY)),
  ]);
}

/** Parts of `length` bytes, each `step` bytes behind the one before. */
function evenly(count: number, length: number, step: number): ByteRange[] {
  return Array.from({ length: count }, (_, i) => {
    const start = (i * step + CONTENT.length) % (CONTENT.length - length);
    return { start, end: start + length };
  });
}

const LAYOUTS: Readonly<Record<string, readonly ByteRange[]>> = {
  "two small ones": evenly(2, 5, 50),
  "200 of one byte, close": evenly(200, 1, 20),
  "200 of one byte, scattered": evenly(200, 1, 47_123),
  "backwards": evenly(50, 3, -7),
  "one within another": [{ start: 100, end: 900 }, { start: 200, end: 300 }],
  "the last bytes twice": [
    { start: CONTENT.length - 1, end: CONTENT.length },
    { start: CONTENT.length - 2, end: CONTENT.length },
  ],
  "large ones": evenly(3, 90_000, 100_000),
  "small after large": [
    { start: 0, end: 100_000 },
    ...evenly(20, 10, 300),
    { start: 150_000, end: 290_000 },
  ],
};

Deno.test("MultipartSource gives every part, in pieces of any size", () => {
  for (const [name, ranges] of Object.entries(LAYOUTS)) {
    const whole = expected(ranges);
    for (const limit of [1, 7, 100, 5000, Infinity]) {
      if (limit === 1 && whole.length > 50_000) continue;
      const reader = new CountingReader();
      const pool = new ChunkPool();
      const source = sourceOf(ranges, reader, pool);
      assertEquals(source.length, whole.length, name);
      const pieces: Uint8Array[] = [];
      for (let piece; (piece = source.pull(limit)) !== undefined;) {
        assert(piece.length > 0 && piece.length <= limit, name);
        pieces.push(piece.slice());
      }
      assertEquals(concat(pieces), whole, `${name}, ${limit}`);
      source.close();
      assertEquals([reader.closed, pool.streams], [1, 0]);
    }
  }
});

Deno.test("MultipartSource puts all of it in one place", () => {
  for (const [name, ranges] of Object.entries(LAYOUTS)) {
    const whole = expected(ranges);
    const reader = new CountingReader();
    const source = sourceOf(ranges, reader);
    const target = new Uint8Array(whole.length + 10);
    source.readAll(target);
    assertEquals(target.subarray(0, whole.length), whole, name);
    assertEquals(target.subarray(whole.length), new Uint8Array(10), name);
    assertEquals(reader.checks, 1, name);
    source.close();
  }
});

Deno.test("MultipartSource: many small parts are one piece and few reads", () => {
  const rows: [keyof typeof LAYOUTS, number][] = [
    ["200 of one byte, close", 1],
    ["200 of one byte, scattered", 200],
  ];
  for (const [name, reads] of rows) {
    const reader = new CountingReader();
    const source = sourceOf(LAYOUTS[name]!, reader);
    assertEquals(source.pull()?.length, source.length, name);
    assertEquals(source.pull(), undefined, name);
    assertEquals([reader.reads, reader.checks], [reads, 1], name);
    source.close();
  }
});

Deno.test("hostile: a MultipartSource of which nobody takes anything is small", () => {
  const ranges = evenly(200, 1, 20);
  const used = () => {
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  const sources = Array.from(
    { length: 2000 },
    () => sourceOf(ranges, new CountingReader()),
  );
  const bytes = used() - before;
  // They were 90 KB each with everything that they will say.
  assert(bytes < 2000 * 20_000, `${bytes} bytes`);
  for (const source of sources) {
    assertEquals(source.pull(1)?.length, 1);
    source.close();
  }
});

Deno.test("MultipartSource reads what a tiny piece needs, and no more", () => {
  const ranges = LAYOUTS["200 of one byte, close"]!;
  const sizes: number[] = [];
  class SizingReader extends CountingReader {
    override read(target: Uint8Array, at: number): number {
      sizes.push(target.length);
      return super.read(target, at);
    }
  }
  const source = sourceOf(ranges, new SizingReader());
  while (source.pull(1) !== undefined);
  assertEquals(sizes, ranges.map(() => 1));
  source.close();
});

Deno.test("MultipartSource finds parts behind 4 GiB", () => {
  const size = 2 ** 40;
  const ranges = [{ start: 5, end: 8 }, {
    start: 2 ** 32 + 1,
    end: 2 ** 32 + 4,
  }];
  const places: number[] = [];
  const source = new MultipartSource(
    { boundary: BOUNDARY, contentType: "a/b", ranges, size },
    {
      read(target, at) {
        places.push(at);
        return target.fill(0x78).length;
      },
      check() {},
      close() {},
    },
    new ChunkPool(),
  );
  const whole = concat([
    ...ranges.flatMap((range) => [
      bytesOf(partHead(BOUNDARY, "a/b", range, size)),
      bytesOf("xxx"),
    ]),
    bytesOf(closingDelimiter(BOUNDARY)),
  ]);
  assertEquals(source.length, whole.length);
  assertEquals(source.pull(), whole);
  assertEquals(places, ranges.map(({ start }) => start));
  source.close();
});

Deno.test("MultipartSource ends where the file has changed", () => {
  class ChangedReader extends CountingReader {
    override check(): void {
      throw new Error("changed");
    }
  }
  const source = sourceOf(evenly(3, 5, 50), new ChangedReader());
  assertThrows(() => drain(source), Error, "changed");
  source.close();
});
