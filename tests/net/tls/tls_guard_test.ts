import { assertEquals } from "@std/assert";
import {
  guardAgainstStrayErrors,
  isStray,
} from "../../../src/net/tls/tls_guard.ts";

/** As Deno 2.9.6 threw it. */
function strayError(): Error {
  const error = new TypeError("Cannot read properties of null");
  error.stack = "TypeError: Cannot read properties of null\n" +
    "    at TLSSocket._start (ext:deno_node/_tls_wrap.js:1:14446)\n" +
    "    at processTicksAndRejections (ext:core/01_core.js:370:13)";
  return error;
}

Deno.test("isStray() knows errors of node:tls by their stack", () => {
  const rows: [unknown, boolean][] = [
    [strayError(), true],
    [new TypeError("ours"), false],
    [new Error("ext:deno_node/_tls_wrap.js"), true],
    ["ext:deno_node/_tls_wrap.js", false],
    [undefined, false],
  ];
  for (const [error, expected] of rows) assertEquals(isStray(error), expected);
});

Deno.test("guardAgainstStrayErrors() keeps the program alive", async () => {
  guardAgainstStrayErrors();
  guardAgainstStrayErrors();
  // The test runner fails on an error that nobody has taken care of.
  queueMicrotask(() => {
    throw strayError();
  });
  Promise.reject(strayError());
  await new Promise((resolve) => setTimeout(resolve, 10));
});
