import { assert, assertEquals } from "@std/assert";
import { BufferTracker } from "../../src/bytes/buffer_tracker.ts";

Deno.test("BufferTracker counts buffers and knows whether there is room", () => {
  const tracker = new BufferTracker(100);
  const buffers = [new ArrayBuffer(60), new ArrayBuffer(30)];
  assert(tracker.hasRoom(100) && !tracker.hasRoom(101));
  for (const buffer of buffers) tracker.track(buffer);
  assertEquals(tracker.bytes, 90);
  assert(tracker.hasRoom(10) && !tracker.hasRoom(11));
  tracker.budget = 200;
  assert(tracker.hasRoom(110));
});

Deno.test("BufferTracker forgets buffers that are gone", async () => {
  const tracker = new BufferTracker(1e9);
  for (let i = 0; i < 300; i++) tracker.track(new ArrayBuffer(1e6));
  const before = tracker.bytes;
  // So much that the engine has to look for what is not used any more.
  let pieces: ArrayBuffer[] = [];
  for (let i = 0; tracker.bytes === before && i < 2000; i++) {
    pieces.push(new ArrayBuffer(1e6));
    if (pieces.length > 20) pieces = [];
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(tracker.bytes < before);
});
