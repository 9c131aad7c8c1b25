import { assertEquals } from "@std/assert";
import { parsePriority } from "../../../src/http/http2/priority.ts";

Deno.test("parsePriority() takes what it understands (RFC 9218 §4)", () => {
  const rows: [value: string, urgency: number, incremental: boolean][] = [
    ["", 3, false],
    ["u=0", 0, false],
    ["u=7, i", 7, true],
    ["i", 3, true],
    ["i=?1,u=1", 1, true],
    ["i=?0", 3, false],
    ["u=5;x=1, i;y", 5, true],
    ["u=8", 3, false],
    ["u=-1", 3, false],
    ["u=1.5", 3, false],
    ["u", 3, false],
    ["i=1", 3, false],
    ["u=1, u=2", 2, false],
    ["x=?1, u=2", 2, false],
    ["\0\xff, u=2", 2, false],
    ["u=2,,", 2, false],
    ["U=1", 3, false],
  ];
  for (const [value, urgency, incremental] of rows) {
    assertEquals(parsePriority(value), { urgency, incremental }, value);
  }
});
