import { assertEquals, assertMatch } from "@std/assert";
import { formatTime } from "../../../src/features/ssi/time_format.ts";

/** What the C library says. */
const ROWS: [time: string, format: string, result: string][] = [
  [
    "2026-11-27T23:01:37Z",
    "%A %a %B %b %h %d %e",
    "Friday Fri November Nov Nov 27 27",
  ],
  [
    "2026-11-27T23:01:37Z",
    "%H %I %k %l %M %S %p %P",
    "23 11 23 11 01 37 PM pm",
  ],
  [
    "2026-11-27T23:01:37Z",
    "%j %U %W %V %u %w %g %G",
    "331 47 47 48 5 5 26 2026",
  ],
  ["2026-11-27T23:01:37Z", "%C %y %Y %m", "20 26 2026 11"],
  [
    "2026-11-27T23:01:37Z",
    "%x|%X|%c",
    "11/27/26|23:01:37|Fri Nov 27 23:01:37 2026",
  ],
  [
    "2026-11-27T23:01:37Z",
    "%D|%F|%T|%R|%r",
    "11/27/26|2026-11-27|23:01:37|23:01|11:01:37 PM",
  ],
  ["2026-11-27T23:01:37Z", "%s|%z|%Z", "1795820497|+0000|GMT"],
  ["2026-11-27T23:01:37Z", "%%|%n|%t|%Q|%", "%|\n|\t|%Q|%"],
  [
    "2023-01-01T00:00:00Z",
    "%U %W %V %G %j %e %l %I %u",
    "01 00 52 2022 001  1 12 12 7",
  ],
  ["2024-12-31T12:00:00Z", "%U %W %V %G %j %I %p", "52 53 01 2025 366 12 PM"],
  ["2021-01-03T00:00:00Z", "%U %W %V %G", "01 00 53 2020"],
  ["2024-03-01T00:00:00Z", "%j", "061"],
  ["2023-03-01T00:00:00Z", "%j", "060"],
];

for (const [time, format, result] of ROWS) {
  Deno.test(`formatTime() of ${time} as ${format}`, () => {
    assertEquals(formatTime(format, Date.parse(time), "GMT"), result);
  });
}

Deno.test("formatTime() knows the local time", () => {
  const time = Date.parse("2026-11-27T23:01:37Z");
  const local = formatTime("%Y-%m-%dT%H:%M:%S%z", time, "local");
  assertEquals(Date.parse(local.replace(/(\d\d)$/, ":$1")), time);
  assertMatch(formatTime("%Z", time, "local"), /^[A-Z][A-Z0-9+:-]*$/);
});
