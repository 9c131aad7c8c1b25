import { assertEquals, assertThrows } from "@std/assert";
import { ConnectionFault } from "../../../src/http/http2/frames.ts";
import { FieldBlocks } from "../../../src/http/http2/field_blocks.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

Deno.test("FieldBlocks puts the frames of a block together", () => {
  const blocks = new FieldBlocks();
  for (const id of [1, 3]) {
    const part = bytesOf("ab");
    blocks.begin(id, 5, part);
    // Whoever gives a part does something else with its memory.
    part.fill(0);
    assertEquals(blocks.within, id);
    blocks.add(bytesOf(""), 100);
    blocks.add(bytesOf("cd"), 100);
    const { bytes, ...rest } = blocks.end();
    assertEquals([textOf(bytes), rest], ["abcd", { id, flags: 5 }]);
    assertEquals(blocks.within, 0);
  }
});

Deno.test("FieldBlocks takes so many frames and bytes, and no more", () => {
  const alone = new FieldBlocks();
  assertThrows(() => alone.add(bytesOf("x"), 1), ConnectionFault, "alone");
  const bytes = new FieldBlocks();
  bytes.begin(1, 0, new Uint8Array(16_384));
  bytes.add(new Uint8Array(100), 100);
  assertThrows(() => bytes.add(bytesOf("x"), 100), ConnectionFault, "large");
  const frames = new FieldBlocks();
  frames.begin(1, 0, bytesOf("x"));
  for (let n = 0; n < 32; n++) frames.add(bytesOf("x"), 100);
  assertThrows(() => frames.add(bytesOf("x"), 100), ConnectionFault, "large");
});
