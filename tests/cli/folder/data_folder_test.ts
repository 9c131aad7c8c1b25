import { assertEquals, assertThrows } from "@std/assert";
import { dataFolder } from "../../../src/cli/folder/data_folder.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

Deno.test("dataFolder() is the user's, or that of the system for root", () => {
  const rows: [
    given: string | undefined,
    uid: number | null,
    home: string | undefined,
    folder: string,
  ][] = [
    [undefined, 1000, "/home/a", "/home/a/.local/share/webserv"],
    [undefined, null, "/Users/a", "/Users/a/.local/share/webserv"],
    [undefined, 0, "/root", "/var/lib/webserv"],
    [undefined, 0, undefined, "/var/lib/webserv"],
    ["/x", 0, "/root", "/x"],
    ["x", 0, "/root", `${Deno.cwd()}/x`],
    ["/x", 1000, undefined, "/x"],
  ];
  for (const [given, uid, home, folder] of rows) {
    assertEquals(dataFolder(given, { uid, home }), folder);
  }
});

Deno.test("dataFolder() asks for one where the user has none", () => {
  for (const home of [undefined, "", "/", "relative"]) {
    assertThrows(
      () => dataFolder(undefined, { uid: 1000, home }),
      UsageError,
      'say where with "--state DIR"',
    );
  }
});
