import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  MODEL,
  type Values,
} from "../../../../src/features/status/page/page_model.ts";

const {
  bytesText,
  countText,
  growth,
  plotPath,
  quantile,
  rate,
  scaleEnd,
  secondsText,
  share,
  shareText,
  spanText,
} = MODEL;

Deno.test("rate() and growth() know nothing of counters that began anew", () => {
  assertEquals(rate(10, 30, 2), 10);
  assertEquals(rate(10, 10, 2), 0);
  assertEquals(rate(10, 9, 2), undefined);
  assertEquals(rate(10, 20, 0), undefined);
  assertEquals(rate(10, 20, -1), undefined);
  assertEquals(rate(10, 20, NaN), undefined);
  assertEquals(rate(undefined, 20, 1), undefined);
  assertEquals(rate(10, undefined, 1), undefined);
  assertEquals(growth([1, 2], [1, 5]), [0, 3]);
  assertEquals(growth([1, 2], [2, 1]), undefined);
  assertEquals(growth([1], [1, 2]), undefined);
  assertEquals(growth(undefined, [1]), undefined);
  assertEquals(growth([1], undefined), undefined);
});

Deno.test("quantile() finds the bucket, and the place in it", () => {
  const bounds = [1, 2, 4];
  const rows: readonly (readonly [number[], number, number | undefined])[] = [
    [[0, 0, 0, 0], 0.5, undefined],
    [[10, 0, 0, 0], 0.5, 1],
    [[0, 10, 0, 0], 0.5, 1.5],
    [[0, 10, 0, 0], 1, 2],
    [[5, 5, 0, 0], 0.5, 1],
    [[5, 5, 0, 0], 0.9, 1.8],
    [[50, 0, 49, 1], 0.99, 4],
    [[0, 0, 0, 3], 0.5, 4],
    [[1, 0, 0, 9], 0.05, 1],
  ];
  for (const [counts, part, expected] of rows) {
    const found = quantile(counts, bounds, part);
    if (expected === undefined) assertEquals(found, undefined);
    else assertAlmostEquals(found!, expected, 1e-9, `${counts} ${part}`);
  }
  assertEquals(quantile(undefined, bounds, 0.5), undefined);
});

Deno.test("share() is of something", () => {
  assertEquals(share(1, 4), 0.25);
  assertEquals(share(0, 0), undefined);
  assertEquals(share(undefined, 1), undefined);
  assertEquals(share(1, undefined), undefined);
});

Deno.test("scaleEnd() is a round number that is not below", () => {
  const rows: readonly (readonly [number, 1000 | 1024, number])[] = [
    [0, 1000, 1],
    [-1, 1000, 1],
    [NaN, 1000, 1],
    [1, 1000, 1],
    [1.1, 1000, 1.5],
    [31, 1000, 40],
    [70, 1000, 80],
    [0.00045, 1000, 0.0005],
    [100, 1024, 100],
    [900, 1024, 1024],
    [1010, 1024, 1024],
    [1500, 1024, 1536],
    [160 * 2 ** 20, 1024, 200 * 2 ** 20],
    [900 * 2 ** 20, 1024, 2 ** 30],
  ];
  for (const [value, base, end] of rows) {
    assertAlmostEquals(scaleEnd(value, base), end, end * 1e-9, `${value}`);
  }
});

Deno.test("numbers are told in few digits", () => {
  const rows: readonly (readonly [
    (value: number | undefined) => string,
    number | undefined,
    string,
  ])[] = [
    [countText, undefined, "–"],
    [countText, 0, "0"],
    [countText, 0.5, "0.5"],
    [countText, 0.123, "0.12"],
    [countText, 12.34, "12.3"],
    [countText, 999, "999"],
    [countText, 999.6, "1 k"],
    [countText, 12_345, "12.3 k"],
    [countText, 100, "100"],
    [countText, 1e6, "1 M"],
    [countText, 1e18, "1000000 T"],
    [bytesText, undefined, "–"],
    [bytesText, 0, "0 B"],
    [bytesText, 1023, "1023 B"],
    [bytesText, 1023.6, "1 KiB"],
    [bytesText, 1.5 * 2 ** 20, "1.5 MiB"],
    [bytesText, 200 * 2 ** 20, "200 MiB"],
    [secondsText, undefined, "–"],
    [secondsText, 0, "0 µs"],
    [secondsText, 0.0005, "500 µs"],
    [secondsText, 0.0009999, "1 ms"],
    [secondsText, 0.01234, "12.3 ms"],
    [secondsText, 2.5, "2.5 s"],
    [secondsText, 10, "10 s"],
    [secondsText, 0.5, "500 ms"],
    [shareText, undefined, "–"],
    [shareText, 0, "0 %"],
    [shareText, 1, "100 %"],
    [shareText, 0.99999, "99.9 %"],
    [shareText, 0.1234, "12.3 %"],
  ];
  for (const [text, value, expected] of rows) {
    assertEquals(text(value), expected, `${text.name} ${value}`);
  }
});

Deno.test("spanText() has two units at most", () => {
  const rows: readonly (readonly [number, string])[] = [
    [-1, "0 s"],
    [0.9, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [61, "1 min 1 s"],
    [3600, "1 h"],
    [3601, "1 h"],
    [90_000, "1 d 1 h"],
    [86_400 * 30 + 60, "30 d"],
  ];
  for (const [seconds, text] of rows) assertEquals(spanText(seconds), text);
});

Deno.test("plotPath() leaves gaps, and stays in its box", () => {
  const box = { from: 0, to: 10, top: 10, width: 100, height: 50 };
  const times = [0, 5, 10];
  const path = (
    upper: Values,
    lower?: Values,
  ) => plotPath({ ...box, times, upper, lower });
  assertEquals(path([0, 5, 10]), "M0.0 50.0L50.0 25.0L100.0 0.0");
  assertEquals(path([undefined, undefined, undefined]), "");
  assertEquals(
    path([5, undefined, 20]),
    "M0.0 25.0L0.0 25.0M100.0 0.0L100.0 0.0",
  );
  assertEquals(
    path([5, 5, undefined], [undefined, 1, 1]),
    "M0.0 25.0L50.0 25.0L50.0 45.0L0.0 50.0Z",
  );
});

Deno.test("each function stands alone, as the page has it", () => {
  for (const [name, each] of Object.entries(MODEL)) {
    const alone = new Function(`return ${each}`)() as (
      ...args: unknown[]
    ) => unknown;
    for (const args of SAMPLES[name as keyof typeof MODEL]) {
      assertEquals(
        alone(...args),
        (each as typeof alone)(...args),
        name,
      );
    }
  }
});

/** Arguments that reach all lines of a function. */
const SAMPLES: Readonly<Record<keyof typeof MODEL, readonly unknown[][]>> = {
  rate: [[1, 2, 1], [2, 1, 1]],
  growth: [[[1], [2]], [[2], [1]]],
  quantile: [[[1, 2, 3], [1, 2], 0.5], [[0, 0, 3], [1, 2], 0.5]],
  share: [[1, 2]],
  scaleEnd: [[5, 1000], [5e7, 1024]],
  countText: [[12345]],
  bytesText: [[12345]],
  secondsText: [[0.1], [1e-5], [9]],
  shareText: [[0.99999]],
  spanText: [[12345]],
  plotPath: [[{
    upper: [1, undefined, 2, 3],
    lower: [0, 0, 1, undefined],
    times: [1, 2, 3, 4],
    from: 0,
    to: 4,
    top: 4,
    width: 10,
    height: 10,
  }]],
};
