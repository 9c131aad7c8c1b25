import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { billOf, materialsOf } from "../../../tools/release/bill.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));

Deno.test("a bill has what the program imports, and nothing of its tests", async () => {
  const materials = await materialsOf(PROJECT, [
    "src/main.ts",
    "src/features/auth_basic/verifier_thread.ts",
  ]);
  const names = materials.map(({ name }) => name);
  for (const name of ["@peculiar/x509", "lru-cache", "hash-wasm", "tslib"]) {
    assert(names.includes(name), name);
  }
  for (const name of ["fast-check", "tar-stream", "fflate"]) {
    assert(!names.includes(name), name);
  }
  for (const { name, sha512, license } of materials) {
    assert(/^[0-9a-f]{128}$/.test(sha512), name);
    assert(/^[\w.() -]+$/.test(license), name);
  }
  const bill = JSON.parse(billOf({
    version: "1.2.3",
    file: "webserv-linux-x64",
    sha256: "a".repeat(64),
    deno: "2.9.6",
    materials,
    at: new Date("2026-01-02T03:04:05Z"),
  }));
  assertEquals(bill.metadata.timestamp, "2026-01-02T03:04:05.000Z");
  assertEquals(bill.components[0].purl, "pkg:github/denoland/deno@v2.9.6");
  assertEquals(bill.components.length, materials.length + 1);
  const x509 = bill.components
    .find(({ name }: { name: string }) => name === "@peculiar/x509");
  assertEquals(x509.purl, `pkg:npm/%40peculiar/x509@${x509.version}`);
  // Every reference leads to a component.
  const known = new Set([
    bill.metadata.component["bom-ref"],
    ...bill.components.map((one: { "bom-ref": string }) => one["bom-ref"]),
  ]);
  assertEquals(known.size, bill.components.length + 1);
  for (const { ref, dependsOn } of bill.dependencies) {
    for (const one of [ref, ...dependsOn]) assert(known.has(one), one);
  }
});
