/**
 * How many files a small GET goes through, so that whoever reads the way of a
 * request can do so in one sitting. A larger number than here is a layer more:
 * take away another one, or say why there has to be one.
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** The most files of `src/` that may run, by the connection it comes on. */
const MOST_FILES = { "kept alive": 25, "fresh connection": 34 };

Deno.test("a small GET goes through no more files than it did", async () => {
  const tool = fromFileUrl(
    new URL("../../tools/request_path/main.ts", import.meta.url),
  );
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--allow-net",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      tool,
      "--list",
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0);
  for (const [name, most] of Object.entries(MOST_FILES)) {
    const [, files] = new RegExp(`^${name}: (\\d+) files`, "m").exec(text)!;
    assert(Number(files) <= most, `${name}: ${most} files at most\n${text}`);
    assert(Number(files) > 15, `too few to be true\n${text}`);
  }
});
