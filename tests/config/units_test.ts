import { assertEquals } from "@std/assert";
import {
  parseInteger,
  parseOffset,
  parseSeconds,
  parseSize,
  parseTime,
  sizeText,
  timeText,
} from "../../src/config/units.ts";

type Row = [text: string, expected: number | undefined];

function check(parse: (text: string) => number | undefined, rows: Row[]): void {
  for (const [text, expected] of rows) {
    assertEquals(parse(text), expected, JSON.stringify(text));
  }
}

Deno.test("parseInteger() reads digits and nothing else", () => {
  check(parseInteger, [
    ["0", 0],
    ["007", 7],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007199254740992", undefined],
    ["9".repeat(400), undefined],
    ["", undefined],
    ["-1", undefined],
    ["+1", undefined],
    ["1.0", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    [" 1", undefined],
    ["1 ", undefined],
    ["1\n", undefined],
    ["1k", undefined],
    ["٣", undefined],
  ]);
});

Deno.test("parseSize() reads bytes, kilobytes and megabytes", () => {
  check(parseSize, [
    ["0", 0],
    ["8192", 8192],
    ["8k", 8192],
    ["8K", 8192],
    ["1m", 1048576],
    ["1M", 1048576],
    ["0m", 0],
    ["1g", undefined],
    ["1G", undefined],
    ["", undefined],
    ["k", undefined],
    ["1kk", undefined],
    ["1kb", undefined],
    ["1 k", undefined],
    ["1.5m", undefined],
    ["-1k", undefined],
    ["1k\n", undefined],
    ["1\u212A", undefined], // the Kelvin sign
    ["8796093022207k", 8796093022207 * 1024],
    ["8796093022208k", undefined],
  ]);
});

Deno.test("parseOffset() reads gigabytes too", () => {
  check(parseOffset, [
    ["1", 1],
    ["1k", 1024],
    ["1m", 1048576],
    ["2g", 2147483648],
    ["2G", 2147483648],
    ["8388607g", 8388607 * 2 ** 30],
    ["8388608g", undefined],
    ["1t", undefined],
    ["g", undefined],
    ["", undefined],
  ]);
});

Deno.test("parseTime() reads milliseconds", () => {
  check(parseTime, [
    ["0", 0],
    ["60", 60_000],
    ["60s", 60_000],
    ["500ms", 500],
    ["0ms", 0],
    ["1m", 60_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["1w", 604_800_000],
    // compound
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["1h  30m  ", 5_400_000],
    ["1m30", 90_000],
    ["1h 30", 3_630_000],
    ["1s5ms", 1005],
    ["1w1d1h1m1s1ms", 694_861_001],
    ["90m", 5_400_000],
    // units that get larger, or come twice
    ["30m1h", undefined],
    ["1h1h", undefined],
    ["1ms1s", undefined],
    ["30 1m", undefined],
    ["30 30", undefined],
    // years and months are for seconds
    ["1y", undefined],
    ["1M", undefined],
    // neither a number nor a unit
    ["", undefined],
    [" ", undefined],
    [" 1", undefined],
    ["s", undefined],
    ["1hs", undefined],
    ["-1", undefined],
    ["1.5s", undefined],
    ["1S", undefined],
    ["1x", undefined],
    ["1\th", undefined],
    ["1h,30m", undefined],
    // too large to be exact
    ["9007199254740991ms", Number.MAX_SAFE_INTEGER],
    ["9007199254740992ms", undefined],
    ["9".repeat(400), undefined],
  ]);
});

Deno.test("parseSeconds() reads seconds", () => {
  check(parseSeconds, [
    ["0", 0],
    ["60", 60],
    ["60s", 60],
    ["1m", 60],
    ["1M", 2_592_000],
    ["1y", 31_536_000],
    ["1y1M1w1d1h1m1s", 31_536_000 + 2_592_000 + 694_861],
    ["1y 6M", 31_536_000 + 6 * 2_592_000],
    ["1M1y", undefined],
    ["1m1M", undefined],
    ["1ms", undefined],
    ["1s5ms", undefined],
    ["", undefined],
    ["y", undefined],
  ]);
});

Deno.test("sizeText() and timeText() write what is read again", () => {
  const sizes = [0, 1, 512, 1024, 1536, 8192, 1024 ** 2, 64 * 1024 ** 2];
  assertEquals(sizes.map((size) => parseSize(sizeText(size))), sizes);
  assertEquals(sizes.map(sizeText), [
    "0",
    "1",
    "512",
    "1k",
    "1536",
    "8k",
    "1m",
    "64m",
  ]);
  const times = [0, 1, 999, 1000, 1500, 60_000];
  assertEquals(times.map((time) => parseTime(timeText(time))), times);
  assertEquals(times.map(timeText), [
    "0s",
    "1ms",
    "999ms",
    "1s",
    "1500ms",
    "60s",
  ]);
});
