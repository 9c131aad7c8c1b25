import { assertEquals, assertStringIncludes } from "@std/assert";
import { privilegeWarning } from "../../src/cli/privileges.ts";

Deno.test("only root is told what it keeps and how to do without", () => {
  assertEquals(privilegeWarning(1000), undefined);
  assertEquals(privilegeWarning(null), undefined);
  const warning = privilegeWarning(0)!;
  for (
    const part of ["root", '"user"', "every capability", "systemd", "setpriv"]
  ) assertStringIncludes(warning, part);
});
