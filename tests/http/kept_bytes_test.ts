import { assertEquals } from "@std/assert";
import { KeptPart } from "../../src/http/kept_bytes.ts";

/** A body whose bytes tell where they are. */
const BODY = Uint8Array.from({ length: 200 }, (_, i) => i);

const ROWS: [start: number, end: number, limit: number][] = [
  [0, 200, 64],
  [0, 200, 1000],
  [50, 51, 64],
  [50, 178, 64],
  [199, 200, 1],
];

for (const [start, end, limit] of ROWS) {
  Deno.test(`a part from ${start} to ${end} tells where its pieces of ${limit} are`, () => {
    const part = new KeptPart(BODY, start, end);
    assertEquals(part.length, end - start);
    assertEquals(part.bytes, BODY.subarray(start, end));
    for (let use = 0; use < 2; use++) {
      const source = part.open();
      let at = start;
      for (let piece; (piece = source.pull(limit)) !== undefined;) {
        assertEquals(source.kept, { from: 0, body: BODY, at });
        assertEquals(piece[0], at);
        at += piece.length;
      }
      assertEquals(at, end);
    }
  });
}
