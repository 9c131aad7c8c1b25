import { assertEquals } from "@std/assert";
import {
  contentRange,
  DEFAULT_MAX_RANGES,
  parseRange,
  type RangeOutcome,
  unsatisfiedRange,
} from "../../../src/http/semantics/range.ts";

/** An outcome in short: `none`, `unsatisfiable`, or `0-5 7-9` (end excluded). */
function inShort(outcome: RangeOutcome): string {
  switch (outcome.kind) {
    case "single":
      return `${outcome.start}-${outcome.end}`;
    case "multiple":
      return outcome.ranges.map(({ start, end }) => `${start}-${end}`)
        .join(" ");
    default:
      return outcome.kind;
  }
}

function parsed(header: string, size: number, maxRanges = 200): string {
  return inShort(parseRange(header, size, { maxRanges }));
}

const HUGE = "9".repeat(400);

Deno.test("parseRange() reads single ranges of 100 bytes", () => {
  const cases: [string, string][] = [
    ["bytes=0-0", "0-1"],
    ["bytes=0-99", "0-100"],
    ["bytes=5-9", "5-10"],
    ["bytes=99-99", "99-100"],
    ["bytes=50-", "50-100"],
    ["bytes=0-", "0-100"],
    ["bytes=-1", "99-100"],
    ["bytes=-100", "0-100"],
    ["bytes=0005-0009", "5-10"],
    ["BYTES=5-9", "5-10"],
    ["Bytes=5-9", "5-10"],
    // Clamped to the end.
    ["bytes=90-100", "90-100"],
    ["bytes=90-1000", "90-100"],
    ["bytes=-101", "0-100"],
    [`bytes=90-${HUGE}`, "90-100"],
    [`bytes=-${HUGE}`, "0-100"],
    ["bytes=90-18446744073709551616", "90-100"],
    ["bytes=0-9007199254740993", "0-100"],
  ];
  for (const [header, expected] of cases) {
    assertEquals(parsed(header, 100), expected, header);
    assertEquals(
      parseRange(header, 100, { maxRanges: 1 }).kind,
      "single",
      header,
    );
  }
});

Deno.test("parseRange() knows what is unsatisfiable in 100 bytes", () => {
  const cases = [
    "bytes=100-",
    "bytes=100-100",
    "bytes=100-200",
    "bytes=-0",
    "bytes=-000",
    "bytes=-0,100-",
    `bytes=${HUGE}-`,
    `bytes=${HUGE}-${HUGE}`,
    "bytes=18446744073709551616-18446744073709551617",
  ];
  for (const header of cases) {
    assertEquals(parsed(header, 100), "unsatisfiable", header);
  }
});

Deno.test("parseRange() ignores what is malformed or of another unit", () => {
  const cases = [
    "",
    "bytes",
    "bytes=",
    "bytes= ",
    "bytes=,",
    "bytes=, ,",
    "bytes=-",
    "bytes=--1",
    "bytes=-1-",
    "bytes=5",
    "bytes=5-3",
    "bytes=0-0,5-3",
    "bytes=100-99",
    `bytes=${HUGE}-0`,
    "bytes=a-b",
    "bytes=0x1-0x2",
    "bytes=1e1-2e1",
    "bytes=+1-2",
    "bytes=1.0-2",
    "bytes=0-0;1-1",
    "bytes=0-0 1-1",
    "bytes=0-0,x",
    "bytes=x,0-0",
    "bytes=0 -5",
    "bytes=0- 5",
    "bytes=- 5",
    "bytes =0-5",
    " bytes=0-5",
    "bytes=0-5\r",
    "bytes=0-5\x00",
    "bytes=\u0660-\u0665",
    "bytes:0-5",
    "items=0-5",
    "bytesx=0-5",
    "0-5",
    "bytes 0-5/100",
  ];
  for (const header of cases) {
    assertEquals(parsed(header, 100), "none", JSON.stringify(header));
  }
});

Deno.test("parseRange() reads lists in the order they were asked for", () => {
  const cases: [string, string][] = [
    ["bytes=0-0,2-2", "0-1 2-3"],
    ["bytes=50-59,0-9", "50-60 0-10"],
    ["bytes=0-0,-1", "0-1 99-100"],
    ["bytes=0-9,5-14", "0-10 5-15"],
    // Whitespace and empty members of the list grammar.
    ["bytes= 0-0 , 2-2 ", "0-1 2-3"],
    ["bytes=\t0-0\t,\t2-2\t", "0-1 2-3"],
    ["bytes=,,0-0,, ,2-2,", "0-1 2-3"],
    // What is unsatisfiable is left out.
    ["bytes=0-0,100-,2-2", "0-1 2-3"],
    ["bytes=100-,0-0", "0-1"],
    ["bytes=-0,0-0", "0-1"],
  ];
  for (const [header, expected] of cases) {
    assertEquals(parsed(header, 100), expected, header);
  }
});

Deno.test("parseRange() sends everything when ranges exceed it together", () => {
  const cases: [string, string][] = [
    ["bytes=0-49,50-99", "0-50 50-100"],
    ["bytes=0-49,50-99,0-0", "none"],
    ["bytes=0-,0-", "none"],
    ["bytes=0-99,0-0", "none"],
    ["bytes=-60,-60", "none"],
    ["bytes=0-49,0-49", "0-50 0-50"],
  ];
  for (const [header, expected] of cases) {
    assertEquals(parsed(header, 100), expected, header);
  }
});

Deno.test("parseRange() is bounded by maxRanges, of satisfiable ranges", () => {
  const cases: [string, maxRanges: number, string][] = [
    ["bytes=0-0", 0, "none"],
    ["bytes=100-", 0, "none"],
    ["bytes=0-0", 1, "0-1"],
    ["bytes=0-0,2-2", 1, "none"],
    ["bytes=0-0,2-2", 2, "0-1 2-3"],
    ["bytes=0-0,2-2,4-4", 2, "none"],
    ["bytes=0-0,100-,101-", 1, "0-1"],
  ];
  for (const [header, maxRanges, expected] of cases) {
    assertEquals(parsed(header, 100, maxRanges), expected, header);
  }
  const many = (count: number) =>
    "bytes=" + Array.from({ length: count }, (_, i) => `${i}-${i}`).join(",");
  const maxRanges = DEFAULT_MAX_RANGES;
  assertEquals(
    parseRange(many(maxRanges), 1000, { maxRanges }).kind,
    "multiple",
  );
  assertEquals(
    parseRange(many(maxRanges + 1), 1000, { maxRanges }).kind,
    "none",
  );
});

Deno.test("parseRange() treats an empty representation as nginx does", () => {
  const cases: [string, string][] = [
    ["bytes=0-", "none"],
    ["bytes=0-0", "none"],
    ["bytes=-1", "none"],
    ["bytes=-0", "none"],
    ["bytes=1-", "unsatisfiable"],
    ["bytes=5-9", "unsatisfiable"],
  ];
  for (const [header, expected] of cases) {
    assertEquals(parsed(header, 0), expected, header);
  }
});

Deno.test("parseRange() keeps positions beyond 32 bits exact", () => {
  const size = 2 ** 45;
  assertEquals(parsed("bytes=35184372088831-", size), `${size - 1}-${size}`);
  assertEquals(parsed("bytes=-1", size), `${size - 1}-${size}`);
  assertEquals(
    parsed("bytes=4294967296-4294967296", size),
    "4294967296-4294967297",
  );
});

Deno.test("parseRange() is linear in a hostile header", () => {
  const started = performance.now();
  parsed(`bytes=${"0".repeat(500_000)}-${"9".repeat(500_000)}`, 100);
  parsed(`bytes=${" ,".repeat(500_000)}`, 100);
  parsed(`bytes=${"\t".repeat(1_000_000)}x`, 100);
  const elapsed = performance.now() - started;
  // Quadratic work on a million characters would take minutes.
  assertEquals(elapsed < 5000, true, `${elapsed} ms`);
});

Deno.test("contentRange() has an inclusive last position", () => {
  assertEquals(contentRange(0, 500, 1234), "bytes 0-499/1234");
  assertEquals(contentRange(99, 100, 100), "bytes 99-99/100");
});

Deno.test("unsatisfiedRange() has the size only", () => {
  assertEquals(unsatisfiedRange(1234), "bytes */1234");
  assertEquals(unsatisfiedRange(0), "bytes */0");
});
