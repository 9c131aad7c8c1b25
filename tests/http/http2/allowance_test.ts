import { assertEquals, assertThrows } from "@std/assert";
import { ClientAllowance } from "../../../src/http/http2/allowance.ts";
import { ConnectionFault, ErrorCode } from "../../../src/http/http2/frames.ts";

/** How often something may be done before it is too much. */
function countOf(action: () => void): number {
  for (let count = 0;; count++) {
    try {
      action();
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      assertEquals(error.code, ErrorCode.EnhanceYourCalm);
      return count;
    }
  }
}

Deno.test("frames that bring nothing are counted, and so are resets", () => {
  const allowance = new ClientAllowance();
  assertEquals(countOf(() => allowance.frame()), 1000);
  assertEquals(countOf(() => allowance.reset()), 256);
});

Deno.test("answers and content are credit, which does not grow for ever", () => {
  const rows: [
    credit: (to: ClientAllowance) => void,
    frames: number,
    resets: number,
  ][] = [
    [(to) => to.answered(), 1008, 257],
    [(to) => to.piece(), 1002, 256],
    [(to) => to.content(1023), 1000, 256],
    [(to) => (to.content(1000), to.content(24)), 1001, 256],
    [(to) => to.content(10 * 1024), 1010, 256],
    [(to) => to.content(1e9), 10_000, 256],
    [
      (to) => {
        for (let count = 0; count < 5000; count++) to.answered();
      },
      10_000,
      1024,
    ],
  ];
  for (const [credit, frames, resets] of rows) {
    const allowance = new ClientAllowance();
    credit(allowance);
    assertEquals(countOf(() => allowance.frame()), frames);
    assertEquals(countOf(() => allowance.reset()), resets);
  }
});

Deno.test("who has gone too far stays there until there is credit", () => {
  const allowance = new ClientAllowance();
  countOf(() => allowance.reset());
  assertThrows(() => allowance.reset(), ConnectionFault);
  for (let count = 0; count < 3; count++) allowance.answered();
  allowance.reset();
});
