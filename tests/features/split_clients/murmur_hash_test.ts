import { assertEquals } from "@std/assert";
import { murmurHash2 } from "../../../src/features/split_clients/murmur_hash.ts";

Deno.test("murmurHash2() is the hash of nginx", () => {
  // From the reference implementation of Austin Appleby, seeded as nginx does.
  const rows: [text: string, hash: number][] = [
    ["", 0],
    ["a", 2456313694],
    ["ab", 446775395],
    ["abc", 324500635],
    ["abcd", 646393889],
    ["127.0.0.1", 3054706065],
    ["The quick brown fox", 1530270488],
    ["\xff\xfe\x80", 2735668869],
  ];
  for (const [text, hash] of rows) assertEquals(murmurHash2(text), hash, text);
});
