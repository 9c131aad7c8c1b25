import { finish } from "../../../src/config/steps.ts";
import { assertEquals } from "@std/assert";
import { warnOfFolders } from "../../../src/server/setup/folder_check.ts";
import { configured } from "../../support/config_support.ts";

Deno.test("warnOfFolders() names each folder once that is not there", () => {
  const folder = Deno.makeTempDirSync();
  const main = configured(`http {
    root /no/such;
    server {
      root ${folder};
      location /a { alias /no/such; }
      location /b { root /no/other/; }
      location /c { root /no/third/$host/x; }
      location /d { root $host; }
      location /e { root ${folder}/$host; }
      location /f { alias ${folder}; }
    }
  }`);
  const warnings: string[] = [];
  finish(warnOfFolders(main, (message) => void warnings.push(message)));
  assertEquals(warnings, [
    'root "/no/such" does not exist in x.conf:2',
    'root "/no/other" does not exist in x.conf:6',
    'root "/no/third" does not exist in x.conf:7',
  ]);
  Deno.removeSync(folder);
});

Deno.test({
  name: "warnOfFolders() tells what Deno guards, also behind a link",
  ignore: Deno.build.os !== "linux",
  permissions: { read: true, write: true },
  fn() {
    const folder = Deno.realPathSync(Deno.makeTempDirSync());
    Deno.symlinkSync("/dev/shm", `${folder}/link`);
    const main = configured(
      `server { root /dev/shm; location / { root ${folder}/link; } }`,
    );
    const warnings: string[] = [];
    finish(warnOfFolders(main, (message) => void warnings.push(message)));
    assertEquals(
      warnings.map((warning) => /^root "(.*)" will be 403/.exec(warning)?.[1]),
      ["/dev/shm", `${folder}/link`],
    );
    Deno.removeSync(folder, { recursive: true });
  },
});
