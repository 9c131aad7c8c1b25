import { assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_PRIORITY } from "../../../src/http/http2/priority.ts";
import {
  Http2Stream,
  type StreamState,
} from "../../../src/http/http2/stream.ts";

type Side = "received" | "sent";

function streamAfter(sides: readonly Side[]): Http2Stream {
  const stream = new Http2Stream(
    1,
    { send: 10, receive: 20 },
    DEFAULT_PRIORITY,
  );
  for (const side of sides) stream.end(side);
  return stream;
}

Deno.test("a stream is closed when both sides have ended (RFC 9113 §5.1)", () => {
  const rows: [
    sides: Side[],
    state: StreamState,
    receives: boolean,
    sends: boolean,
  ][] = [
    [[], "open", true, true],
    [["received"], "half_closed_remote", false, true],
    [["sent"], "half_closed_local", true, false],
    [["received", "sent"], "closed", false, false],
    [["sent", "received"], "closed", false, false],
  ];
  for (const [sides, state, receives, sends] of rows) {
    const stream = streamAfter(sides);
    assertEquals(
      [stream.state, stream.receives, stream.sends],
      [state, receives, sends],
    );
    for (const side of sides) assertThrows(() => stream.end(side), Error);
  }
});
