/**
 * What the script of the status page reckons with. The page gets each of these
 * functions as its source, so each one stands alone: it calls none of the
 * others and names nothing of this file.
 */

/** What is known at a moment; `undefined` where nothing is. */
export type Values = readonly (number | undefined)[];

/**
 * How much a counter grows in a second. `undefined` where that is not known:
 * no time has passed, or the counter began anew.
 */
function rate(
  before: number | undefined,
  now: number | undefined,
  seconds: number,
): number | undefined {
  if (before === undefined || now === undefined) return undefined;
  if (!(seconds > 0) || now < before) return undefined;
  return (now - before) / seconds;
}

/** How much each of several counters has grown; `undefined` as with one. */
function growth(
  before: readonly number[] | undefined,
  now: readonly number[] | undefined,
): number[] | undefined {
  if (before === undefined || now === undefined) return undefined;
  if (before.length !== now.length) return undefined;
  const grown = now.map((value, i) => value - before[i]!);
  return grown.some((value) => value < 0) ? undefined : grown;
}

/**
 * The value below which a `part` (0 to 1) of what is in the buckets of a
 * histogram is; within a bucket all is taken to be spread evenly. What is in
 * the first bucket counts as its bound, and what is above the last bound as
 * that one: more is not known. `undefined` for an empty one.
 */
function quantile(
  counts: readonly number[] | undefined,
  bounds: readonly number[],
  part: number,
): number | undefined {
  if (counts === undefined) return undefined;
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let left = all * part;
  for (let i = 0; i < bounds.length; i++) {
    const count = counts[i] ?? 0;
    if (count > 0 && left <= count) {
      const from = bounds[Math.max(0, i - 1)]!;
      return from + (bounds[i]! - from) * (left / count);
    }
    left -= count;
  }
  return bounds.at(-1);
}

/** What part of `all` is `some`, 0 to 1; `undefined` of nothing. */
function share(
  some: number | undefined,
  all: number | undefined,
): number | undefined {
  if (some === undefined || all === undefined) return undefined;
  return all > 0 ? some / all : undefined;
}

/**
 * The end of a scale that shows `value`: a round number times a power of ten,
 * and with `base` 1024 times a power of that.
 */
function scaleEnd(value: number, base: 1000 | 1024 = 1000): number {
  if (!(value > 0)) return 1;
  let unit = 1;
  if (base === 1024) { while (value / unit >= 1024) unit *= 1024; }
  const power = 10 ** Math.floor(Math.log10(value / unit));
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) {
    // A hair above is what the arithmetic makes of the step itself.
    if (value / unit <= step * power * 1.000001) {
      return base === 1024 && step * power >= 1000
        ? 1024 * unit
        : step * power * unit;
    }
  }
  return 10 * power * unit;
}

/** A count or a rate, short: `12.3 k`. */
function countText(value: number | undefined): string {
  if (value === undefined) return "\u2013";
  const units = ["", " k", " M", " G", " T"];
  let at = 0;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  const digits = value >= 99.95 || (at === 0 && Number.isInteger(value))
    ? 0
    : value >= 9.995
    ? 1
    : 2;
  const text = value.toFixed(digits);
  return (digits > 0 ? text.replace(/\.?0+$/, "") : text) + units[at];
}

/** A size: `1.5 MiB`. */
function bytesText(value: number | undefined): string {
  if (value === undefined) return "\u2013";
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let at = 0;
  while (value >= 1023.5 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  const digits = at === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${units[at]}`;
}

/** A short time: `350 µs`, `12.5 ms`, `2.5 s`. */
function secondsText(value: number | undefined): string {
  if (value === undefined) return "\u2013";
  const [unit, factor] = value < 0.0009995
    ? ["µs", 1e6] as const
    : value < 0.9995
    ? ["ms", 1e3] as const
    : ["s", 1] as const;
  const scaled = value * factor;
  const digits = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  const text = scaled.toFixed(digits);
  return `${digits > 0 ? text.replace(/\.?0+$/, "") : text} ${unit}`;
}

/** A part of a whole: `98.7 %`. */
function shareText(value: number | undefined): string {
  if (value === undefined) return "\u2013";
  const percent = value * 100;
  // What is not all is not shown as all.
  const text = percent > 99.95 && percent < 100
    ? "99.9"
    : percent.toFixed(1).replace(/\.0$/, "");
  return `${text} %`;
}

/** A long time in its two largest units: `3 d 4 h`. */
function spanText(seconds: number): string {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]] as const;
  let left = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    // What comes next is asked only right behind the largest.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/**
 * The path of an area between two lines, or of one line (`lower` left out), in
 * a box of `width` and `height`. Values are at `times`, from `from` to `to`;
 * where one is not known there is a gap. `top` is at the upper edge.
 */
function plotPath(
  { upper, lower, times, from, to, top, width, height }: {
    readonly upper: Values;
    readonly lower?: Values | undefined;
    readonly times: readonly number[];
    readonly from: number;
    readonly to: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  },
): string {
  const x = (i: number) =>
    ((times[i]! - from) / (to - from) * width).toFixed(1);
  const y = (value: number) =>
    (height - Math.min(1, Math.max(0, value / top)) * height).toFixed(1);
  const runs: number[][] = [];
  let isOpen = false;
  upper.forEach((value, i) => {
    if (value === undefined) {
      isOpen = false;
      return;
    }
    if (!isOpen) runs.push([]);
    isOpen = true;
    runs.at(-1)!.push(i);
  });
  return runs.map((run) => {
    const line = run.map((i) => `${x(i)} ${y(upper[i]!)}`);
    // A single moment is a line that a round end makes a dot of.
    if (lower === undefined) {
      return `M${
        line.length === 1 ? [line[0], line[0]].join("L") : line.join("L")
      }`;
    }
    const back = run.toReversed().map((i) => `${x(i)} ${y(lower[i] ?? 0)}`);
    return `M${line.join("L")}L${back.join("L")}Z`;
  }).join("");
}

/** What the script reckons with, by the names that it calls it by. */
export const MODEL = {
  rate,
  growth,
  quantile,
  share,
  scaleEnd,
  countText,
  bytesText,
  secondsText,
  shareText,
  spanText,
  plotPath,
};
