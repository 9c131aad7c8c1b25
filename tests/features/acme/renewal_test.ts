import { assertEquals } from "@std/assert";
import { Reply } from "../../../src/features/acme/authority/client.ts";
import type { Client } from "../../../src/features/acme/authority/client.ts";
import {
  adviceOn,
  momentIn,
  usualRenewal,
} from "../../../src/features/acme/authority/renewal.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-28T00:00:00Z");

/** An authority that gives this advice. */
function advising(
  body: unknown,
  fields: Record<string, string> = {},
  renewalInfo: string | undefined = "https://ca.test/info",
): Client {
  return {
    directory: () => Promise.resolve({ renewalInfo }),
    get: (url: string) => {
      assertEquals(url, "https://ca.test/info/id");
      const headers = new Headers(fields);
      return Promise.resolve(new Reply(200, headers, JSON.stringify(body)));
    },
  } as unknown as Client;
}

const WINDOW = {
  suggestedWindow: {
    start: "2026-12-01T00:00:00Z",
    end: "2026-12-02T00:00:00Z",
  },
};

Deno.test("without advice it is renewed at two thirds, however short it is", () => {
  const notBefore = NOW;
  const names: string[] = [];
  for (const hours of [90 * 24, 6 * 24, 1]) {
    const notAfter = notBefore + hours * HOUR;
    assertEquals(
      usualRenewal({ notBefore, notAfter, names }),
      NOW + hours * HOUR * 2 / 3,
    );
  }
});

Deno.test("advice is a window, and when to ask again within bounds (RFC 9773)", async () => {
  const rows: [fields: Record<string, string>, hours: number][] = [
    [{}, 6],
    [{ "Retry-After": "7200" }, 2],
    [{ "Retry-After": "0" }, 1 / 60],
    [{ "Retry-After": "99999999" }, 24],
    [{ "Retry-After": "Sat, 28 Nov 2026 03:00:00 GMT" }, 3],
    [{ "Retry-After": "soon" }, 6],
  ];
  for (const [fields, hours] of rows) {
    const advice = await adviceOn("id", advising(WINDOW, fields), NOW);
    assertEquals(advice, {
      start: Date.parse(WINDOW.suggestedWindow.start),
      end: Date.parse(WINDOW.suggestedWindow.end),
      explanation: "",
      askAt: NOW + hours * HOUR,
    });
  }
});

Deno.test("a window that is none, or backwards, is no advice", async () => {
  const { start, end } = WINDOW.suggestedWindow;
  for (
    const body of [
      {},
      { suggestedWindow: {} },
      { suggestedWindow: { start, end: "never" } },
      { suggestedWindow: { start: end, end: start } },
      { suggestedWindow: { start, end: start } },
    ]
  ) {
    assertEquals(await adviceOn("id", advising(body), NOW), undefined);
  }
  const silent = {
    directory: () => Promise.resolve({}),
  } as unknown as Client;
  assertEquals(await adviceOn("id", silent, NOW), undefined);
});

Deno.test("the moment is anywhere in the window", async () => {
  const advice = (await adviceOn("id", advising(WINDOW), NOW))!;
  assertEquals(momentIn(advice, 0), advice.start);
  assertEquals(momentIn(advice, 0.5), (advice.start + advice.end) / 2);
});

Deno.test("a reply tells its links by relation", () => {
  const reply = new Reply(
    200,
    new Headers([
      ["Link", '<https://ca.test/dir>;rel="index"'],
      ["Link", '<https://ca.test/1>;rel="alternate"'],
      ["Link", "<https://ca.test/2>; title=x; rel=alternate"],
    ]),
    "",
  );
  assertEquals(reply.links("alternate"), [
    "https://ca.test/1",
    "https://ca.test/2",
  ]);
  assertEquals(reply.links("up"), []);
});
