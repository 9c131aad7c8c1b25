import { assertEquals, assertThrows } from "@std/assert";
import type { Exchange } from "../../src/core/exchange.ts";
import { checkReadMethod, optionsResponse } from "../../src/core/methods.ts";
import { HttpError } from "../../src/http/errors.ts";

function check(method: string): string {
  return checkReadMethod({ method } as Exchange);
}

Deno.test("checkReadMethod() lets read and ask", () => {
  assertEquals(["GET", "HEAD", "OPTIONS"].map(check), [
    "read",
    "read",
    "options",
  ]);
});

Deno.test("checkReadMethod() refuses what is known with 405, the rest with 501", () => {
  const rows: [method: string, status: number, allow: string | undefined][] = [
    ["POST", 405, "GET, HEAD, OPTIONS"],
    ["DELETE", 405, "GET, HEAD, OPTIONS"],
    ["PROPFIND", 405, "GET, HEAD, OPTIONS"],
    ["UNLOCK", 405, "GET, HEAD, OPTIONS"],
    ["get", 501, undefined], // methods have a case (RFC 9110 §9.1)
    ["BREW", 501, undefined],
    ["toString", 501, undefined],
    ["", 501, undefined],
  ];
  for (const [method, status, allow] of rows) {
    const error = assertThrows(() => check(method), HttpError) as HttpError;
    assertEquals(error.status, status, method);
    const [, value] = [...error.headers].find(([name]) => name === "Allow") ??
      [];
    assertEquals(value, allow, method);
  }
});

Deno.test("optionsResponse() says what may be done, and nothing else", () => {
  const response = optionsResponse();
  assertEquals([response.status, response.body], [204, undefined]);
  assertEquals(response.headers.get("Allow"), "GET, HEAD, OPTIONS");
});
