/**
 * The content codings that are known here, and their codecs: zlib, Brotli and
 * Zstandard as `node:zlib` has them, all native code.
 *
 * What a codec takes is decided by its windows and tables, and those by its
 * level: left to themselves, Brotli takes up to 45 MB for a stream and
 * Zstandard 84, even for a page of 2 KB (measured). So each gets a window that
 * is no larger than the body, tables to match, and says what they take.
 */

import type { ContentCoding } from "../../http/representation.ts";
import type { Duplex } from "node:stream";
import zlib from "node:zlib";
import { brotliWindowOf, zstdWindowOf } from "./coded_window.ts";
import {
  bitsFor,
  zstdBytes,
  type ZstdTables,
  zstdTables,
} from "./zstd_tables.ts";

/** A content coding (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export type Coding = ContentCoding;

/** The codings in the server's order of preference. */
export const CODINGS: readonly Coding[] = ["br", "zstd", "gzip"];

/** What a compressed sibling of a file is called, behind the file's name. */
export const SUFFIXES: Readonly<Record<Coding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

/** The range of a coding's compression levels, both ends included. */
export const LEVELS: Readonly<
  Record<Coding, { readonly min: number; readonly max: number }>
> = {
  br: { min: 0, max: 11 },
  zstd: { min: 1, max: 19 },
  gzip: { min: 1, max: 9 },
};

const { constants } = zlib;

const KIB = 1024;
const MIB = 1024 * KIB;

/** A codec that is not made yet. */
export interface CodecPlan {
  /** What it takes while it works, in bytes: rather too much than too little. */
  readonly bytes: number;
  /** What it takes for something that begins like this; `bytes` at most. */
  bytesFor?(start: Uint8Array): number;
  /** Makes it. */
  create(): Duplex;
}

/** What a stream takes whatever its codec is: the pieces on their way. */
const STREAM_BYTES = 320 * KIB;

/** A stream that compresses `length` bytes, or `Infinity` if nobody knows. */
export function compressor(
  coding: Coding,
  level: number,
  length = Infinity,
): CodecPlan {
  switch (coding) {
    case "br": {
      const window = brotliWindow(level, length);
      return {
        bytes: STREAM_BYTES + brotliBytes(level, window),
        create: () =>
          zlib.createBrotliCompress({
            params: brotliParams(level, window, length),
          }),
      };
    }
    case "zstd": {
      const tables = zstdTables(level, length);
      return {
        bytes: STREAM_BYTES + zstdBytes(tables),
        create: () => zlib.createZstdCompress(zstdOptions(level, tables)),
      };
    }
    case "gzip": {
      const options = gzipOptions(level, length);
      return {
        bytes: STREAM_BYTES + gzipBytes(options),
        create: () => zlib.createGzip(options),
      };
    }
  }
}

/** The whole of `bytes`, compressed at once. */
export function compressAtOnce(
  coding: Coding,
  bytes: Uint8Array,
  level: number,
): Uint8Array {
  const { length } = bytes;
  switch (coding) {
    case "br": {
      const params = brotliParams(level, brotliWindow(level, length), length);
      return zlib.brotliCompressSync(bytes, { params });
    }
    case "zstd": {
      const options = zstdOptions(level, zstdTables(level, length));
      return zlib.zstdCompressSync(bytes, options);
    }
    case "gzip":
      return zlib.gzipSync(bytes, gzipOptions(level, length));
  }
}

/** A stream that gives back what was compressed. */
export function decompressor(coding: Coding): CodecPlan {
  switch (coding) {
    case "br":
      return {
        bytes: BROTLI_DECODER_BYTES,
        bytesFor: (start) =>
          Math.min(BROTLI_DECODER_BYTES, decoderBytes(brotliWindowOf(start))),
        create: () => zlib.createBrotliDecompress(),
      };
    case "zstd":
      return {
        bytes: ZSTD_DECODER_BYTES,
        bytesFor: (start) =>
          Math.min(ZSTD_DECODER_BYTES, decoderBytes(zstdWindowOf(start))),
        create: () =>
          zlib.createZstdDecompress({
            params: { [constants.ZSTD_d_windowLogMax]: ZSTD_DECODER_WINDOW },
          }),
      };
    case "gzip":
      return {
        bytes: STREAM_BYTES + GZIP_DECODER_BYTES,
        create: () => zlib.createGunzip(),
      };
  }
}

/** Brotli's largest window here: 256 KiB. The format has 16 MiB. */
const BROTLI_WINDOW = 18;

/** Its smallest one at the levels whose tables grow where it is smaller. */
const BROTLI_TABLES_WINDOW = 17;

function brotliWindow(level: number, length: number): number {
  const isTabled = level >= 5 && level <= 9;
  const least = isTabled
    ? BROTLI_TABLES_WINDOW
    : constants.BROTLI_MIN_WINDOW_BITS;
  return bitsFor(length, least, BROTLI_WINDOW);
}

function brotliParams(
  level: number,
  window: number,
  length: number,
): Record<number, number> {
  return {
    [constants.BROTLI_PARAM_QUALITY]: level,
    [constants.BROTLI_PARAM_LGWIN]: window,
    ...(length < 2 ** 30 ? { [constants.BROTLI_PARAM_SIZE_HINT]: length } : {}),
  };
}

/**
 * What levels 0 to 11 take whatever the window, in MiB, and how many times the
 * window (measured with 2 MiB of text, in windows of 17 to 19 bits).
 */
const BROTLI_COSTS: readonly (readonly [fixed: number, windows: number])[] = [
  ...Array<readonly [number, number]>(2).fill([4, 2]),
  ...Array<readonly [number, number]>(3).fill([5, 10]),
  [5.5, 10],
  [7, 10],
  [14, 10],
  [22, 10],
  [39, 12],
  ...Array<readonly [number, number]>(2).fill([4, 22]),
];

function brotliBytes(level: number, window: number): number {
  const [fixed, windows] = BROTLI_COSTS[level]!;
  return fixed * MIB + windows * 2 ** window;
}

/** What a decoder with a window of so many bytes takes. */
function decoderBytes(window: number): number {
  return STREAM_BYTES + window + MIB;
}

/** With the format's largest window. */
const BROTLI_DECODER_BYTES = decoderBytes(2 ** 24);

function zstdOptions(
  level: number,
  { window, chain, hash }: ZstdTables,
): { params: Record<number, number> } {
  return {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: window,
      [constants.ZSTD_c_chainLog]: chain,
      [constants.ZSTD_c_hashLog]: hash,
    },
  };
}

/** The largest window that is decoded (RFC 9659 §3): 8 MiB. */
const ZSTD_DECODER_WINDOW = 23;

const ZSTD_DECODER_BYTES = decoderBytes(2 ** ZSTD_DECODER_WINDOW);

interface GzipOptions {
  readonly level: number;
  readonly windowBits: number;
  readonly memLevel: number;
}

/** zlib's smallest and largest window. */
const [GZIP_LEAST_WINDOW, GZIP_WINDOW] = [9, 15];

/** How much of a window deflate cannot use (`MIN_LOOKAHEAD`), in bytes. */
const GZIP_LOOKAHEAD_BYTES = 262;

/** As nginx: a small body needs no large window. */
function gzipOptions(level: number, length: number): GzipOptions {
  const windowBits = bitsFor(
    length + GZIP_LOOKAHEAD_BYTES,
    GZIP_LEAST_WINDOW,
    GZIP_WINDOW,
  );
  return { level, windowBits, memLevel: Math.min(8, windowBits - 6) };
}

/** `zconf.h`: what deflate takes. */
function gzipBytes({ windowBits, memLevel }: GzipOptions): number {
  return 2 ** (windowBits + 2) + 2 ** (memLevel + 9) + 64 * KIB;
}

const GZIP_DECODER_BYTES = 64 * KIB;
