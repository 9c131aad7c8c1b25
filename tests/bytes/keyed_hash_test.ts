import { assertEquals, assertNotEquals } from "@std/assert";
import { keyedHash } from "../../src/bytes/keyed_hash.ts";

/** The key of the test vectors: bytes 0 to 7. */
const KEY = [0x03020100, 0x07060504] as const;

Deno.test("keyedHash() is HalfSipHash-2-4", () => {
  // `vectors_hsip32` of the reference: of no bytes, of 0, of 0 and 1, …
  const vectors = [
    "a9359f5b",
    "27475ab8",
    "fa62a603",
    "8afee704",
    "2a6e4689",
  ];
  for (const [length, vector] of vectors.entries()) {
    const bytes = Array.from({ length }, (_, i) => String.fromCharCode(i));
    const hash = new DataView(new ArrayBuffer(4));
    hash.setInt32(0, keyedHash(bytes.join(""), KEY), true);
    assertEquals(hash.getUint32(0).toString(16).padStart(8, "0"), vector);
  }
});

Deno.test("keyedHash() depends on all of the key and all of the bytes", () => {
  const text = "\xff\x80some longer key\0";
  const hash = keyedHash(text, KEY);
  assertNotEquals(keyedHash(text, [KEY[0] + 1, KEY[1]]), hash);
  assertNotEquals(keyedHash(text, [KEY[0], KEY[1] + 1]), hash);
  for (let i = 0; i < text.length; i++) {
    const other = text.slice(0, i) + "?" + text.slice(i + 1);
    assertNotEquals(keyedHash(other, KEY), hash, `byte ${i}`);
  }
});
