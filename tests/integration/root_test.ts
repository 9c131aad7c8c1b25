/** Started as root with `user`, the server is that user when it serves. */

import { assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { ask, get } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const IS_ROOT = (() => {
  const file = Deno.makeTempFileSync();
  const { uid } = Deno.statSync(file);
  Deno.removeSync(file);
  return uid === 0;
})();

/** What the system says of every thread of a process. */
async function threads(pid: number, field: string): Promise<Set<string>> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `grep -h ^${field}: /proc/${pid}/task/*/status`],
  }).output();
  return new Set(new TextDecoder().decode(stdout).trim().split("\n"));
}

for (const workers of [1, 2]) {
  Deno.test({
    name: `root becomes the user of the configuration, with ${workers} workers`,
    ignore: !IS_ROOT || Deno.build.os !== "linux",
    async fn() {
      using ca = await Authority.create();
      const key = Deno.readTextFileSync(ca.path("ca.key"));
      await using server = await ServerProcess.start({
        config: `user nobody; worker_processes ${workers};
          pid run/x.pid; error_log logs/error.log info;
          access_log logs/access.log;
          server {
            listen 127.0.0.1:0;
            root www;
            location = /private { auth_basic x; auth_basic_user_file users; }
          }
          server {
            listen 127.0.0.1:0 ssl; ssl_certificate ca.crt;
            ssl_certificate_key ca.key;
          }`,
        files: {
          "www/a": "a",
          "www/secret": "x",
          "www/private": "p",
          // htpasswd -nbB -C 4 ann secret
          "users":
            "ann:$2y$04$SJLMu.nauy74eXHcUMoWV.d0n8SwpcEx.XGbXKPGiUlFLZoAaIqMC",
          "logs/": "",
          "ca.crt": Deno.readTextFileSync(ca.path("ca.crt")),
          "ca.key": key,
        },
      });
      Deno.chmodSync(server.folder, 0o755);
      Deno.chmodSync(server.path("www/secret"), 0o600);
      assertEquals(
        await threads(server.pid, "CapEff"),
        new Set([
          "CapEff:\t0000000000000000",
        ]),
      );
      const uids = [...await threads(server.pid, "Uid")];
      assertEquals(uids.length, 1);
      assertMatch(uids[0]!, /^Uid:(\t[1-9]\d*)\1\1\1$/);
      assertEquals((await get(server.port, "/a")).status, 200);
      assertEquals((await get(server.port, "/secret")).status, 403);
      // Passwords are verified on a thread that root has started.
      const asAnn = () =>
        ask(
          server.port,
          "GET /private HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
            `Authorization: Basic ${btoa("ann:secret")}\r\n\r\n`,
        );
      assertEquals((await asAnn()).status, 200);
      const log = () => server.read("logs/error.log");
      assertMatch(log(), /root has become "nobody"/);
      // The logs are its own, so that they can be opened again.
      server.signal("SIGURG");
      await eventually(() => log().includes("reopening"), "reopening");
      await get(server.port, "/a");
      await eventually(
        () => server.read("logs/access.log").includes("GET /a"),
        "the access log",
      );
      server.signal("SIGHUP");
      await eventually(
        () => /not? reloaded|reloaded$/m.test(log()),
        "a reload",
      );
      assertEquals(log().includes("super-user"), false, log());
      // No other process of that user could bind what root has bound.
      server.signal("SIGUSR2");
      await eventually(
        () =>
          /the program was not started anew, this one goes on: root has bound the addresses, .* CAP_NET_BIND_SERVICE /
            .test(log()),
        "a refusal",
      );
      assertEquals((await get(server.port, "/a")).status, 200);
      assertEquals(
        Deno.readTextFileSync(server.path("run/x.pid")),
        `${server.pid}\n`,
      );
      await server.stop();
      // It may not remove what root has made.
      assertEquals(server.read("run/x.pid"), "");
    },
  });
}

Deno.test({
  name: "root is told of what its user will not be able to read",
  ignore: !IS_ROOT,
  async fn() {
    using ca = await Authority.create();
    const key = Deno.readTextFileSync(ca.path("ca.key"));
    await using server = await ServerProcess.start({
      config: `user nobody; pid x.pid; error_log error.log; access_log off;
        server { listen 127.0.0.1:0; root www; }
        server {
          listen 127.0.0.1:0 ssl; ssl_certificate ca.crt;
          ssl_certificate_key ca.key;
        }`,
      files: {
        "www/a": "a",
        "ca.crt": Deno.readTextFileSync(ca.path("ca.crt")),
        "ca.key": key,
      },
    });
    // Their folder is root's alone.
    assertMatch(
      server.stderr,
      /\[warn\] root ".*www" cannot be read \(13: Permission denied\)/,
    );
    assertMatch(
      server.stderr,
      /\[warn\] .*ca\.key" cannot be read as "nobody": a reload will fail/,
    );
  },
});
