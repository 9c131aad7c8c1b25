/** The files of `packaging/`: that what reads them understands them. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { readConfiguration } from "../src/server/setup/configuration.ts";
import { InProcessServer } from "./support/in_process_server.ts";
import { get } from "./support/raw_client.ts";
import { isInstalled } from "./support/programs.ts";

const PACKAGING = fromFileUrl(new URL("../packaging", import.meta.url));

function read(name: string): string {
  return Deno.readTextFileSync(join(PACKAGING, name));
}

for (const name of ["webserv.conf", "docker.conf"]) {
  Deno.test(`packaging/${name} is right, without a warning`, () => {
    const warnings: string[] = [];
    const file = join(PACKAGING, name);
    readConfiguration(
      { file, prefix: PACKAGING },
      (warning) => warnings.push(warning),
    );
    assertEquals(warnings, []);
  });
}

Deno.test("the container redirects without naming its port", async () => {
  await using server = new InProcessServer({
    config: read("docker.conf").replace(/^error_log.*$/m, "")
      .replace("8080", "127.0.0.1:0").replaceAll("/dev/stdout", "off")
      .replaceAll("/srv/www", "www"),
    files: { "www/docs/index.html": "docs" },
  });
  const { status, field } = await get(server.port, "/docs?a=b");
  assertEquals([status, field("location")], [301, "/docs/?a=b"]);
});

/** Times of systemd or of a configuration, in ms. */
function timeOf(text: string, pattern: RegExp): number {
  const seconds = pattern.exec(text)?.[1];
  assert(seconds !== undefined, String(pattern));
  return Number(seconds) * 1000;
}

Deno.test("a drain ends before systemd loses patience", () => {
  const drain = timeOf(
    read("webserv.conf"),
    /^worker_shutdown_timeout (\d+)s;/m,
  );
  const stop = timeOf(read("webserv.service"), /^TimeoutStopSec=(\d+)s$/m);
  assert(drain < stop, `${drain} ms and ${stop} ms`);
});

const HAS_SYSTEMD = isInstalled("systemd-analyze");

Deno.test({
  name: "systemd-analyze verifies the unit" +
    (HAS_SYSTEMD ? "" : " (left out: systemd is not installed)"),
  ignore: !HAS_SYSTEMD,
  fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const unit = join(folder, "webserv.service");
    // The program is looked for, and on this machine it is elsewhere.
    Deno.writeTextFileSync(
      unit,
      read("webserv.service").replaceAll("/usr/bin/webserv", "/bin/true"),
    );
    const { code, stdout, stderr } = new Deno.Command("systemd-analyze", {
      args: ["verify", unit],
    }).outputSync();
    const decoder = new TextDecoder();
    assertEquals(
      [code, decoder.decode(stdout), decoder.decode(stderr)],
      [0, "", ""],
    );
    Deno.removeSync(folder, { recursive: true });
  },
});
