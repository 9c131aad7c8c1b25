import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";

Deno.test("HttpError is an error like any other, but for a stack", () => {
  const cause = new Error("behind it");
  const error = new HttpError(404, "nothing is there", { cause });
  assert(error instanceof HttpError && error instanceof Error);
  assertEquals(
    [error.name, error.message, error.cause, error.status, error.close],
    ["HttpError", "nothing is there", cause, 404, false],
  );
  assertEquals(String(error), "HttpError: nothing is there");
  assertEquals((error as Error).stack, undefined);
  const caught = assertThrows(
    () => {
      throw error;
    },
    HttpError,
    "nothing is there",
  );
  assertEquals(caught, error);
});

Deno.test("HttpError matters as much as its status says", () => {
  const rows: [status: number, severity: string][] = [
    [400, "info"],
    [404, "info"],
    [500, "error"],
    [501, "info"],
    [503, "error"],
    [505, "info"],
  ];
  for (const [status, severity] of rows) {
    assertEquals(new HttpError(status, "").severity, severity);
  }
  assertEquals(
    new HttpError(404, "", { severity: "error" }).severity,
    "error",
  );
});
