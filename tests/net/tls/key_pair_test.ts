import { assertEquals, assertMatch } from "@std/assert";
import { keyPairFault } from "../../../src/net/tls/key_pair.ts";
import { Authority } from "../../support/certificates.ts";

Deno.test("keyPairFault() says why a pair cannot be used", async () => {
  using ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  await ca.issue("b", "b.test", 2);
  const read = (name: string) => Deno.readTextFileSync(ca.path(name));
  const a = { cert: read("a.crt"), key: read("a.key") };
  assertEquals(keyPairFault(a), undefined);
  assertEquals(
    keyPairFault({ ...a, key: read("b.key") }),
    "the key does not fit the certificate",
  );
  assertMatch(keyPairFault({ ...a, cert: "" }) ?? "", /[Cc]ertificate/);
  assertMatch(keyPairFault({ ...a, key: "" }) ?? "", /[Kk]ey/);
});
