import { assertEquals } from "@std/assert";
import {
  formatErrorLogTime,
  formatIso8601,
  formatTimeLocal,
  SecondCache,
} from "../../src/logging/local_time.ts";

const MODULE = new URL("../../src/logging/local_time.ts", import.meta.url).href;

/** 2026-11-23T19:04:13Z */
const AUTUMN_MS = 1_795_460_653_000;
/** 2026-07-01T00:00:00Z */
const SUMMER_MS = 1_782_864_000_000;
/** 2001-02-03T04:05:06Z */
const EARLY_MS = 981_173_106_000;

/** What both functions say in a process of its own, which has its own zone. */
async function inZone(zone: string, timeMs: number): Promise<string[]> {
  const script = `import { formatTimeLocal, formatErrorLogTime } from ` +
    `"${MODULE}"; console.log(formatTimeLocal(${timeMs})); ` +
    `console.log(formatErrorLogTime(${timeMs}));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", script],
    env: { TZ: zone, NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

const ZONE_ROWS: [
  zone: string,
  timeMs: number,
  timeLocal: string,
  errorLog: string,
][] = [
  ["UTC", AUTUMN_MS, "23/Nov/2026:19:04:13 +0000", "2026/11/23 19:04:13"],
  ["UTC", EARLY_MS, "03/Feb/2001:04:05:06 +0000", "2001/02/03 04:05:06"],
  [
    "Europe/Berlin",
    SUMMER_MS,
    "01/Jul/2026:02:00:00 +0200",
    "2026/07/01 02:00:00",
  ],
  [
    "America/St_Johns",
    AUTUMN_MS,
    "23/Nov/2026:15:34:13 -0330",
    "2026/11/23 15:34:13",
  ],
  [
    "Asia/Kathmandu",
    AUTUMN_MS,
    "24/Nov/2026:00:49:13 +0545",
    "2026/11/24 00:49:13",
  ],
];

for (const [zone, timeMs, timeLocal, errorLog] of ZONE_ROWS) {
  Deno.test(`formatTimeLocal and formatErrorLogTime in ${zone} say ${errorLog}`, async () => {
    assertEquals(await inZone(zone, timeMs), [timeLocal, errorLog]);
  });
}

Deno.test("formatIso8601() says the same time as formatTimeLocal()", () => {
  for (const timeMs of [AUTUMN_MS, SUMMER_MS, EARLY_MS]) {
    const text = formatIso8601(timeMs);
    assertEquals(Date.parse(text), timeMs, text);
    const [, zone = ""] = formatTimeLocal(timeMs).split(" ");
    assertEquals(text.slice(19), `${zone.slice(0, 3)}:${zone.slice(3)}`);
  }
});

Deno.test("formatTimeLocal and formatErrorLogTime leave out milliseconds", () => {
  assertEquals(formatTimeLocal(AUTUMN_MS + 999), formatTimeLocal(AUTUMN_MS));
  assertEquals(
    formatErrorLogTime(AUTUMN_MS + 999),
    formatErrorLogTime(AUTUMN_MS),
  );
});

Deno.test("SecondCache formats once a second, forwards and back", () => {
  const asked: number[] = [];
  const cache = new SecondCache((timeMs) => {
    asked.push(timeMs);
    return `at ${timeMs}`;
  });
  const decoder = new TextDecoder();
  const said = [5000, 5999, 6000, 5001].map((timeMs) =>
    decoder.decode(cache.at(timeMs))
  );
  assertEquals(said, ["at 5000", "at 5000", "at 6000", "at 5000"]);
  assertEquals(asked, [5000, 6000, 5000]);
  assertEquals(cache.textAt(5002), "at 5000");
  assertEquals(cache.textAt(7000), "at 7000");
  assertEquals(asked, [5000, 6000, 5000, 7000]);
});
