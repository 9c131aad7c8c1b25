import { assertEquals } from "@std/assert";
import {
  acceptsEncoding,
  chooseEncoding,
  MAX_ACCEPTED_CODINGS,
} from "../../../src/http/semantics/negotiation.ts";

const SERVER = ["br", "zstd", "gzip"] as const;

Deno.test("chooseEncoding() weighs what the client accepts", () => {
  const cases: [header: string | undefined, expected: string][] = [
    [undefined, "identity"],
    ["", "identity"],
    [" ", "identity"],
    [",", "identity"],
    ["gzip", "gzip"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, deflate", "gzip"],
    ["deflate", "identity"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["X-Gzip;q=0.5", "gzip"],
    ["gzip,br", "br"],
    ["\tgzip\t,\tzstd\t", "zstd"],
    // The highest weight first, the server's order among equals.
    ["gzip;q=1.0, br;q=0.9", "gzip"],
    ["gzip;q=0.5, br;q=0.5", "br"],
    ["gzip;q=0.501, br;q=0.5", "gzip"],
    ["gzip;q=0.5 , br;q=0.4", "gzip"],
    [",gzip", "gzip"],
    ["gzip;q=0.001", "gzip"],
    // Refused by a weight of zero.
    ["gzip;q=0", "identity"],
    ["gzip;q=0.000, br", "br"],
    ["br;q=0, *", "zstd"],
    ["br;q=0, zstd;q=0, gzip;q=0, *", "identity"],
    ["*", "br"],
    ["*;q=0.5, gzip", "gzip"],
    ["*;q=0.5, gzip;q=0.4", "br"],
    ["gzip, *;q=0", "gzip"],
    // A coding named twice has the lower weight, in either order.
    ["gzip, gzip;q=0", "identity"],
    ["gzip;q=0, gzip", "identity"],
    ["gzip, x-gzip;q=0", "identity"],
    ["*, *;q=0, identity", "identity"],
    // identity by name.
    ["identity", "identity"],
    ["identity, gzip", "gzip"],
    ["identity;q=0.5, gzip;q=0.4", "identity"],
    ["identity;q=0.4, gzip;q=0.5", "gzip"],
    ["IDENTITY;q=0.5, gzip;q=0.4", "identity"],
    ["identity;q=0, gzip", "gzip"],
    ["identity;q=0, gzip;q=0.001", "gzip"],
    // Nothing at all.
    ["identity;q=0", "not_acceptable"],
    ["*;q=0", "not_acceptable"],
    ["deflate, *;q=0", "not_acceptable"],
    ["identity;q=0, deflate", "not_acceptable"],
    ["*;q=0, identity", "identity"],
    ["*;q=0, identity;q=0.1", "identity"],
    ["gzip;q=0, *;q=0", "not_acceptable"],
  ];
  for (const [header, expected] of cases) {
    assertEquals(chooseEncoding(header, SERVER), expected, header);
  }
});

Deno.test("chooseEncoding() reads weights by the grammar", () => {
  const good = [
    "gzip;q=1",
    "gzip;q=1.",
    "gzip;q=1.000",
    "gzip;q=0.1",
    "gzip;q=0.9",
    "gzip;q=0.12",
    "gzip;q=0.123",
    "gzip; q=0.5",
    "gzip ;q=0.5",
    "gzip\t;\tq=0.5 ",
    "gzip;Q=0.5",
  ];
  for (const header of good) {
    assertEquals(chooseEncoding(header, SERVER), "gzip", header);
  }
});

Deno.test("chooseEncoding() skips malformed members and keeps the rest", () => {
  const bad = [
    "br;q=",
    "br;q",
    "br;",
    "br;q=2",
    "br;q=15",
    "br;q=1x",
    "br;x=1",
    "br;q=1.1",
    "br;q=1.001",
    "br;q=0.1234",
    "br;q=1.0000",
    "br;q=-1",
    "br;q=+1",
    "br;q=.5",
    "br;q=a",
    "br;q=0.a",
    'br;q="1"',
    "br;q =1",
    "br;q= 1",
    "br;q=1 1",
    "br;q=1;q=1",
    "br;level=1",
    "br q=1",
    "br br",
    "br/1",
    '"br"',
    "(br)",
    ";q=1",
    "b\xf6r",
  ];
  for (const member of bad) {
    assertEquals(chooseEncoding(member, SERVER), "identity", member);
    assertEquals(chooseEncoding(`${member},gzip`, SERVER), "gzip", member);
    assertEquals(chooseEncoding(`gzip, ${member}`, SERVER), "gzip", member);
  }
});

Deno.test("chooseEncoding() with nothing available is identity or nothing", () => {
  assertEquals(chooseEncoding("gzip", []), "identity");
  assertEquals(chooseEncoding("*", []), "identity");
  assertEquals(chooseEncoding("*;q=0", []), "not_acceptable");
});

Deno.test("chooseEncoding() looks at a bounded number of members", () => {
  const filler = "x,".repeat(MAX_ACCEPTED_CODINGS - 1);
  assertEquals(chooseEncoding(`${filler}gzip`, SERVER), "gzip");
  assertEquals(chooseEncoding(`x,${filler}gzip`, SERVER), "identity");
});

Deno.test("acceptsEncoding() says whether a coding may be sent", () => {
  const cases: [string | undefined, coding: string, boolean][] = [
    ["gzip", "gzip", true],
    ["x-gzip", "gzip", true],
    ["x-compress", "compress", true],
    ["gzip;q=0.1, br", "gzip", true],
    ["gzip;q=0", "gzip", false],
    ["br", "gzip", false],
    ["*", "gzip", true],
    ["*;q=0", "gzip", false],
    ["gzip;q=0, *", "gzip", false],
    ["gzipped", "gzip", false],
    ["agzip", "gzip", false],
    ["identity, gzip;q=0.1", "gzip", true],
    ["", "gzip", false],
    [undefined, "gzip", false],
    [undefined, "identity", true],
    ["", "identity", true],
    ["gzip", "identity", true],
    ["identity;q=0", "identity", false],
    ["*;q=0", "identity", false],
    ["*;q=0, identity;q=0.5", "identity", true],
  ];
  for (const [header, coding, expected] of cases) {
    assertEquals(
      acceptsEncoding(header, coding),
      expected,
      `${header} ${coding}`,
    );
  }
});
