import { assertEquals } from "@std/assert";
import { reasonIn } from "../../../src/cli/upgrade/upgrade.ts";

Deno.test("reasonIn() is what the program says, not what its runtime does", () => {
  for (
    const [text, reason] of [
      ["", ""],
      [
        "webserv: [emerg] a\n   hint\nwebserv: b\n",
        "webserv: [emerg] a hint webserv: b",
      ],
      ["Download x\nwebserv: [emerg] a\n", "webserv: [emerg] a"],
      [
        "\x1b[32mDownload\x1b[0m a\nDownload b\nDownload c\n\n\x1b[31merror\x1b[0m: no cache\n",
        "Download b Download c error: no cache",
      ],
    ] as const
  ) assertEquals(reasonIn(text), reason);
});
