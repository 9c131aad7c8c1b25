/** The package for npm: packed, installed from the archive, and started. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { VERSION } from "../../src/version.ts";
import { isInstalled } from "../support/programs.ts";
import { get } from "../support/raw_client.ts";
import { eventually, writeFiles } from "../support/server_process.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

const HAS_NPM = isInstalled("npm");

Deno.test({
  name: "the package for npm runs from its archive" +
    (HAS_NPM ? "" : " (left out: npm is not installed)"),
  ignore: !HAS_NPM,
  async fn() {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_test_" }),
    );
    try {
      writeFiles(folder, {
        "package.json": '{"private":true}',
        "a site/index.html": "from npm",
        "a site/webserv.conf": `error_log error.log notice; pid webserv.pid;
          server { listen 127.0.0.1:0; root .; access_log off; }`,
      });
      const made = await run(Deno.execPath(), ["task", "npm"], PROJECT);
      assertEquals(made.code, 0, made.said);
      const packed = await run("npm", ["pack", `${PROJECT}dist/npm`], folder);
      assertEquals(packed.code, 0, packed.said);
      const archive = `./webserv-${VERSION}.tgz`;
      const options = ["--no-audit", "--no-fund", "--prefer-offline"];
      const installed = await run(
        "npm",
        ["install", "--ignore-scripts", ...options, archive],
        folder,
      );
      assertEquals(installed.code, 0, installed.said);
      const own = `${folder}/node_modules/webserv`;
      const links = [
        ...Deno.readTextFileSync(`${own}/README.md`)
          .matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g),
      ].map(([, link]) => link);
      assert(links.length > 10);
      for (const link of links) Deno.statSync(`${own}/${link}`);
      const webserv = `${folder}/node_modules/.bin/webserv`;
      assertEquals(await run(webserv, ["-v"], folder), {
        code: 0,
        said: `webserv version: webserv/${VERSION}\n`,
      });
      assertEquals(await run(webserv, ["--nothing"], folder), {
        code: 1,
        said: 'webserv: invalid option: "--nothing" (see "webserv -h")\n',
      });
      for (const signal of ["SIGTERM", "SIGQUIT", "SIGINT"] as const) {
        const log = `${folder}/a site/error.log`;
        const server = new Deno.Command(webserv, {
          args: ["-p", "a site"],
          cwd: folder,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
        const said = () => {
          try {
            return Deno.readTextFileSync(log);
          } catch {
            return ""; // It has not begun.
          }
        };
        await eventually(() => said().includes(" started"), "start", 30_000);
        const port = Number(/listening on [\d.]+:(\d+)/.exec(said())![1]);
        assertEquals((await get(port, "/")).text, "from npm");
        server.kill(signal);
        assertEquals((await server.status).code, 0, signal);
        assert(said().includes(`${signal} received`), said());
        Deno.removeSync(log);
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
