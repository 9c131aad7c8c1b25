import { assertEquals } from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import type { Exchange } from "../../../src/core/exchange.ts";
import { GRANTED, type Verdict } from "../../../src/core/module.ts";
import { accessPhase } from "../../../src/server/setup/access_phase.ts";
import { configured } from "../../support/config_support.ts";

const VERDICTS: Readonly<Record<string, Verdict>> = {
  yes: GRANTED,
  no: new HttpError(403, "no", { severity: "silent" }),
  who: new HttpError(401, "who"),
  late: new HttpError(503, "late"),
  nothing: undefined,
};

/** What becomes of the verdicts of checks, and how many were asked. */
async function outcomeOf(
  verdicts: string,
  { satisfy = "all", later = false, delay = "0" } = {},
) {
  let asked = 0;
  const scope = configured(`satisfy ${satisfy}; auth_delay ${delay};`);
  const phase = accessPhase(
    verdicts.split(" ").map((word) => () => {
      asked++;
      return later ? Promise.resolve(VERDICTS[word]) : VERDICTS[word];
    }),
    scope,
  );
  const exchange = {
    errorFields: [["WWW-Authenticate", "x"], ["Location", "/"]],
    signal: AbortSignal.timeout(60),
    // What the line of a log is made of.
    request: { line: "", first: () => undefined },
    connection: { serial: 1 },
    location: {},
    server: {},
  } as unknown as Exchange;
  const outcome = await phase[0]!(exchange);
  const told = outcome instanceof HttpError
    ? `${outcome.status} ${outcome.message}`
    : "on";
  return { told, asked, fields: exchange.errorFields.map(([name]) => name) };
}

Deno.test("accessPhase() is none without checks", () => {
  assertEquals(accessPhase([], configured("satisfy any;")), []);
});

Deno.test("accessPhase() does as nginx's access phase", async () => {
  const forbidden = "403 access forbidden by rule";
  const rows: [
    satisfy: string,
    verdicts: string,
    told: string,
    asked: number,
  ][] = [
    ["all", "nothing", "on", 1],
    ["all", "yes yes", "on", 2],
    ["all", "yes no yes", "403 no", 2],
    ["all", "nothing who", "401 who", 2],
    ["all", "who no", "401 who", 1],
    ["all", "late yes", "503 late", 1],
    ["any", "nothing nothing", "on", 2],
    ["any", "yes no", "on", 1],
    ["any", "no yes who", "on", 2],
    ["any", "who yes", "on", 2],
    ["any", "no nothing", forbidden, 2],
    ["any", "nothing no", forbidden, 2],
    ["any", "no who", "401 who", 2],
    ["any", "who no", "401 who", 2],
    ["any", "no late yes", "503 late", 2],
  ];
  for (const [satisfy, verdicts, told, asked] of rows) {
    for (const later of [false, true]) {
      const found = await outcomeOf(verdicts, { satisfy, later });
      assertEquals([found.told, found.asked], [told, asked], verdicts);
    }
  }
});

Deno.test("accessPhase() asks nobody whom one check lets pass", async () => {
  const granted = await outcomeOf("no yes", { satisfy: "any" });
  assertEquals(granted.fields, ["Location"]);
  const all = await outcomeOf("yes yes");
  assertEquals(all.fields, ["WWW-Authenticate", "Location"]);
});

Deno.test("accessPhase() has a client wait for 401, and for no other answer", async () => {
  const rows: [verdicts: string, satisfy: string, waits: boolean][] = [
    ["who", "all", true],
    ["no who", "any", true],
    ["no", "all", false],
    ["yes", "all", false],
  ];
  for (const [verdicts, satisfy, waits] of rows) {
    const start = performance.now();
    await outcomeOf(verdicts, { satisfy, delay: "30ms" });
    assertEquals(performance.now() - start >= 29, waits, verdicts);
  }
  // Who has left is not waited for: the signal is aborted after 60 ms.
  const start = performance.now();
  await outcomeOf("who", { delay: "1h" });
  assertEquals(performance.now() - start < 10_000, true);
});
