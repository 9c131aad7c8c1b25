import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { parseHttpDate } from "../../../src/http/semantics/date.ts";
import { HeaderList, HttpResponse } from "../../../src/http/response.ts";
import {
  type Expires,
  nextTimeOfDay,
  parseExpires,
  setExpires,
} from "../../../src/features/headers/expires.ts";
import { RawClient } from "../../support/raw_client.ts";
import { read, request, serverOf } from "../../support/module_support.ts";

const DAY = 86_400;

const PARSE_ROWS: [text: string, modified: boolean, Expires | string][] = [
  ["off", false, { kind: "off" }],
  ["epoch", false, { kind: "epoch" }],
  ["max", false, { kind: "max" }],
  ["off", true, "invalid value"],
  ["epoch", true, "invalid value"],
  ["OFF", false, "invalid value"],
  ["1h", false, { kind: "access", seconds: 3600 }],
  ["+1h", false, { kind: "access", seconds: 3600 }],
  ["-1h", false, { kind: "access", seconds: -3600 }],
  ["-1", false, { kind: "access", seconds: -1 }],
  ["0", false, { kind: "access", seconds: 0 }],
  ["-0", false, { kind: "access", seconds: 0 }],
  ["1y 6M 1d", false, { kind: "access", seconds: (365 + 180 + 1) * DAY }],
  ["30d", true, { kind: "modified", seconds: 30 * DAY }],
  ["-30d", true, { kind: "modified", seconds: -30 * DAY }],
  ["0", true, { kind: "access", seconds: 0 }],
  ["@15h30m", false, { kind: "daily", seconds: 55_800 }],
  ["@0", false, { kind: "daily", seconds: 0 }],
  ["@24h", false, { kind: "daily", seconds: DAY }],
  ["@24h1s", false, "daily time value must be less than 24 hours"],
  ["@1h", true, 'daily time cannot be used with "modified" parameter'],
  ["@-1h", false, "invalid value"],
  ["@", false, "invalid value"],
  ["", false, "invalid value"],
  ["--1", false, "invalid value"],
  ["1h30", false, { kind: "access", seconds: 3630 }],
  ["1x", false, "invalid value"],
  ["500ms", false, "invalid value"],
];

for (const [text, modified, expected] of PARSE_ROWS) {
  const name = `${modified ? "modified " : ""}${JSON.stringify(text)}`;
  Deno.test(`parseExpires() reads ${name}`, () => {
    assertEquals(parseExpires(text, modified), expected);
  });
}

const NOW = Date.UTC(2026, 10, 23, 19, 4, 13, 700);

interface SetRow {
  readonly name: string;
  readonly expires: Expires;
  readonly lastModified?: string;
  readonly date?: string;
  readonly after?: number;
  readonly control: string;
}

const SET_ROWS: readonly SetRow[] = [
  {
    name: "epoch",
    expires: { kind: "epoch" },
    date: "Thu, 01 Jan 1970 00:00:01 GMT",
    control: "no-cache",
  },
  {
    name: "max",
    expires: { kind: "max" },
    date: "Thu, 31 Dec 2037 23:55:55 GMT",
    control: "max-age=315360000",
  },
  {
    name: "a time after the request",
    expires: { kind: "access", seconds: 60 },
    after: 60,
    control: "max-age=60",
  },
  {
    name: "no time",
    expires: { kind: "access", seconds: 0 },
    after: 0,
    control: "max-age=0",
  },
  {
    name: "a time before the request",
    expires: { kind: "access", seconds: -1 },
    after: -1,
    control: "no-cache",
  },
  {
    name: "a time after the last change",
    expires: { kind: "modified", seconds: 3600 },
    lastModified: "Mon, 23 Nov 2026 18:34:13 GMT",
    date: "Mon, 23 Nov 2026 19:34:13 GMT",
    control: "max-age=1800",
  },
  {
    name: "a time after the last change that is over",
    expires: { kind: "modified", seconds: 3600 },
    lastModified: "Sun, 06 Nov 1994 08:49:37 GMT",
    date: "Sun, 06 Nov 1994 09:49:37 GMT",
    control: "no-cache",
  },
  {
    name: "a time after a change nobody knows of",
    expires: { kind: "modified", seconds: 3600 },
    after: 3600,
    control: "max-age=3600",
  },
  {
    name: "a time after the end of all dates",
    expires: { kind: "modified", seconds: 9000 * 365 * DAY },
    lastModified: "Mon, 23 Nov 2026 18:34:13 GMT",
    date: "Fri, 31 Dec 9999 23:59:59 GMT",
    control: `max-age=${9000 * 365 * DAY - 1800}`,
  },
];

for (const { name, expires, lastModified, date, after, control } of SET_ROWS) {
  Deno.test(`setExpires() says ${name}`, () => {
    const headers = new HeaderList([["Cache-Control", "old"]]);
    if (lastModified !== undefined) headers.set("Last-Modified", lastModified);
    const response = new HttpResponse(200, { headers });
    setExpires(response, expires, NOW);
    assertEquals(response.headers.get("Expires"), date);
    assertEquals(response.expiresAfter, after);
    assertEquals(response.headers.get("Cache-Control"), control);
  });
}

Deno.test("nextTimeOfDay() is the next one of the local time", () => {
  const at = (h: number, m: number, s = 0, day = 23) =>
    new Date(2026, 10, day, h, m, s).getTime();
  const now = at(12, 0, 0);
  assertEquals(nextTimeOfDay(15 * 3600, now), at(15, 0));
  assertEquals(nextTimeOfDay(9 * 3600, now), at(9, 0, 0, 24));
  assertEquals(nextTimeOfDay(12 * 3600, now), at(12, 0, 0, 24));
  assertEquals(nextTimeOfDay(12 * 3600 + 1, now), at(12, 0, 1));
  assertEquals(nextTimeOfDay(0, now), at(0, 0, 0, 24));
  assertEquals(nextTimeOfDay(DAY, now), at(0, 0, 0, 24));
  assertEquals(nextTimeOfDay(12 * 3600, now + 900), at(12, 0, 0, 24));
});

const BROKEN: [text: string, message: string][] = [
  ["expires 1x;", '"expires" directive invalid value'],
  ["expires changed 1h;", '"expires" directive invalid value'],
  ["expires modified @1h;", "daily time cannot be used"],
  ["expires @25h;", "must be less than 24 hours"],
  ["expires 1h; expires 2h;", '"expires" directive is duplicate'],
  ["expires $nosuch;", 'unknown "nosuch" variable'],
];

for (const [text, message] of BROKEN) {
  Deno.test(`expires refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

/** How many seconds after its date an answer expires. */
function secondsOf(
  response: { field(name: string): string | undefined },
): number | undefined {
  const expires = response.field("expires");
  if (expires === undefined) return undefined;
  const date = parseHttpDate(response.field("date")!, Date.now())!;
  return (parseHttpDate(expires, Date.now())! - date) / 1000;
}

Deno.test("expires is said as nginx says it", async () => {
  await using server = serverOf(
    `location /access/ { expires 1h; }
     location /never/ { expires -1; }
     location /max/ { expires max; location /max/off/ { expires off; } }
     location /arg/ { expires $arg_e; }
     location /modified/ { expires modified 100d; }
     location /error/ { expires 1h; error_page 404 /error/page.html; }
     location /redirect/ { expires 1h; return 301 /x; }`,
    {
      "access/a.txt": "a",
      "never/a.txt": "a",
      "max/a.txt": "a",
      "max/off/a.txt": "a",
      "arg/a.txt": "a",
      "modified/a.txt": "a",
      "error/page.html": "page",
    },
  );
  const rows: [path: string, seconds: number | "max" | "none", string?][] = [
    ["/access/a.txt", 3600, "max-age=3600"],
    ["/never/a.txt", -1, "no-cache"],
    ["/max/a.txt", "max", "max-age=315360000"],
    ["/max/off/a.txt", "none"],
    ["/arg/a.txt?e=1d", DAY, "max-age=86400"],
    ["/arg/a.txt?e=-1d", -DAY, "no-cache"],
    ["/arg/a.txt?e=off", "none"],
    ["/arg/a.txt?e=nonsense", "none"],
    ["/arg/a.txt", "none"],
    ["/access/missing", "none"],
    ["/error/missing", "none"],
    ["/error/page.html", 3600, "max-age=3600"],
    ["/error/missing", "none"],
    ["/redirect/", 3600, "max-age=3600"],
  ];
  for (const [path, seconds, control] of rows) {
    for (let repeated = 0; repeated < 2; repeated++) {
      const response = await request(server, path);
      if (seconds === "max") {
        assertEquals(
          response.field("expires"),
          "Thu, 31 Dec 2037 23:55:55 GMT",
        );
      } else {
        assertEquals(
          secondsOf(response),
          seconds === "none" ? undefined : seconds,
          path,
        );
      }
      assertEquals(response.field("cache-control"), control, path);
    }
  }
  const response = await request(server, "/modified/a.txt");
  const changed = parseHttpDate(response.field("last-modified")!, 0)!;
  const expires = parseHttpDate(response.field("expires")!, 0)!;
  assertEquals((expires - changed) / 1000, 100 * DAY);
});

Deno.test("expires is said in 206, 304 and HEAD as in 200", async () => {
  await using server = serverOf("expires 1h;", { "a.txt": "abc" });
  const whole = await request(server, "/a.txt");
  const etag = whole.field("etag");
  const rows = [
    [206, { fields: "Range: bytes=0-0\r\n" }],
    [304, { fields: `If-None-Match: ${etag}\r\n` }],
    [200, { method: "HEAD" }],
    [200, { minorVersion: 0 as const }],
  ] as const;
  for (const [status, options] of rows) {
    const response = await request(server, "/a.txt", options);
    assertEquals(response.status, status);
    assertEquals(secondsOf(response), 3600);
    assertEquals(response.field("cache-control"), "max-age=3600");
  }
});

Deno.test("expires follows the date of a kept answer", async () => {
  await using server = serverOf("expires 1h;", { "a.txt": "abc" });
  using client = await RawClient.connect(server.port);
  const dates = new Set<string>();
  for (let i = 0; i < 3; i++) {
    await client.send("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    const response = (await client.response())!;
    assertEquals(secondsOf(response), 3600);
    assertEquals(response.text, "abc");
    dates.add(response.field("date")!);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  assertEquals(dates.size > 1, true);
});
