import { assertEquals, assertMatch } from "@std/assert";
import { gaugeOf, watch } from "../../../src/features/tls/lifetimes.ts";
import { derOf } from "../../../src/features/tls/pem.ts";
import { readCertificate } from "../../../src/features/tls/x509.ts";
import { Pki } from "../../support/pki.ts";

const DAY_MS = 24 * 3600 * 1000;

async function chainOf(pki: Pki, notAfter: number) {
  await pki.root("root");
  const root = readCertificate(derOf(pki.text("root.crt")));
  return {
    file: { path: 'a"b.crt', place: { file: "x.conf", line: 7 } },
    certificates: [root, { ...root, notAfter }],
  };
}

Deno.test("watch() warns at once, again and again, and until it is ended", async () => {
  using pki = await Pki.create();
  const chain = await chainOf(pki, Date.now() - 3 * DAY_MS);
  const warnings: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = watch([chain, chain], (message) => {
    if (warnings.push(message) === 3) resolve();
  }, 1);
  assertEquals(warnings.length, 1, "each is told of once");
  // What watches does not keep the program alive.
  const alive = setInterval(() => {}, 1000);
  await promise;
  clearInterval(alive);
  stop?.();
  assertMatch(
    warnings[0]!,
    /^certificate number 2 in "a"b\.crt" has expired on .* UTC in x\.conf:7$/,
  );
  assertEquals(watch([], () => {}), undefined, "there is nothing to look at");
});

Deno.test("gaugeOf() tells when the first of a chain expires", async () => {
  using pki = await Pki.create();
  const chain = await chainOf(pki, 1_900_000_000_000);
  assertEquals(
    gaugeOf(() => [chain]).samples(),
    [{ labels: { file: 'a"b.crt' }, value: 1_900_000_000 }],
  );
});
