/**
 * Debian's own configuration of nginx, the files of its packages as they are:
 * it passes `-t`, and serves what nginx would serve. Only where things are
 * differs, so that nothing has to be installed and any port will do.
 */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { freePort } from "../support/free_ports.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
import { get } from "../support/raw_client.ts";
import { runProgram, ServerProcess } from "../support/server_process.ts";

const FILES = fromFileUrl(new URL("../fixtures/debian_nginx", import.meta.url));

/** Copies what is in `from`, with the places of this test. */
function copy(from: string, to: string, root: string, port: number): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) {
      copy(`${from}/${name}`, `${to}/${name}`, root, port);
      continue;
    }
    const text = Deno.readTextFileSync(`${from}/${name}`)
      .replaceAll("/etc/nginx/", `${root}/etc/`)
      .replaceAll("/var/log/nginx/", `${root}/log/`)
      .replaceAll("/run/nginx.pid", `${root}/run/nginx.pid`)
      .replaceAll("/var/www/html", `${root}/html`)
      .replaceAll(/^(\tlisten (?:\[::\]:)?)80 /gm, `$1${port} `);
    Deno.writeTextFileSync(`${to}/${name}`, text);
  }
}

/** What both servers serve, and since when. */
const SITE: Readonly<Record<string, string>> = {
  "index.nginx-debian.html": "<p>welcome</p>\n".repeat(100),
  "a.css": "a { color: red }\n".repeat(100),
  "a.unknown": "text",
  "dir/index.html": "<p>in a folder</p>",
};
const DATE = new Date("2026-01-02T03:04:05.678Z");

/** What they are asked for, and which fields are compared. */
const PATHS = ["/", "/a.css", "/a.unknown", "/dir", "/dir/", "/none", "/../x"];
const FIELDS = [
  "content-type",
  "content-encoding",
  "last-modified",
  "location",
];

Deno.test("Debian's configuration of nginx is taken as it is", async (t) => {
  const root = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  // The server may be another user, if this one is root.
  Deno.chmodSync(root, 0o755);
  copy(FILES, `${root}/etc`, root, freePort());
  Deno.mkdirSync(`${root}/html`);
  Deno.writeTextFileSync(`${root}/html/index.nginx-debian.html`, "welcome");
  const file = `${root}/etc/nginx.conf`;

  await t.step("-t passes, makes nothing, and tells what is so", async () => {
    const { code, stderr } = await runProgram(["-t", "-c", file]);
    assertEquals(code, 0, stderr);
    const warned = [...stderr.matchAll(/\[warn\] (.*) in (\S+):\d+$/gm)]
      .map(([, what = "", where = ""]) => [
        [...what.matchAll(/"([^"]+)"/g)].map(([, name]) => name).join(" "),
        where.slice(`${root}/etc/`.length),
      ]).filter(([name]) => name !== "user");
    const modules = "modules-enabled/50-mod-http-geoip.conf";
    assertEquals(warned, [
      ["ssl_protocols", "nginx.conf"],
      ["ssl_prefer_server_ciphers", "nginx.conf"],
      [
        "load_module more_set_headers",
        "modules-enabled/50-mod-http-headers-more-filter.conf",
      ],
      [
        "load_module geoip_country image_filter xslt_stylesheet mail stream",
        modules,
      ],
    ]);
    assertEquals([...Deno.readDirSync(root)].length, 2);
  });

  await t.step("it serves", async () => {
    await using server = await ServerProcess.start({
      config: Deno.readTextFileSync(file),
    });
    const page = await get(server.port, "/");
    assertEquals([page.status, page.text], [200, "welcome"]);
    assertEquals((await get(server.port, "/none")).status, 404);
    if (Deno.statSync(file).uid === 0) {
      // Root has become the user of the configuration.
      const log = Deno.statSync(`${root}/log/access.log`);
      assertNotEquals(log.uid, 0);
    }
    assertMatch(
      Deno.readTextFileSync(`${root}/run/nginx.pid`),
      /^\d+\n$/,
    );
  });
  await t.step({
    name: "nginx serves the same",
    ignore: !hasNginx(),
    async fn() {
      const [own, theirs] = [`${root}/own`, `${root}/theirs`];
      const port = freePort();
      copy(FILES, `${theirs}/etc`, theirs, port);
      // The files of its modules are not installed everywhere.
      Deno.removeSync(`${theirs}/etc/modules-enabled`, { recursive: true });
      copy(FILES, `${own}/etc`, own, freePort());
      for (const folder of [own, theirs]) {
        for (const name of ["html/dir", "log", "run"]) {
          Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
        }
        for (const [name, text] of Object.entries(SITE)) {
          Deno.writeTextFileSync(`${folder}/html/${name}`, text);
          Deno.utimeSync(`${folder}/html/${name}`, DATE, DATE);
        }
      }
      await using _nginx = await startNginx({
        folder: theirs,
        file: `${theirs}/etc/nginx.conf`,
        port,
        args: ["-g", "daemon off;", "-e", `${theirs}/log/error.log`],
      });
      await using server = await ServerProcess.start({
        config: Deno.readTextFileSync(`${own}/etc/nginx.conf`),
      });
      for (const path of PATHS) {
        for (const fields of ["", "Accept-Encoding: gzip\r\n"]) {
          const [ours, nginxs] = await Promise.all(
            [server.port, port].map(async (each) => {
              const answer = await get(each, path, fields);
              const { status, text } = answer;
              const body = status === 200 && fields === "" ? text : "";
              return [status, body, ...FIELDS.map((name) => answer.field(name))]
                // On purpose: texts are UTF-8.
                .map((value) =>
                  String(value).replace(`:${each}`, "")
                    .replace("; charset=utf-8", "")
                );
            }),
          );
          assertEquals(ours, nginxs, `${path} ${fields}`);
        }
      }
    },
  });
  Deno.removeSync(root, { recursive: true });
});
