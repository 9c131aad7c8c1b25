import { assertEquals } from "@std/assert";
import { parseClientHello } from "../../../src/net/tls/client_hello.ts";
import { type HelloParts, helloRecord } from "../../support/client_hello.ts";

const NOTHING = new Uint8Array(0);

/** What every hello here offers. */
const USUAL = {
  suites: Uint8Array.of(0x13, 0x01, 0xc0, 0x2f),
  groups: NOTHING,
  signatures: NOTHING,
};

/** What a client says, and what is read of it. */
const ROWS: readonly (readonly [
  name: string,
  parts: HelloParts,
  expected: Partial<NonNullable<ReturnType<typeof parseClientHello>>>,
])[] = [
  [
    "what it can do",
    {
      suites: [0x0a0a, 0x1302],
      groups: [0x001d, 0x0017],
      signatures: [0x0403],
    },
    {
      version: 0x0303,
      name: "",
      protocols: undefined,
      suites: Uint8Array.of(0x0a, 0x0a, 0x13, 0x02),
      groups: Uint8Array.of(0, 0x1d, 0, 0x17),
      signatures: Uint8Array.of(4, 3),
    },
  ],
  [
    "TLS 1.3 with a name and protocols",
    {
      name: "a.example",
      protocols: ["h2", "http/1.1"],
      versions: [0x0304, 0x0303],
    },
    { version: 0x0304, name: "a.example", protocols: ["h2", "http/1.1"] },
  ],
  [
    "TLS 1.2 without extensions",
    { extensions: false },
    { version: 0x0303, name: "", protocols: undefined },
  ],
  [
    "TLS 1.1",
    { version: 0x0302, name: "a" },
    { version: 0x0302, name: "a", protocols: undefined },
  ],
  [
    "a version that only looks high (RFC 8701)",
    { version: 0x0301, versions: [0x7a7a, 0x0302] },
    { version: 0x0302, name: "", protocols: undefined },
  ],
  [
    "versions that are to come",
    { versions: [0x0305, 0x03ff, 0x0303] },
    { version: 0x0303, name: "", protocols: undefined },
  ],
  [
    "TLS 1.3 that only the old place says, where it means nothing",
    { version: 0x0304 },
    { version: 0x0303, name: "", protocols: undefined },
  ],
  [
    "versions of which the old place says a higher one",
    { version: 0x0303, versions: [0x0302] },
    { version: 0x0302, name: "", protocols: undefined },
  ],
  [
    "versions none of which there is",
    { version: 0x0303, versions: [0x0305] },
    { version: 0, name: "", protocols: undefined },
  ],
  [
    "no protocols at all",
    { protocols: [] },
    { version: 0x0303, name: "", protocols: [] },
  ],
  [
    "a session, which is skipped",
    { session: 32, name: "b.example." },
    { version: 0x0303, name: "b.example.", protocols: undefined },
  ],
];

for (const [name, parts, expected] of ROWS) {
  Deno.test(`parseClientHello() reads ${name}`, () => {
    assertEquals(parseClientHello(helloRecord(parts)), {
      ...USUAL,
      ...expected,
    } as ReturnType<typeof parseClientHello>);
  });
}

Deno.test("parseClientHello() is not misled by what is cut or changed", () => {
  const whole = helloRecord({
    name: "a.example",
    protocols: ["http/1.1"],
    versions: [0x0304],
  });
  for (let length = 0; length < whole.length; length++) {
    assertEquals(parseClientHello(whole.subarray(0, length)), undefined);
  }
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = whole.slice();
      changed[at] = value;
      parseClientHello(changed); // It does not throw, and it ends.
    }
  }
  // A record that holds the beginning of a longer hello.
  const half = whole.slice();
  half[8] = 0xff;
  assertEquals(parseClientHello(half), undefined);
});
