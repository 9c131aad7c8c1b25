import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../../src/cli/options/commands.ts";
import { namesOf } from "../../../src/cli/options/option.ts";
import { OPTIONS } from "../../../src/cli/options/program.ts";
import { manPage } from "../../../tools/release/man_page.ts";
import { isInstalled } from "../../support/programs.ts";

const PAGE = manPage({
  version: "1.2.3",
  at: new Date("2026-01-02T00:00:00Z"),
});

Deno.test("the page of the manual has every option", () => {
  const options = [...OPTIONS, ...COMMANDS.flatMap(({ options }) => options)];
  for (const option of options) {
    for (const name of namesOf(option)) {
      const flag = name.length === 1
        ? name
        : `\\-${name.replaceAll("-", "\\-")}`;
      assert(PAGE.includes(`Fl ${flag}`), name);
    }
  }
});

const HAS_MANDOC = isInstalled("mandoc", "/dev/null");

Deno.test({
  name: "mandoc finds nothing wrong with the page of the manual" +
    (HAS_MANDOC ? "" : " (left out: mandoc is not installed)"),
  ignore: !HAS_MANDOC,
  fn() {
    const path = Deno.makeTempFileSync({ suffix: ".8" });
    Deno.writeTextFileSync(path, PAGE);
    const { code, stdout } = new Deno.Command("mandoc", {
      args: ["-Tlint", path],
    }).outputSync();
    assertEquals([code, new TextDecoder().decode(stdout)], [0, ""]);
    Deno.removeSync(path);
  },
});
