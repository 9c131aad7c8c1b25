/**
 * Configurations written for nginx: `-t` takes what is inert, refuses what is
 * not supported, and says each thing once. nginx takes all of them.
 */

import { assertEquals } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { runProgram, writeFiles } from "../support/server_process.ts";
import {
  CONFIGURATIONS,
  type NginxConfiguration,
} from "./nginx_configurations/configurations.ts";
import { hasNginx } from "../support/nginx.ts";

/** Runs `test` in a folder with the files of a configuration. */
async function inFolder(
  ca: Authority,
  { files }: NginxConfiguration,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  try {
    writeFiles(
      folder,
      Object.fromEntries(
        Object.entries(files).map(([name, text]) =>
          [name, text.replaceAll("@", folder)] as const
        ),
      ),
    );
    for (const name of ["ca.crt", "ca.key"]) {
      Deno.copyFileSync(ca.path(name), `${folder}/${name}`);
    }
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** What the lines of a level are about: the first name in quotes, and where. */
function subjects(stderr: string, level: string, folder: string): string[] {
  const line = new RegExp(`\\[${level}\\] (.*) in (\\S+:\\d+)$`, "gm");
  return [...stderr.matchAll(line)].map(([, message = "", place = ""]) => {
    const [, name = message] = /"([^"]+)"/.exec(message) ?? [];
    return `${name} ${place.replace(`${folder}/`, "")}`;
  });
}

Deno.test("-t reads configurations of nginx for what they say", async (t) => {
  using ca = await Authority.create();
  for (const configuration of CONFIGURATIONS) {
    await t.step(configuration.name, async () => {
      await inFolder(ca, configuration, async (folder) => {
        const file = `${folder}/nginx.conf`;
        // What the lint says of sites is told by tests of its own.
        const { code, stderr } = await runProgram(
          ["-t", "-c", file, "--lint=off"],
        );
        const { refused = [], warned = [] } = configuration;
        assertEquals(subjects(stderr, "emerg", folder), refused, stderr);
        assertEquals(
          subjects(stderr, "warn", folder)
            .map((subject) => subject.split(" ")[0])
            // It depends on who runs the tests.
            .filter((name) => name !== "user").sort(),
          [...warned].sort(),
          stderr,
        );
        assertEquals(code, refused.length === 0 ? 0 : 1);
      });
    });
  }
});

Deno.test({
  name: "nginx takes these configurations",
  ignore: !hasNginx(),
  async fn() {
    using ca = await Authority.create();
    for (const configuration of CONFIGURATIONS) {
      if (configuration.needsModules) continue;
      await inFolder(ca, configuration, async (folder) => {
        const file = `${folder}/nginx.conf`;
        // It takes no port 0.
        for (const name of Object.keys(configuration.files)) {
          if (name.endsWith("/")) continue;
          const text = Deno.readTextFileSync(`${folder}/${name}`);
          let address = 0;
          Deno.writeTextFileSync(
            `${folder}/${name}`,
            text.replaceAll(
              "127.0.0.1:0",
              () => `127.0.0.${++address}:65530`,
            ),
          );
        }
        const { code, stderr } = await new Deno.Command("nginx", {
          args: ["-t", "-c", file, "-e", `${folder}/start.log`],
        }).output();
        const text = new TextDecoder().decode(stderr);
        assertEquals(code, 0, `${configuration.name}: ${text}`);
      });
    }
  },
});
