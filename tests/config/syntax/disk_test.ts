import { finish } from "../../../src/config/steps.ts";
import { assertEquals } from "@std/assert";
import { diskReader } from "../../../src/config/syntax/disk.ts";
import {
  type IncludeOptions,
  loadConfig,
} from "../../../src/config/syntax/include.ts";
import { failure } from "../config_support.ts";

Deno.test("diskReader gives files and errors of the system", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "webserv-config-" });
  const options: IncludeOptions = {
    reader: diskReader,
    directory,
    warn: () => {},
  };
  const main = `${directory}/main.conf`;
  try {
    await Deno.mkdir(`${directory}/conf.d/sub.d`, { recursive: true });
    await Deno.writeTextFile(`${directory}/conf.d/b.conf`, "b;");
    await Deno.writeTextFile(`${directory}/conf.d/a.conf`, "a;");

    await t.step("a pattern", async () => {
      await Deno.writeTextFile(main, "include conf.d/*.conf;");
      const names = finish(loadConfig(main, options)).map(({ name }) => name);
      assertEquals(names, ["a", "b"]);
    });

    await t.step("a missing file", async () => {
      await Deno.writeTextFile(main, "include gone;");
      assertEquals(
        failure(() => finish(loadConfig(main, options))).message,
        `open() "${directory}/gone" failed (2: No such file or directory) ` +
          `in ${main}:1`,
      );
    });

    await t.step("a directory", async () => {
      await Deno.writeTextFile(main, "include conf.d/*;");
      assertEquals(
        failure(() => finish(loadConfig(main, options))).message,
        `open() "${directory}/conf.d/sub.d" failed (21: Is a directory) ` +
          `in ${main}:1`,
      );
    });

    await t.step("a missing mime.types", async () => {
      await Deno.writeTextFile(main, "include mime.types;");
      assertEquals(
        finish(loadConfig(main, options)).map(({ name }) => name),
        ["types"],
      );
    });

    await t.step("bytes that are not UTF-8", async () => {
      const text = new TextEncoder().encode("# caf?\nroot /caf?;");
      const latin1 = text.map((byte) => byte === 0x3f ? 0xe9 : byte);
      await Deno.writeFile(main, latin1);
      assertEquals(
        failure(() => finish(loadConfig(main, options))).message,
        `invalid UTF-8 in a parameter in ${main}:2`,
      );
    });

    await t.step("a byte order mark", async () => {
      await Deno.writeTextFile(main, "\uFEFFa;");
      assertEquals(finish(loadConfig(main, options))[0]?.name, "a");
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
