import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  accountFor,
  privilegeNotice,
  unreadable,
} from "../../src/cli/privileges.ts";
import { ConfigError } from "../../src/config/errors.ts";

const place = { file: "x.conf", line: 1 };

Deno.test("only root is told what it keeps and how to do without", () => {
  assertEquals(privilegeNotice(1000), undefined);
  assertEquals(privilegeNotice(null), undefined);
  const notice = privilegeNotice(0)!;
  for (
    const part of ["root", '"user"', "every capability", "systemd", "setpriv"]
  ) assertStringIncludes(notice, part);
});

const MAKES_SENSE =
  'the "user" directive makes sense only if the master process runs with ' +
  "super-user privileges, ignored in x.conf:1";

Deno.test("accountFor() says it when a user is wished in vain", () => {
  const rows: [user: string, uid: number | null, ...warnings: string[]][] = [
    ["nobody", 1000, MAKES_SENSE],
    ["nobody", null, MAKES_SENSE],
    // It is root already, or has become the user before a reload.
    ["root", 0],
    ["nobody", 65534],
    ["no-such-user", 1000, MAKES_SENSE],
    // The tests run without --allow-sys.
    [
      "nobody",
      0,
      'the "user" directive has an effect at a start with the permission ' +
      "--allow-sys only, ignored: it stays root in x.conf:1",
    ],
  ];
  for (const [user, uid, ...expected] of rows) {
    const warnings: string[] = [];
    const wish = { user, group: undefined, place };
    accountFor(wish, uid, (warning) => warnings.push(warning));
    assertEquals(warnings, expected, `${user} ${uid}`);
  }
  assertEquals(accountFor(undefined, 0, () => {}), undefined);
});

Deno.test("accountFor() refuses users and groups that are not there", () => {
  const rows: [user: string, group: string | undefined, message: string][] = [
    ["no-such-user", undefined, 'getpwnam("no-such-user") failed in x.conf:1'],
    ["root", "no-such-group", 'getgrnam("no-such-group") failed in x.conf:1'],
    ["", undefined, 'getpwnam("") failed in x.conf:1'],
  ];
  for (const [user, group, message] of rows) {
    const error = assertThrows(
      () => accountFor({ user, group, place }, 0, () => {}),
      ConfigError,
    );
    assertEquals(error.message, message);
    assertStringIncludes(error.hint ?? "", "/etc/");
  }
});

Deno.test("unreadable() keeps what cannot be read", () => {
  const there = { path: Deno.makeTempFileSync() };
  const missing = { path: `${there.path}.missing` };
  assertEquals(unreadable([there, missing]), [missing]);
  Deno.removeSync(there.path);
});
