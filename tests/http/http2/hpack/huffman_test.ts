import { assertEquals } from "@std/assert";
import {
  huffmanDecode,
  huffmanEncode,
  huffmanLength,
} from "../../../../src/http/http2/hpack/huffman.ts";
import { Output } from "../../../../src/http/http2/output.ts";
import { bytesOf } from "../../../support/latin1.ts";

function encoded(text: string): Uint8Array {
  const output = new Output();
  huffmanEncode(text, output);
  return output.take();
}

/** Texts and their codes, as RFC 7541 appendix C has them. */
const EXAMPLES: readonly (readonly [text: string, hex: string])[] = [
  ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
  ["no-cache", "a8eb10649cbf"],
  ["custom-key", "25a849e95ba97d7f"],
  ["custom-value", "25a849e95bb8e8b4bf"],
  ["302", "6402"],
  ["private", "aec3771a4b"],
  [
    "Mon, 21 Oct 2013 20:13:21 GMT",
    "d07abe941054d444a8200595040b8166e082a62d1bff",
  ],
  ["https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"],
  [
    "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
  ],
  ["", ""],
];

Deno.test("the Huffman code is that of the RFC", () => {
  for (const [text, hex] of EXAMPLES) {
    const bytes = encoded(text);
    assertEquals(bytes.toHex(), hex, text);
    assertEquals(huffmanLength(text), bytes.length);
    assertEquals(huffmanDecode(bytes, 0, bytes.length), text);
  }
});

Deno.test("every byte has a code of its own", () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = String.fromCharCode(byte, 0x61, byte);
    const bytes = encoded(text);
    assertEquals(huffmanDecode(bytes, 0, bytes.length), text, String(byte));
  }
});

/** Bytes that are no code, and why. */
const BROKEN: readonly (readonly [hex: string, why: string])[] = [
  ["ff", "a byte of padding"],
  ["1fff", "padding of more than 7 bits"],
  ["18", "padding that is not all ones"],
  ["fffffffc", "the end of a string within it"],
  ["3fffffff", "the end, behind a symbol"],
];

Deno.test("what is no Huffman code is refused", () => {
  for (const [hex, why] of BROKEN) {
    const bytes = Uint8Array.fromHex(hex);
    assertEquals(huffmanDecode(bytes, 0, bytes.length), undefined, why);
  }
});

Deno.test("a part of the memory is decoded, and no more", () => {
  const bytes = new Uint8Array([...bytesOf("xx"), ...encoded("302"), 0]);
  assertEquals(huffmanDecode(bytes, 2, 4), "302");
});
