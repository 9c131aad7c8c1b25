import { assertEquals, assertStringIncludes } from "@std/assert";
import { privilegeNotice } from "../../src/cli/privileges.ts";

Deno.test("only root is told what it keeps and how to do without", () => {
  assertEquals(privilegeNotice(1000), undefined);
  assertEquals(privilegeNotice(null), undefined);
  const notice = privilegeNotice(0)!;
  for (
    const part of ["root", '"user"', "every capability", "systemd", "setpriv"]
  ) assertStringIncludes(notice, part);
});
