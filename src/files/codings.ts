/**
 * The content codings that are known here, and their codecs: zlib, Brotli and
 * Zstandard as `node:zlib` has them, all native code.
 */

import type { ContentCoding } from "../http/representation.ts";
import type { Duplex } from "node:stream";
import zlib from "node:zlib";

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

/**
 * The largest Brotli window for streams, as a power of two. The format's 24
 * would make every stream hold 16 MiB.
 */
const STREAM_WINDOW_BITS = 19;

const { constants } = zlib;

/** The whole of `bytes`, compressed at once. */
export function compressAtOnce(
  coding: Coding,
  bytes: Uint8Array,
  level: number,
): Uint8Array {
  switch (coding) {
    case "br":
      return zlib.brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      });
    case "zstd":
      return zlib.zstdCompressSync(bytes, {
        params: { [constants.ZSTD_c_compressionLevel]: level },
      });
    case "gzip":
      return zlib.gzipSync(bytes, { level });
  }
}

/** A stream that compresses. */
export function compressor(coding: Coding, level: number): Duplex {
  switch (coding) {
    case "br":
      return zlib.createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_LGWIN]: STREAM_WINDOW_BITS,
        },
      });
    case "zstd":
      return zlib.createZstdCompress({
        params: { [constants.ZSTD_c_compressionLevel]: level },
      });
    case "gzip":
      return zlib.createGzip({ level });
  }
}

/** A stream that gives back what was compressed. */
export function decompressor(coding: Coding): Duplex {
  switch (coding) {
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd":
      return zlib.createZstdDecompress();
    case "gzip":
      return zlib.createGunzip();
  }
}
