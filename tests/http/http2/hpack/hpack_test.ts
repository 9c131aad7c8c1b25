import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ConnectionFault,
  ErrorCode,
} from "../../../../src/http/http2/frames.ts";
import { HpackDecoder } from "../../../../src/http/http2/hpack/decoder.ts";
import {
  encodeAlone,
  HpackEncoder,
} from "../../../../src/http/http2/hpack/encoder.ts";
import {
  DynamicTable,
  FieldLine,
  fieldSize,
  STATIC_TABLE,
} from "../../../../src/http/http2/hpack/table.ts";
import { Output } from "../../../../src/http/http2/output.ts";

type Fields = readonly (readonly [name: string, value: string])[];

function decode(decoder: HpackDecoder, hex: string): string[] {
  const lines: string[] = [];
  decoder.decode(
    Uint8Array.fromHex(hex.replaceAll(" ", "")),
    ({ name, value }) => lines.push(`${name}: ${value}`),
  );
  return lines;
}

const REQUEST = [":method: GET", ":scheme: http", ":path: /"];
const AUTHORITY = ":authority: www.example.com";
const SECURE = [":method: GET", ":scheme: https", ":path: /index.html"];

const FOUND = [
  "cache-control: private",
  "date: Mon, 21 Oct 2013 20:13:21 GMT",
  "location: https://www.example.com",
];

/** The sequences of RFC 7541 appendix C: blocks of one connection each. */
const SEQUENCES: readonly {
  readonly name: string;
  readonly table?: number;
  readonly blocks:
    readonly (readonly [hex: string, lines: readonly string[]])[];
}[] = [
  {
    name: "C.2.1",
    blocks: [[
      "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
      ["custom-key: custom-header"],
    ]],
  },
  {
    name: "C.2.2",
    blocks: [["040c2f73616d706c652f70617468", [":path: /sample/path"]]],
  },
  {
    name: "C.2.3",
    blocks: [["100870617373776f726406736563726574", ["password: secret"]]],
  },
  { name: "C.2.4", blocks: [["82", [":method: GET"]]] },
  {
    name: "C.3",
    blocks: [
      ["828684410f7777772e6578616d706c652e636f6d", [...REQUEST, AUTHORITY]],
      ["828684be58086e6f2d6361636865", [
        ...REQUEST,
        AUTHORITY,
        "cache-control: no-cache",
      ]],
      [
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        [...SECURE, AUTHORITY, "custom-key: custom-value"],
      ],
    ],
  },
  {
    name: "C.4",
    blocks: [
      ["828684418cf1e3c2e5f23a6ba0ab90f4ff", [...REQUEST, AUTHORITY]],
      ["828684be5886a8eb10649cbf", [
        ...REQUEST,
        AUTHORITY,
        "cache-control: no-cache",
      ]],
      ["828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", [
        ...SECURE,
        AUTHORITY,
        "custom-key: custom-value",
      ]],
    ],
  },
  {
    name: "C.6",
    table: 256,
    blocks: [
      [
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff" +
        "6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        [":status: 302", ...FOUND],
      ],
      ["4883640effc1c0bf", [":status: 307", ...FOUND]],
      [
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad" +
        "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f95873160" +
        "65c003ed4ee5b1063d5007",
        [
          ":status: 200",
          FOUND[0]!,
          "date: Mon, 21 Oct 2013 20:13:22 GMT",
          FOUND[2]!,
          "content-encoding: gzip",
          "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        ],
      ],
    ],
  },
];

Deno.test("field blocks are read as the RFC has them", () => {
  for (const { name, table, blocks } of SEQUENCES) {
    const decoder = new HpackDecoder(table);
    for (const [hex, lines] of blocks) {
      assertEquals(decode(decoder, hex), lines, name);
    }
  }
});

/** Blocks that are none, on a fresh connection. */
const BROKEN: readonly (readonly [hex: string, why: string])[] = [
  ["80", "the field of number 0"],
  ["be", "a field that nobody has said"],
  ["7f ff ff ff ff ff 7f", "a number beyond all"],
  ["ff 80 80 80 80 80 80 80 80 80 01", "a number of many zeros"],
  ["40 05 61", "a name that is cut short"],
  ["40", "no name at all"],
  ["40 01 61", "no value"],
  ["40 81 18 00", "a name that is no Huffman code"],
  ["7e 00", "the name of a field that nobody has said"],
  ["3f e2 1f", "a table of 4097 bytes"],
  ["82 20", "another size within the block"],
  ["20 20 20", "three sizes"],
];

Deno.test("a block that is none ends the connection", () => {
  for (const [hex, why] of BROKEN) {
    const error = assertThrows(
      () => decode(new HpackDecoder(), hex),
      ConnectionFault,
      undefined,
      why,
    );
    assertEquals(error.code, ErrorCode.CompressionError, why);
  }
});

Deno.test("a table that is made small and large again is empty", () => {
  const decoder = new HpackDecoder();
  decode(decoder, "4001610162");
  assertEquals(decode(decoder, "be"), ["a: b"]);
  assertEquals(decode(decoder, "20 3f e1 1f 82"), [":method: GET"]);
  assertThrows(() => decode(decoder, "be"), ConnectionFault);
});

Deno.test("a field that says the same again is the same object", () => {
  const decoder = new HpackDecoder();
  const seen = new Set<unknown>();
  decoder.decode(
    Uint8Array.fromHex("4001610162bebebe"),
    (line) => seen.add(line),
  );
  assertEquals(seen.size, 1);
});

Deno.test("DynamicTable holds what fits, the newest first", () => {
  const table = new DynamicTable(100);
  const line = (name: string) => new FieldLine(name, "1");
  for (const name of ["a", "b", "c"]) table.add(line(name));
  assertEquals(table.size, 2);
  assertEquals(table.at(STATIC_TABLE.length + 1), line("c"));
  assertEquals(table.at(STATIC_TABLE.length + 3), undefined);
  assertEquals(table.indexOf("b", "1"), STATIC_TABLE.length + 2);
  assertEquals(table.indexOf("a", "1"), -1);
  table.resize(34);
  assertEquals(table.size, 1);
  table.add(new FieldLine("large", "x".repeat(100)));
  assertEquals(table.size, 0);
  assertEquals(fieldSize(line("a")), 34);
});

function encode(encoder: HpackEncoder, fields: Fields): Uint8Array {
  const output = new Output();
  encoder.begin(output);
  for (const [name, value] of fields) encoder.encode(name, value, output);
  return output.take();
}

Deno.test("HpackEncoder says a field once, and its number from then on", () => {
  const encoder = new HpackEncoder();
  const fields: Fields = [[":status", "200"], ["server", "webserv"]];
  const first = encode(encoder, fields);
  assertEquals(encode(encoder, fields).toHex(), "88be");
  assert(first.length > 2);
});

Deno.test("what changes each time, is secret or large is not remembered", () => {
  const encoder = new HpackEncoder();
  for (
    const field of [
      ["date", "now"],
      ["set-cookie", "secret"],
      ["x", "y".repeat(2000)],
    ] as const
  ) {
    const [first, second] = [
      encode(encoder, [field]),
      encode(encoder, [field]),
    ];
    assertEquals(second, first, field[0]);
  }
  assertEquals(encode(encoder, [["set-cookie", "a"]])[0]! & 0xf0, 0x10);
});

Deno.test("the client says how large the table may be", () => {
  const encoder = new HpackEncoder();
  encode(encoder, [["a", "b"]]);
  encoder.limitTable(0);
  encoder.limitTable(1024);
  const decoder = new HpackDecoder();
  decode(decoder, "4001610162");
  const block = encode(encoder, [["a", "b"]]).toHex();
  assertEquals(block.slice(0, 8), "203fe107");
  assertEquals(decode(decoder, block), ["a: b"]);
  encoder.limitTable(1 << 30);
  assertEquals(encode(encoder, []).toHex(), "3fe11f");
});

/** Numbers that look random, and are the same each time (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

Deno.test("what is encoded is decoded, whatever the table is", () => {
  const next = random(7541);
  const text = (longest: number, bytes: number) =>
    Array.from(
      { length: next(longest) },
      () => String.fromCharCode(next(bytes)),
    ).join("");
  for (let connection = 0; connection < 50; connection++) {
    const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()];
    const names = STATIC_TABLE.map(({ name }) => name)
      .concat(Array.from({ length: 8 }, () => `x${text(20, 128)}`));
    for (let block = 0; block < 40; block++) {
      if (next(5) === 0) encoder.limitTable(next(5000));
      const fields: [string, string][] = Array.from(
        { length: next(12) },
        () => [names[next(names.length)]!, text(next(3) === 0 ? 1200 : 9, 256)],
      );
      const lines: [string, string][] = [];
      decoder.decode(
        encode(encoder, fields),
        ({ name, value }) => lines.push([name, value]),
      );
      assertEquals(lines, fields);
    }
  }
});

Deno.test("fields that are encoded alone mean the same to everybody", () => {
  const output = new Output();
  const fields: Fields = [[":status", "304"], ["etag", '"x"'], ["x-y", "z"]];
  for (const [name, value] of fields) encodeAlone(name, value, output);
  const hex = output.take().toHex();
  const decoder = new HpackDecoder();
  decode(decoder, "4001610162");
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  assertEquals(decode(decoder, hex), lines);
  assertEquals(decode(new HpackDecoder(), hex), lines);
});

Deno.test("hostile: a table takes no more than it says, though nobody looks at it", () => {
  const output = new Output();
  output.bytes(Uint8Array.of(0x40, 1, 0x78));
  // "a" has 5 bits: 4,000 of them are 2,500 bytes.
  output.bytes(Uint8Array.of(0xff, 0xc5, 0x12));
  const code = Uint8Array.fromHex("18c6318c63");
  for (let count = 0; count < 500; count++) output.bytes(code);
  const block = output.take();
  const heap = Deno.memoryUsage().heapUsed;
  const decoders = Array.from({ length: 2000 }, () => new HpackDecoder());
  for (const decoder of decoders) decoder.decode(block, () => {});
  const bytes = Deno.memoryUsage().heapUsed - heap;
  assert(bytes < 64 * 1024 * 1024, `${bytes} bytes`);
  for (const decoder of decoders) {
    decoder.decode(
      Uint8Array.of(0xbe),
      ({ value }) => assertEquals(value, "a".repeat(4000)),
    );
  }
});
