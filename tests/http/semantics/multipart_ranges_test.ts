import { assertEquals } from "@std/assert";
import {
  closingDelimiter,
  multipartContentType,
  partHead,
  partHeadsLength,
} from "../../../src/http/semantics/multipart_ranges.ts";

const BOUNDARY = "00000000000000000001";

Deno.test("multipartContentType() names the boundary", () => {
  assertEquals(
    multipartContentType(BOUNDARY),
    "multipart/byteranges; boundary=00000000000000000001",
  );
});

Deno.test("partHead() has delimiter, type, position and an empty line", () => {
  const head = partHead(BOUNDARY, "text/plain", { start: 0, end: 5 }, 100);
  assertEquals(
    head,
    "\r\n--00000000000000000001\r\nContent-Type: text/plain\r\n" +
      "Content-Range: bytes 0-4/100\r\n\r\n",
  );
});

Deno.test("partHead() has no Content-Type without a type", () => {
  assertEquals(
    partHead("b", undefined, { start: 7, end: 8 }, 9),
    "\r\n--b\r\nContent-Range: bytes 7-7/9\r\n\r\n",
  );
});

Deno.test("closingDelimiter() ends the last part", () => {
  assertEquals(closingDelimiter("b"), "\r\n--b--\r\n");
});

Deno.test("partHeadsLength() is how long the heads are, whatever their numbers", () => {
  const edges = [0, 1, 9, 10, 99, 100, 999_999, 1e6, 2 ** 32, 10 ** 15 - 1];
  for (const size of [7, 10 ** 15]) {
    for (const type of [undefined, "text/plain"]) {
      for (const start of edges) {
        const ranges = edges.map((length) => ({
          start,
          end: start + length + 1,
        }));
        const heads = ranges.map((range) =>
          partHead(BOUNDARY, type, range, size)
        );
        assertEquals(
          partHeadsLength(BOUNDARY, type, ranges, size),
          heads.join("").length,
          `${start} of ${size}`,
        );
      }
    }
  }
  assertEquals(partHeadsLength(BOUNDARY, undefined, [], 7), 0);
});
