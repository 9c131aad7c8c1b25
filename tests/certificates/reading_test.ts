import { assertEquals, assertThrows } from "@std/assert";
import { makeSelfSigned } from "../../src/certificates/making.ts";
import {
  covers,
  factsIn,
  isKeyOf,
  readFacts,
} from "../../src/certificates/reading.ts";

Deno.test("a name of a certificate is for itself, and a wildcard for one label (RFC 9525 §6.3)", () => {
  const rows: [name: string, host: string, covers: boolean][] = [
    ["a.test", "a.test", true],
    ["a.test", "b.a.test", false],
    ["b.a.test", "a.test", false],
    ["*.a.test", "b.a.test", true],
    ["*.a.test", "c.b.a.test", false],
    ["*.a.test", "a.test", false],
    ["*.a.test", ".a.test", false],
    ["*", "localhost", false],
    ["10.0.0.1", "10.0.0.1", true],
    ["2001:db8::1", "2001:db8::1", true],
    ["2001:db8::1", "2001:db8::2", false],
  ];
  for (const [name, host, expected] of rows) {
    assertEquals(covers(name, host), expected, `${name} ${host}`);
  }
});

Deno.test("a certificate says its names, addresses and days, and what is none says nothing", async () => {
  const names = [
    { type: "dns", value: "a.test" },
    { type: "ip", value: "10.0.0.1" },
    { type: "ip", value: "2001:db8::1" },
  ] as const;
  const { cert, key } = await makeSelfSigned({
    commonName: "a",
    names,
    days: 3,
  });
  const facts = factsIn(cert);
  assertEquals(facts.names, [...names]);
  const hours = (facts.notAfter - facts.notBefore) / 3_600_000;
  assertEquals(hours, 3 * 24 + 1);
  assertEquals(readFacts(cert), facts);
  assertEquals(isKeyOf(cert, key), true);
  for (const none of ["", "x", key, cert.replace("MII", "!!!")]) {
    assertEquals(readFacts(none), undefined, none);
    assertThrows(() => factsIn(none));
  }
});
