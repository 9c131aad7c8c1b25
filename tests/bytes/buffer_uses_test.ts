import { assert, assertEquals } from "@std/assert";
import { BufferUses } from "../../src/bytes/buffer_uses.ts";

Deno.test("BufferUses counts what is abandoned while it is in use", () => {
  const uses = new BufferUses(150);
  const [a, b, c] = [100, 60, 30].map((length) => new ArrayBuffer(length));
  uses.use(a!);
  uses.use(a!);
  uses.use(b!);
  assertEquals(uses.bytes, 0, "somebody keeps them");
  uses.abandon(a!);
  uses.abandon(a!);
  uses.abandon(c!);
  assertEquals([uses.bytes, uses.exceeded], [100, false]);
  uses.abandon(b!);
  assertEquals([uses.bytes, uses.exceeded], [160, true]);
  uses.release(a!);
  assertEquals(uses.bytes, 160);
  uses.release(a!);
  assertEquals([uses.bytes, uses.exceeded], [60, false]);
  uses.release(b!);
  uses.release(b!);
  assertEquals(uses.bytes, 0);
  uses.use(a!);
  assertEquals(uses.bytes, 0, "it may be kept again");
  uses.release(a!);
  assert(!uses.exceeded);
});
