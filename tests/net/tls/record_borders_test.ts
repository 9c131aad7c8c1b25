import { assertEquals } from "@std/assert";
import { RecordBorders } from "../../../src/net/tls/record_borders.ts";

function record(type: number, length: number): number[] {
  // What is in it looks like the head of an alert.
  const content = Array.from({ length }, (_, i) => [23, 3, 3, 0, 19][i % 5]!);
  return [type, 3, 3, length >> 8, length & 255, ...content];
}

const CASES: readonly (readonly [string, number[], number | undefined])[] = [
  ["nothing", [], undefined],
  ["a head", [23, 3, 3, 0, 19], undefined],
  ["an alert of TLS 1.3", record(23, 19), 0],
  ["alerts of TLS 1.2", record(21, 18), 0],
  ["another of TLS 1.2", record(21, 26), 0],
  ["an alert in the clear", record(21, 2), undefined],
  ["a handshake of that length", record(22, 19), undefined],
  ["data", record(23, 17), undefined],
  ["no data at all", record(23, 0), undefined],
  ["long data", record(23, 0x1313), undefined],
  ["data, then an alert", [...record(23, 300), ...record(23, 19)], 305],
  ["nothing, then an alert", [...record(23, 0), ...record(21, 18)], 5],
  ["an alert, then data", [...record(23, 19), ...record(23, 40)], undefined],
  ["two alerts", [...record(21, 18), ...record(21, 18)], 23],
  ["what only looks like one", record(23, 24), undefined],
];

for (const [what, bytes, expected] of CASES) {
  Deno.test(`RecordBorders finds where an alert begins at the end: ${what}`, () => {
    const whole = new RecordBorders();
    assertEquals(whole.alertAtEnd(Uint8Array.from(bytes)), expected);
    for (let cut = 1; cut < bytes.length; cut++) {
      const borders = new RecordBorders();
      const first = borders.alertAtEnd(Uint8Array.from(bytes.slice(0, cut)));
      const isBorder = first !== undefined;
      const last = borders.alertAtEnd(Uint8Array.from(bytes.slice(cut)));
      const begins = expected === undefined
        ? undefined
        : Math.max(0, expected - cut);
      assertEquals([cut, last], [cut, begins]);
      // Only what ends with a whole alert says so.
      const ends = CASES.find(([, those]) =>
        those.length === cut && those.every((byte, at) => byte === bytes[at])
      );
      if (ends !== undefined) assertEquals(isBorder, ends[2] !== undefined);
    }
  });
}
