import { assertEquals, assertMatch } from "@std/assert";
import { tlsFault } from "../../../src/net/tls/tls_engine.ts";

Deno.test("tlsFault() finds the engine of this runtime, and tells of none", () => {
  assertEquals(tlsFault(), undefined);
  assertMatch(
    tlsFault("2.6.10", null) ?? "",
    /^the runtime, Deno 2\.6\.10, has no TLS that a server can put on its/,
  );
});
