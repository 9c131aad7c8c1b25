import { assertEquals } from "@std/assert";
import { basicCredentials } from "../../../src/http/semantics/basic_credentials.ts";

Deno.test("basicCredentials() reads what nginx reads", () => {
  const rows: [value: string, user?: string, password?: string][] = [
    [`Basic ${btoa("ann:secret")}`, "ann", "secret"],
    [`basic ${btoa("ann:secret")}`, "ann", "secret"],
    [`BASIC    ${btoa("ann:secret")}`, "ann", "secret"],
    [`Basic ${btoa("ann:")}`, "ann", ""],
    [`Basic ${btoa("ann:a:b")}`, "ann", "a:b"],
    [`Basic ${btoa("\xe4\0:\xff")}`, "\xe4\0", "\xff"],
    ["Basic YTpi", "a", "b"],
    ["Basic YTo=", "a", ""],
    ["Basic YTo", "a", ""],
    ["Basic YTo====", "a", ""],
    [""],
    ["Basic"],
    ["Basic "],
    ["Basic YTpiY"], // no number of bytes
    ["BasicYTpi"],
    [" Basic YTpi"],
    ["Basic YTpi x"],
    ["Basic YTpi=x"],
    ["Basic YT-i"],
    [`Basic ${btoa(":secret")}`],
    [`Basic ${btoa("ann")}`],
    ["Bearer YTpi"],
    ["Basic YTpi, Basic YTpi"],
  ];
  for (const [value, user, password] of rows) {
    assertEquals(
      basicCredentials(value),
      user === undefined ? undefined : { user, password: password! },
      value,
    );
  }
  assertEquals(basicCredentials(undefined), undefined);
});
