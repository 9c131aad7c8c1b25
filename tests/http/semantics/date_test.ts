import { assertEquals, assertThrows } from "@std/assert";
import {
  formatHttpDate,
  MAX_HTTP_DATE_MS,
  MIN_HTTP_DATE_MS,
  parseHttpDate,
} from "../../../src/http/semantics/date.ts";

/** The example of RFC 9110 §5.6.7. */
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);
const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);

Deno.test("formatHttpDate() writes IMF-fixdate", () => {
  const cases: [number, string][] = [
    [EXAMPLE, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [999, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [1000, "Thu, 01 Jan 1970 00:00:01 GMT"],
    [-1, "Wed, 31 Dec 1969 23:59:59 GMT"],
    [-0.5, "Wed, 31 Dec 1969 23:59:59 GMT"],
    [EXAMPLE + 0.9, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [Date.UTC(2024, 1, 29, 23, 59, 59), "Thu, 29 Feb 2024 23:59:59 GMT"],
    [MIN_HTTP_DATE_MS, "Sat, 01 Jan 0000 00:00:00 GMT"],
    [MAX_HTTP_DATE_MS, "Fri, 31 Dec 9999 23:59:59 GMT"],
  ];
  for (const [ms, text] of cases) assertEquals(formatHttpDate(ms), text);
});

Deno.test("formatHttpDate() throws where a year has not four digits", () => {
  const outside = [
    NaN,
    Infinity,
    -Infinity,
    MAX_HTTP_DATE_MS + 1,
    MIN_HTTP_DATE_MS - 1,
  ];
  for (const ms of outside) {
    assertThrows(() => formatHttpDate(ms), RangeError, undefined, String(ms));
  }
});

Deno.test("parseHttpDate() reads the three formats", () => {
  const cases: [string, number][] = [
    ["Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE],
    ["Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE],
    ["Sun Nov  6 08:49:37 1994", EXAMPLE],
    ["Sun Nov 06 08:49:37 1994", EXAMPLE],
    ["Wed Nov 16 08:49:37 1994", EXAMPLE + 10 * 86_400_000],
    ["Wednesday, 16-Nov-94 08:49:37 GMT", EXAMPLE + 10 * 86_400_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["Wed, 31 Dec 1969 23:59:59 GMT", -1000],
    ["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
    ["Tue, 29 Feb 2000 00:00:00 GMT", Date.UTC(2000, 1, 29)],
    ["Sat, 01 Jan 0000 00:00:00 GMT", MIN_HTTP_DATE_MS],
    ["Fri, 31 Dec 9999 23:59:59 GMT", MAX_HTTP_DATE_MS - 999],
    // A leap second.
    ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
    // The day name is not compared with the date.
    ["Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE],
  ];
  for (const [text, ms] of cases) {
    assertEquals(parseHttpDate(text, NOW), ms, text);
  }
});

Deno.test("parseHttpDate() rejects what is not exactly a date", () => {
  const cases = [
    "",
    "0",
    "GMT",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06 Nov +199 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Son, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 Nvo 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 31 Apr 1994 08:49:37 GMT",
    "Sun, 31 Jun 1994 08:49:37 GMT",
    "Sun, 31 Sep 1994 08:49:37 GMT",
    "Sun, 32 Jan 1994 08:49:37 GMT",
    "Sun, 29 Feb 2023 08:49:37 GMT",
    "Sun, 29 Feb 1900 08:49:37 GMT",
    "Sun, 30 Feb 2024 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:60 GMT",
    "Sun, 06 Nov 1994 22:59:60 GMT",
    "Sun, 06 Nov 1994 23:59:61 GMT",
    "Sun, 06 Nov 1994 8:49:37  GMT",
    "Sun, 06 Nov 1994 08.49.37 GMT",
    "Sun, 06 Nov 1994 08:49.37 GMT",
    "Sun, 06 Nov 1994 08.49:37 GMT",
    "Sun, 06 Nov 1994 xx:49:37 GMT",
    "Sun, 06 Nov 1994 08:xx:37 GMT",
    "Sun, 06 Nov 1994 08:49:xx GMT",
    "Sun, 06 Nov 1994 -8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 06 Nov 94 08:49:37 GMT",
    "Sunday, 31-Nov-94 08:49:37 GMT",
    "Sunday, 00-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-x4 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 EST",
    "Sunday, 06-Nvo-94 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:60:37 GMT",
    "Sunday, 29-Feb-23 08:49:37 GMT",
    "Someday, 06-Nov-94 08:49:37 GMT",
    ", 06-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    "Sun-Nov  6 08:49:37 1994",
    "Sun Nov- 6 08:49:37 1994",
    "Sun Nov  6-08:49:37 1994",
    "Sun Nov  6 08:49:37-1994",
    "Sun Nov  0 08:49:37 1994",
    "Sun Nov 31 08:49:37 1994",
    "Sun Nov  6 08:49:37 19x4",
    "Sun Nov  6 25:49:37 1994",
    "Sunday Nov  6 08:49:37 1994",
    "Sun Nov  6 08:49:37 1994 GMT",
  ];
  for (const text of cases) {
    assertEquals(parseHttpDate(text, NOW), undefined, text);
  }
});

Deno.test("parseHttpDate() takes a two-digit year by the 50-year rule", () => {
  const cases: [text: string, now: number, expected: number][] = [
    ["01-Jan-26 00:00:00", NOW, Date.UTC(2026, 0, 1)],
    ["01-Jan-00 00:00:00", NOW, Date.UTC(2000, 0, 1)],
    ["01-Jan-75 00:00:00", NOW, Date.UTC(2075, 0, 1)],
    ["01-Jan-77 00:00:00", NOW, Date.UTC(1977, 0, 1)],
    ["01-Jan-99 00:00:00", NOW, Date.UTC(1999, 0, 1)],
    // Exactly 50 years ahead is not more than 50 years ahead.
    ["15-Jun-76 12:00:00", NOW, Date.UTC(2076, 5, 15, 12)],
    ["15-Jun-76 12:00:01", NOW, Date.UTC(1976, 5, 15, 12, 0, 1)],
    // The present century changes within the 50 years.
    ["01-Jan-05 00:00:00", Date.UTC(2060, 0, 1), Date.UTC(2105, 0, 1)],
    ["01-Jan-15 00:00:00", Date.UTC(2060, 0, 1), Date.UTC(2015, 0, 1)],
    ["01-Jan-99 00:00:00", Date.UTC(2060, 0, 1), Date.UTC(2099, 0, 1)],
    // 2000 has a 29th of February.
    ["29-Feb-00 00:00:00", NOW, Date.UTC(2000, 1, 29)],
  ];
  for (const [text, now, expected] of cases) {
    const date = `Sunday, ${text} GMT`;
    assertEquals(parseHttpDate(date, now), expected, date);
  }
});

Deno.test("parseHttpDate() undoes formatHttpDate() on every day", () => {
  for (
    let ms = Date.UTC(1896, 0, 1, 0, 0, 1);
    ms < Date.UTC(2105, 0, 1);
    ms += 86_400_000
  ) {
    const text = formatHttpDate(ms);
    if (parseHttpDate(text, NOW) !== ms) {
      assertEquals(parseHttpDate(text, NOW), ms, text);
    }
  }
});
