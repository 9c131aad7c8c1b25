import { assert, assertEquals } from "@std/assert";
import { brotliCompressSync, constants, zstdCompressSync } from "node:zlib";
import {
  brotliWindowOf,
  zstdWindowOf,
} from "../../../src/files/coding/coded_window.ts";

const TEXT = new TextEncoder().encode("a line of text\n".repeat(1000));

Deno.test("brotliWindowOf() reads what an encoder was told", () => {
  for (let bits = 10; bits <= 24; bits++) {
    const coded = brotliCompressSync(TEXT, {
      params: { [constants.BROTLI_PARAM_LGWIN]: bits },
    });
    assertEquals(brotliWindowOf(coded), 2 ** bits, `${bits}`);
  }
  assertEquals(brotliWindowOf(new Uint8Array(0)), 2 ** 16);
});

Deno.test("zstdWindowOf() reads what an encoder was told", () => {
  for (let bits = 10; bits <= 23; bits++) {
    const coded = zstdCompressSync(TEXT, {
      params: { [constants.ZSTD_c_windowLog]: bits },
    });
    const window = zstdWindowOf(coded);
    assert(
      window === 2 ** bits || window === TEXT.length,
      `${bits}: ${window}`,
    );
  }
});

Deno.test("zstdWindowOf() reads each form of a frame's header", () => {
  const rows: [header: number[], window: number][] = [
    [[0x00, 0x00], 1024],
    [[0x00, 0x07], 1024 + 7 * 128],
    [[0x00, 0x98], 2 ** 29],
    [[0x20, 0x05], 5],
    [[0x21, 0xff, 0x05], 5],
    [[0x60, 0x01, 0x00], 257],
    [[0xa0, 0x00, 0x00, 0x10, 0x00], 2 ** 20],
    [[0xe3, 1, 2, 3, 4, 0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
  ];
  for (const [header, window] of rows) {
    const frame = new Uint8Array(30);
    frame.set([0x28, 0xb5, 0x2f, 0xfd, ...header]);
    assertEquals(zstdWindowOf(frame), window, header.join());
  }
  assertEquals(zstdWindowOf(new Uint8Array(30)), Infinity);
  assertEquals(zstdWindowOf(new Uint8Array(3)), Infinity);
});
