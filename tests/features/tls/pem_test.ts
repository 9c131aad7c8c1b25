import { assert, assertEquals } from "@std/assert";
import { certificatesIn, privateKeyIn } from "../../../src/features/tls/pem.ts";

const DATA = "MIIB" + "A".repeat(100) + "==";
const LINES = `${DATA.slice(0, 64)}\n${DATA.slice(64)}`;

function block(label: string, text = LINES): string {
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}

const CERTIFICATE = block("CERTIFICATE");
const KEY = block("PRIVATE KEY");

/** What stands in a file, and the certificates that are found. */
const FILES: readonly (readonly [name: string, text: string, count: number])[] =
  [
    ["one", CERTIFICATE, 1],
    ["a chain", CERTIFICATE + CERTIFICATE, 2],
    ["a byte order mark", `\ufeff${CERTIFICATE}`, 1],
    ["byte order marks within", `\ufeff${CERTIFICATE}\ufeff${CERTIFICATE}`, 2],
    ["CRLF", CERTIFICATE.replaceAll("\n", "\r\n"), 1],
    [
      "text before, between and after",
      `subject=CN\n${CERTIFICATE}# between\n${CERTIFICATE}end`,
      2,
    ],
    ["the key before it", KEY + CERTIFICATE, 1],
    ["one long line", block("CERTIFICATE", DATA), 1],
    ["spaces at the ends of lines", CERTIFICATE.replaceAll("\n", "  \n"), 1],
    ["no line at the end", CERTIFICATE.trimEnd(), 1],
    ["OpenSSL's older name", block("X509 CERTIFICATE"), 1],
    [
      "parameters before it",
      block("EC PARAMETERS", "BggqhkjO") + CERTIFICATE,
      1,
    ],
  ];

for (const [name, text, count] of FILES) {
  Deno.test(`certificatesIn() finds what is in a file with ${name}`, () => {
    assertEquals(certificatesIn(text), CERTIFICATE.repeat(count));
  });
}

Deno.test("certificatesIn() finds nothing where there is nothing", () => {
  for (
    const text of ["", KEY, "-----BEGIN CERTIFICATE-----", CERTIFICATE.slice(5)]
  ) {
    assertEquals(certificatesIn(text), undefined);
  }
});

Deno.test("certificatesIn() leaves OpenSSL's notes behind a certificate away", () => {
  const der = (...bytes: number[]) => btoa(String.fromCharCode(...bytes));
  const short = [0x30, 3, 1, 2, 3];
  const long = [0x30, 0x82, 0x01, 0x00, ...new Array<number>(256).fill(5)];
  for (const value of [short, long]) {
    assertEquals(
      certificatesIn(block("TRUSTED CERTIFICATE", der(...value, 0x30, 0))),
      certificatesIn(block("CERTIFICATE", der(...value))),
    );
  }
});

Deno.test("privateKeyIn() takes the first key, whatever its kind", () => {
  for (const label of ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]) {
    for (
      const text of [
        block(label),
        `\ufeff${block(label)}`,
        block(label).replaceAll("\n", "\r\n"),
        `Bag Attributes\n  x\n${CERTIFICATE}${block(label)}${KEY}`,
        block("EC PARAMETERS", "BggqhkjO") + block(label),
      ]
    ) assertEquals(privateKeyIn(text), { kind: "key", pem: block(label) });
  }
});

Deno.test("privateKeyIn() knows keys that need a password", () => {
  const old = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n";
  for (
    const text of [
      block("ENCRYPTED PRIVATE KEY"),
      block("RSA PRIVATE KEY", old + LINES),
      block("RSA PRIVATE KEY", old + LINES).replaceAll("\n", "\r\n"),
    ]
  ) assertEquals(privateKeyIn(text), { kind: "encrypted" });
  assertEquals(privateKeyIn(CERTIFICATE), { kind: "none" });
  assert(privateKeyIn("").kind === "none");
});
