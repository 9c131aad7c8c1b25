import { assert, assertEquals } from "@std/assert";
import { makeSelfSigned } from "../../src/certificates/making.ts";
import { readFacts } from "../../src/certificates/reading.ts";

const DAY_MS = 86_400_000;

/** What openssl says of a certificate; `undefined` where it is missing. */
async function opensslText(pem: string): Promise<string | undefined> {
  const file = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(file, pem);
    const { stdout } = await new Deno.Command("openssl", {
      args: ["x509", "-in", file, "-noout", "-text"],
    }).output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    Deno.removeSync(file);
  }
}

Deno.test("makeSelfSigned() makes a certificate of a web server", async () => {
  const names = [
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
    { type: "ip", value: "::1" },
  ] as const;
  const before = Date.now();
  const { cert, key } = await makeSelfSigned({
    commonName: "for tests",
    names,
    days: 10,
  });
  const facts = readFacts(cert);
  assertEquals(facts?.names.map(({ type }) => type), ["dns", "ip", "ip"]);
  const days = (facts!.notAfter - before) / DAY_MS;
  assert(Math.abs(days - 10) < 0.01, `${days} days`);
  assert(key.startsWith("-----BEGIN PRIVATE KEY-----\n"), key);
  const text = await opensslText(cert);
  if (text === undefined) return;
  for (
    const part of [
      "CN = for tests",
      "CA:FALSE",
      "TLS Web Server Authentication",
      "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    ]
  ) assert(text.includes(part), `${part} in ${text}`);
});

Deno.test("makeSelfSigned() makes another key and number each time", async () => {
  const options = { commonName: "a", names: [], days: 1 };
  const [first, second] = [
    await makeSelfSigned(options),
    await makeSelfSigned(options),
  ];
  assert(first!.key !== second!.key);
  assert(first!.cert !== second!.cert);
});

Deno.test("readFacts() knows what is no certificate", () => {
  for (const text of ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n"]) {
    assertEquals(readFacts(text), undefined);
  }
});
