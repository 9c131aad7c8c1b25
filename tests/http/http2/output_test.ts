import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { Output } from "../../../src/http/http2/output.ts";

Deno.test("Output holds what was added, of any size", () => {
  const output = new Output();
  output.byte(1);
  output.text("a\xff");
  output.uint32(0x80000002);
  output.frame(9, 5, 3, 70_000);
  assertEquals(output.length, 16);
  assertEquals(output.view().toHex(), "0161ff800000020111700905" + "00000003");
  for (const size of [5000, 90_000, 200_000]) {
    output.bytes(new Uint8Array(size));
  }
  const taken = output.take();
  assertEquals(taken.length, 16 + 295_000);
  assertEquals(taken.subarray(0, 3).toHex(), "0161ff");
  assertEquals(output.take().length, 0);
});

Deno.test("memory is used again when it is given back, and not before", () => {
  const output = new Output();
  output.byte(1);
  const first = output.take();
  output.byte(2);
  assertNotStrictEquals(output.view().buffer, undefined);
  assertEquals([...first, ...output.view()], [1, 2]);
  output.take();
  output.recycle();
  output.byte(3);
  const { buffer, byteOffset } = output.view();
  output.take();
  output.recycle();
  output.byte(4);
  assertStrictEquals(output.view().buffer, buffer);
  assertEquals(output.view().byteOffset, byteOffset);
});
