import { assertEquals } from "@std/assert";
import { chosenPair } from "../../../src/features/tls/pair_choice.ts";
import type { Certificate } from "../../../src/core/server_tls.ts";
import { parseClientHello } from "../../../src/net/tls/client_hello.ts";
import { type HelloParts, helloRecord } from "../../support/client_hello.ts";

function certificate(cert: string): Certificate {
  const file = { path: cert, place: { file: "x.conf", line: 1 } };
  return { cert, key: "", file };
}

const RSA = { kind: "rsa", certificate: certificate("rsa") } as const;
const EC = { kind: "ec", certificate: certificate("ec") } as const;
const ED = { kind: "ed25519", certificate: certificate("ed25519") } as const;

const TLS13 = { versions: [0x0304] };

/** What a client says, and what it is answered with: RSA stands first. */
const ROWS: readonly (readonly [name: string, HelloParts, string])[] = [
  ["ECDSA first", { ...TLS13, signatures: [0x0403, 0x0804] }, "ec"],
  ["RSA first", { ...TLS13, signatures: [0x0804, 0x0403] }, "rsa"],
  ["RSA only", { ...TLS13, signatures: [0x0804, 0x0401] }, "rsa"],
  ["what nobody has first", { ...TLS13, signatures: [0x0904, 0x0503] }, "ec"],
  ["Ed25519", { ...TLS13, signatures: [0x0807, 0x0403] }, "ed25519"],
  ["nothing that fits", { ...TLS13, signatures: [0x0201] }, "rsa"],
  [
    "TLS 1.2 with suites for ECDSA only",
    { suites: [0xc02b], signatures: [0x0804, 0x0403] },
    "ec",
  ],
  [
    "TLS 1.2 with suites for RSA only",
    { suites: [0xc02f], signatures: [0x0403, 0x0401] },
    "rsa",
  ],
  ["TLS 1.2 that says nothing", { suites: [0xc02b, 0xc02f] }, "rsa"],
  ["TLS 1.2 that says nothing, for ECDSA", { suites: [0xc02c] }, "ec"],
];

for (const [name, parts, expected] of ROWS) {
  Deno.test(`chosenPair() answers who offers ${name}`, () => {
    const offer = parseClientHello(helloRecord(parts));
    assertEquals(chosenPair([RSA, EC, ED], offer)?.cert, expected);
    assertEquals(chosenPair([EC], offer)?.cert, "ec", "there is only one");
  });
}

Deno.test("chosenPair() takes the first for who has said nothing yet", () => {
  assertEquals(chosenPair([RSA, EC], undefined)?.cert, "rsa");
  assertEquals(chosenPair([], undefined), undefined);
});
