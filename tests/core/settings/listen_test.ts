import { assertEquals } from "@std/assert";
import { listenDirective } from "../../../src/core/settings/listen.ts";
import { addressText } from "../../../src/core/settings/listen_address.ts";
import { serverScope } from "../../support/config_support.ts";

Deno.test("listen stands for its addresses, each with its parameters", () => {
  const scope = serverScope(
    "server { listen 8080-8081 ssl; listen unix:/x proxy_protocol; }",
  );
  assertEquals(
    scope.get(listenDirective).map((address) =>
      [addressText(address), address.ssl, address.proxyProtocol] as const
    ),
    [
      ["0.0.0.0:8080", true, false],
      ["0.0.0.0:8081", true, false],
      ["unix:/x", false, true],
    ],
  );
});
