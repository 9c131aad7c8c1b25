import { assertEquals } from "@std/assert";
import {
  clientSettings,
  headLimits,
} from "../../../src/core/settings/client.ts";
import { serverError, serverScope } from "../../support/config_support.ts";

Deno.test("clientSettings() has nginx's defaults", () => {
  const settings = clientSettings(serverScope("server { }"));
  assertEquals(settings.timeouts, {
    headerMs: 60_000,
    bodyMs: 60_000,
    sendMs: 60_000,
    keepaliveMs: 75_000,
    lingeringTimeMs: 30_000,
    lingeringMs: 5000,
  });
  assertEquals(settings.maxRequests, 1000);
  assertEquals(settings.keepAliveHeader, "");
  assertEquals(settings.maxBodyBytes, 1024 * 1024);
});

Deno.test("headLimits() has nginx's defaults", () => {
  assertEquals(headLimits(serverScope("server { }")), {
    lineBytes: 8192,
    headBytes: 32_768,
    fields: 1000,
    ignoreInvalidFields: true,
    underscores: false,
  });
});

Deno.test("the innermost value counts", () => {
  const scope = serverScope(
    "client_body_timeout 1s; send_timeout 2s; client_max_body_size 5m;" +
      "server { send_timeout 3s; location / { client_max_body_size 0; } }",
  );
  const outer = clientSettings(scope);
  assertEquals([outer.timeouts.bodyMs, outer.timeouts.sendMs], [1000, 3000]);
  assertEquals(outer.maxBodyBytes, 5 * 1024 * 1024);
  const inner = clientSettings(scope.childrenOf("location")[0]!);
  assertEquals([inner.timeouts.sendMs, inner.maxBodyBytes], [3000, 0]);
});

Deno.test("keepalive_timeout has two arguments", () => {
  const rows: [string, number, number, string][] = [
    ["30s", 30_000, 1000, ""],
    ["30s 20s", 30_000, 1000, "timeout=20"],
    ["1m 1500ms", 60_000, 1000, "timeout=1"],
    ["0", 0, 0, ""], // no connection is kept
  ];
  for (const [text, ms, maxRequests, header] of rows) {
    const settings = clientSettings(
      serverScope(`server { keepalive_timeout ${text}; }`),
    );
    assertEquals(settings.timeouts.keepaliveMs, ms, text);
    assertEquals(settings.maxRequests, maxRequests, text);
    assertEquals(settings.keepAliveHeader, header, text);
  }
});

Deno.test("large_client_header_buffers limits lines and heads", () => {
  const limits = headLimits(
    serverScope(
      "server { large_client_header_buffers 3 1k; max_headers 7;" +
        " ignore_invalid_headers off; underscores_in_headers on; }",
    ),
  );
  assertEquals(limits, {
    lineBytes: 1024,
    headBytes: 3072,
    fields: 7,
    ignoreInvalidFields: false,
    underscores: true,
  });
});

Deno.test("values that make no sense are refused", () => {
  const rows: [string, string][] = [
    ["client_header_timeout x;", '"client_header_timeout" directive invalid'],
    ["client_body_timeout -1;", '"client_body_timeout" directive invalid'],
    ["send_timeout 1s 2s;", 'invalid number of arguments in "send_timeout"'],
    ["keepalive_requests x;", '"keepalive_requests" directive invalid'],
    ["client_max_body_size 1x;", '"client_max_body_size" directive invalid'],
    [
      "large_client_header_buffers 4 10;",
      '"large_client_header_buffers" directive invalid value, ' +
      "a line needs at least 64 bytes",
    ],
    [
      "large_client_header_buffers 0 1k;",
      '"large_client_header_buffers" directive invalid value in x.conf:1',
    ],
    ["max_headers 0;", "value must be equal to or greater than 1"],
    [
      "location / { client_header_timeout 1s; }",
      '"client_header_timeout" directive is not allowed here',
    ],
  ];
  for (const [text, expected] of rows) {
    const actual = serverError(text);
    assertEquals(actual.startsWith(expected), true, `${text}: ${actual}`);
  }
});
