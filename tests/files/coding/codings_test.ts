import { assert, assertEquals } from "@std/assert";
import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import {
  type Coding,
  CODINGS,
  compressAtOnce,
  compressor,
  decompressor,
  LEVELS,
} from "../../../src/files/coding/codings.ts";

const MIB = 1024 * 1024;

const DECODERS: Readonly<Record<Coding, (bytes: Uint8Array) => Uint8Array>> = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
};

function levelsOf(coding: Coding): number[] {
  const { min, max } = LEVELS[coding];
  return Array.from({ length: max - min + 1 }, (_, i) => min + i);
}

Deno.test("compressor() says what each level takes, and less for less", () => {
  for (const coding of CODINGS) {
    for (const level of levelsOf(coding)) {
      const unknown = compressor(coding, level).bytes;
      assert(unknown > 0.5 * MIB && unknown < 45 * MIB, `${coding} ${level}`);
      let smaller = Infinity;
      for (const length of [1e9, 1e6, 1e5, 1e4, 1000, 1, 0]) {
        const { bytes } = compressor(coding, level, length);
        assert(bytes <= Math.min(smaller, unknown), `${coding} ${level}`);
        smaller = bytes;
      }
    }
  }
});

/** What is known of the codecs themselves, in MiB. */
const KNOWN: readonly (readonly [Coding, number, number, number, number])[] = [
  // Coding, level, length, at least, at most.
  ["gzip", 1, Infinity, 0.25, 1],
  ["gzip", 9, 3000, 0.1, 0.5],
  ["br", 5, Infinity, 5, 12],
  ["br", 9, Infinity, 32, 45],
  ["br", 11, Infinity, 8, 16],
  ["zstd", 3, Infinity, 1, 4],
  ["zstd", 19, Infinity, 6, 16],
  ["zstd", 19, 10_000, 0.5, 3],
];

Deno.test("compressor(): the costs are those that were measured", () => {
  for (const [coding, level, length, least, most] of KNOWN) {
    const mib = compressor(coding, level, length).bytes / MIB;
    const label = `${coding} ${level} ${length}: ${mib}`;
    assert(mib >= least && mib <= most, label);
  }
  for (const coding of CODINGS) {
    assert(decompressor(coding).bytes < 20 * MIB, coding);
  }
});

Deno.test("compressAtOnce() comes out as it went in, at every level", () => {
  const text = new TextEncoder().encode("a line of text, and another\n");
  for (const length of [0, 1, 300, 5000, 64 * 1024]) {
    const body = new Uint8Array(length).map((_, i) =>
      text[(i * i) % text.length]!
    );
    for (const coding of CODINGS) {
      for (const level of levelsOf(coding)) {
        const bytes = compressAtOnce(coding, body, level);
        const back = new Uint8Array(DECODERS[coding](bytes));
        assertEquals(back, body, `${coding} ${level} ${length}`);
      }
    }
  }
});
