/** Properties of HPACK, for whatever fast-check thinks of. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ConnectionFault,
  ErrorCode,
} from "../../../../src/http/http2/frames.ts";
import { HpackDecoder } from "../../../../src/http/http2/hpack/decoder.ts";
import {
  encodeAlone,
  HpackEncoder,
} from "../../../../src/http/http2/hpack/encoder.ts";
import { STATIC_TABLE } from "../../../../src/http/http2/hpack/table.ts";
import {
  huffmanDecode,
  huffmanEncode,
  huffmanLength,
} from "../../../../src/http/http2/hpack/huffman.ts";
import { Output } from "../../../../src/http/http2/output.ts";
import { bytesOf } from "../../../support/latin1.ts";

/** Any bytes, one character each; long enough for numbers of several bytes. */
const text = (maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) =>
      String.fromCharCode(code)
    ),
    maxLength,
  });

const name = fc.oneof(
  fc.constantFrom(...STATIC_TABLE.map(({ name }) => name)),
  // A few that come again, so that tables are used.
  fc.constantFrom("x-a", "x-b", "set-cookie", "authorization"),
  text(40),
);

const value = fc.oneof(
  fc.constantFrom("", "1", "GET", "gzip, deflate"),
  text(40),
  text(5000),
);

const fields = fc.array(fc.tuple(name, value), { maxLength: 12 });

/** Blocks of one connection, each perhaps after another limit was told. */
const blocks = fc.array(
  fc.record({
    limits: fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 3 }),
    fields,
  }),
  { maxLength: 8 },
);

function decoded(decoder: HpackDecoder, block: Uint8Array): string[][] {
  const found: string[][] = [];
  decoder.decode(block, ({ name, value }) => void found.push([name, value]));
  return found;
}

Deno.test("what is encoded is decoded, block by block, whatever limits come", () => {
  fc.assert(fc.property(blocks, (all) => {
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()];
    for (const { limits, fields } of all) {
      for (const limit of limits) encoder.limitTable(limit);
      const output = new Output();
      encoder.begin(output);
      for (const [name, value] of fields) encoder.encode(name, value, output);
      assertEquals(decoded(decoder, output.take()), fields);
    }
  }));
});

Deno.test("what is encoded for all connections means the same on any of them", () => {
  fc.assert(fc.property(blocks, fields, (before, alone) => {
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()];
    for (const { fields } of before) {
      const output = new Output();
      for (const [name, value] of fields) encoder.encode(name, value, output);
      decoded(decoder, output.take());
    }
    const output = new Output();
    for (const [name, value] of alone) encodeAlone(name, value, output);
    const block = output.take().slice();
    assertEquals(decoded(decoder, block), alone);
    assertEquals(decoded(new HpackDecoder(), block), alone);
  }));
});

Deno.test("Huffman codes are undone, and as long as was said", () => {
  fc.assert(fc.property(text(300), (text) => {
    const output = new Output();
    huffmanEncode(text, output);
    const coded = output.take();
    assertEquals(coded.length, huffmanLength(text));
    assertEquals(huffmanDecode(coded, 0, coded.length), text);
  }));
});

/** What begins like a block: the codes of fields, numbers and strings. */
const brokenBlock = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom(
      ...[[0x82], [0xbe], [0x40], [0x20], [0x3f, 0xff], [0x7f, 0xff, 0xff]],
      ...[[0x00, 0x85], [0x0f, 0x80, 0x80], [0x3f, 0xe1, 0x1f], [0xff, 0x00]],
    ).map((bytes) => Uint8Array.from(bytes)),
    text(10).map(bytesOf),
  ),
  { maxLength: 12 },
).map((pieces) => pieces.flatMap((piece) => [...piece]));

Deno.test("any bytes are fields or a COMPRESSION_ERROR, and fields are bounded by them", () => {
  fc.assert(
    fc.property(fc.array(brokenBlock, { maxLength: 4 }), (all) => {
      const decoder = new HpackDecoder();
      for (const block of all) {
        let count = 0;
        try {
          decoder.decode(Uint8Array.from(block), ({ name, value }) => {
            count++;
            // What is not in the block is in a table, which holds so much.
            assert(name.length + value.length <= 4096 + 2 * block.length);
          });
        } catch (error) {
          if (!(error instanceof ConnectionFault)) throw error;
          assertEquals(error.code, ErrorCode.CompressionError);
          return;
        } finally {
          assert(count <= block.length, "a field has a byte at least");
        }
      }
    }),
    { numRuns: 500 },
  );
});
