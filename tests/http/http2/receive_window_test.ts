import { assertEquals, assertThrows } from "@std/assert";
import { ConnectionFault } from "../../../src/http/http2/frames.ts";
import { ReceiveWindow } from "../../../src/http/http2/receive_window.ts";

Deno.test("ReceiveWindow has room for two bodies, and for 1 MiB", () => {
  const rows: [streamBytes: number, expected: number][] = [
    [0, 1 << 20],
    [65_536, 1 << 20],
    [1 << 20, 1 << 21],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ];
  for (const [streamBytes, expected] of rows) {
    const window = new ReceiveWindow(streamBytes);
    assertEquals(window.bytes, expected);
    assertEquals(window.beyondDefault, expected - 65_535);
  }
});

Deno.test("ReceiveWindow is as large as what was read, and no larger", () => {
  const window = new ReceiveWindow(0);
  window.take(1 << 20);
  assertThrows(() => window.take(1), ConnectionFault, "flow control");
  assertEquals(window.give((1 << 19) - 1), 0);
  assertThrows(() => window.take(1), ConnectionFault);
  assertEquals(window.give(1), 1 << 19);
  window.take(1 << 19);
  assertThrows(() => window.take(1), ConnectionFault);
});
