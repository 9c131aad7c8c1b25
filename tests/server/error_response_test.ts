import { assertEquals, assertStrictEquals } from "@std/assert";
import { reasonOf } from "../../src/server/error_response.ts";

Deno.test("reasonOf() says what an error says, and of a mistake all of it", () => {
  assertEquals(
    reasonOf(new Error("incorrect header check")),
    "incorrect header check",
  );
  assertEquals(
    reasonOf(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" })),
    "5: Input/output error",
  );
  for (
    const error of [
      new TypeError("x is not a function"),
      new Error("a", { cause: new Error("b") }),
      new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
      "text",
      undefined,
    ]
  ) assertStrictEquals(reasonOf(error), error);
});
