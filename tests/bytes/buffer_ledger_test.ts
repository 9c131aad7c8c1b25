import { assert, assertEquals } from "@std/assert";
import { BufferLedger } from "../../src/bytes/buffer_ledger.ts";

Deno.test("BufferLedger counts buffers and knows whether there is room", () => {
  const ledger = new BufferLedger(100);
  const buffers = [new ArrayBuffer(60), new ArrayBuffer(30)];
  assert(ledger.hasRoom(100) && !ledger.hasRoom(101));
  for (const buffer of buffers) ledger.track(buffer);
  assertEquals(ledger.bytes, 90);
  assert(ledger.hasRoom(10) && !ledger.hasRoom(11));
  ledger.budget = 200;
  assert(ledger.hasRoom(110));
});

Deno.test("BufferLedger forgets buffers that are gone", async () => {
  const ledger = new BufferLedger(1e9);
  for (let i = 0; i < 300; i++) ledger.track(new ArrayBuffer(1e6));
  const before = ledger.bytes;
  // So much that the engine has to look for what is not used any more.
  let pieces: ArrayBuffer[] = [];
  for (let i = 0; ledger.bytes === before && i < 2000; i++) {
    pieces.push(new ArrayBuffer(1e6));
    if (pieces.length > 20) pieces = [];
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(ledger.bytes < before);
});
