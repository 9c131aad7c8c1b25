import { assertEquals, assertStrictEquals } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { closingError, reasonOf } from "../../src/server/error_response.ts";

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

Deno.test("closingError() is what was thrown, but ends the connection", () => {
  const cause = new Error("x");
  const rows: [thrown: unknown, status: number, cause: unknown][] = [
    [new HttpError(431, "large", { cause }), 431, cause],
    [new HttpError(400, "bad"), 400, undefined],
    [cause, 500, cause],
  ];
  for (const [thrown, status, why] of rows) {
    const error = closingError(thrown);
    assertEquals([error.status, error.close, error.cause], [status, true, why]);
  }
  const closes = new HttpError(400, "bad", { close: true });
  assertStrictEquals(closingError(closes), closes);
});
