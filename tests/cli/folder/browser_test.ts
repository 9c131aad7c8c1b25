import { assertEquals, assertMatch } from "@std/assert";
import { openBrowser, ownOpener } from "../../../src/cli/folder/browser.ts";
import { eventually } from "../../support/server_process.ts";

const URL = "http://127.0.0.1:8080/";

Deno.test({
  name: "openBrowser() gives the URL to a program that outlives Ctrl-C",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const program = `${folder}/opener`;
    // The group that it is in is that of a signal from the terminal.
    Deno.writeTextFileSync(
      program,
      `#!/bin/sh\necho "$1 $2 $(ps -o pgid= -p $$)" > '${folder}/tmp'\n` +
        `mv '${folder}/tmp' '${folder}/seen'\n`,
      { mode: 0o755 },
    );
    const told: string[] = [];
    openBrowser(URL, (message) => told.push(message), {
      program,
      args: ["first"],
    });
    let seen = "";
    await eventually(() => {
      try {
        seen = Deno.readTextFileSync(`${folder}/seen`);
      } catch { /* It is not there yet. */ }
      return seen !== "";
    }, "the program runs");
    const [first, url, group] = seen.trim().split(/\s+/);
    assertEquals([first, url], ["first", URL]);
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "pgid=", "-p", String(Deno.pid)],
    }).output();
    assertEquals(group === new TextDecoder().decode(stdout).trim(), false);
    assertEquals(told, []);
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test("openBrowser() tells why it could not", async () => {
  const told: string[] = [];
  const tell = (message: string) => void told.push(message);
  const program = "/nowhere/opener";
  openBrowser(URL, tell, { program, args: [], origin: "nobody has it" });
  assertEquals(told, [
    `the browser was not opened: there is no "${program}" (nobody has it); ` +
    `the page is ${URL}`,
  ]);
  openBrowser(URL, tell, { program: Deno.execPath(), args: ["no-such-word"] });
  await eventually(() => told.length === 2, "its end is told");
  assertMatch(told[1]!, /ended with status 1; the page is http/);
});

Deno.test("ownOpener() is one of this system", () => {
  const { program } = ownOpener();
  assertEquals(["xdg-open", "open", "rundll32"].includes(program), true);
});
