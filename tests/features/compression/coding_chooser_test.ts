import { assertEquals } from "@std/assert";
import type { Exchange } from "../../../src/core/exchange.ts";
import {
  accepts,
  CodingChooser,
} from "../../../src/features/compression/coding_chooser.ts";
import type { Coding } from "../../../src/files/coding/codings.ts";

function exchangeOf(header: string | undefined): Exchange {
  return { request: { value: () => header } } as unknown as Exchange;
}

/** What a client says, what there is, and what it gets. */
const ROWS: [header: string | undefined, there: Coding[], gets?: Coding][] = [
  [undefined, ["br", "gzip"]],
  ["gzip", []],
  ["gzip, br", ["br", "gzip"], "br"],
  ["gzip, br", ["gzip"], "gzip"],
  ["gzip;q=1, br;q=0.5", ["br", "gzip"], "gzip"],
  ["br;q=0, *", ["br", "gzip"], "gzip"],
  ["identity", ["gzip"]],
  ["deflate", ["gzip"]],
  ["", ["gzip"]],
  ["gzip;q=0, identity;q=0", ["gzip"]], // nothing is acceptable
];

Deno.test("CodingChooser chooses the same when it remembers", () => {
  const chooser = new CodingChooser();
  for (const round of ["first", "remembered"]) {
    for (const [header, available, expected] of ROWS) {
      const choice = chooser.choose(exchangeOf(header), available);
      assertEquals(choice, expected, `${header} of ${available}, ${round}`);
    }
  }
});

Deno.test("accepts() says what a client can decode", () => {
  const rows: [header: string | undefined, accepts: boolean][] = [
    ["gzip", true],
    ["*", true],
    ["br", false],
    ["gzip;q=0", false],
    [undefined, false],
  ];
  for (const [header, expected] of rows) {
    assertEquals(accepts(exchangeOf(header), "gzip"), expected, `${header}`);
  }
});
