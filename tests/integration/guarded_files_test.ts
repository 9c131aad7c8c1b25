/** Files below `/dev`, `/proc` and `/sys`: Deno guards them, and the log says so. */

import { assert, assertEquals } from "@std/assert";
import { ask } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log;
access_log off;
server {
    listen 127.0.0.1:0;
    root www;
    location /proc/ { alias /proc/; }
    location /shared/ { alias www/shared/; autoindex on; }
    location /closed/ {
        if (-f /proc/version) { return 503; }
        return 200 "open";
    }
    location /none/ {
        if (-f /srv/nothing/at/all) { return 503; }
        return 200 "open";
    }
}
`;

const REMEDY =
  "(Deno guards /dev, /proc and /sys): use a path that is not in " +
  "/dev, /proc or /sys (nor a link into them)";

Deno.test({
  name: "files that Deno guards are 403, and the log says what to do",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await ServerProcess.start({
      config: CONFIG,
      files: { "www/index.html": "home" },
    });
    // The tests must not touch what Deno guards either.
    for (
      const [target, name] of [
        ["/proc/version", "version"],
        ["/sys/kernel", "kernel"],
        ["/dev/shm", "shared"],
      ] as const
    ) {
      const path = server.path(`www/${name}`);
      const { code } = await new Deno.Command("ln", {
        args: ["-s", target, path],
      }).output();
      assertEquals(code, 0);
    }
    const rows: [target: string, status: number, logged: string][] = [
      ["/version", 403, `open() "${server.path("www/version")}" failed`],
      ["/proc/version", 403, `open() "/proc/version" failed`],
      ["/proc/", 403, `"/proc/index.html" is forbidden`],
      [
        "/kernel/uevent_seqnum",
        403,
        `open() "${server.path("www/kernel/uevent_seqnum")}" failed`,
      ],
      ["/closed/", 200, `stat() "/proc/version" failed`],
    ];
    for (const [target, status, logged] of rows) {
      const request = `GET ${target} HTTP/1.1\r\nHost: a\r\n` +
        "Connection: close\r\n\r\n";
      const response = await ask(server.port, request);
      assertEquals(response.status, status, target);
      const line = () =>
        server.read("logs/error.log").split("\n")
          .find((line) => line.includes(logged));
      await eventually(() => line() !== undefined, `${target} is logged`);
      assert(line()!.includes(`[error]`), line());
      assert(line()!.includes(REMEDY), line());
    }
    const before = server.read("logs/error.log");
    await ask(
      server.port,
      "GET /none/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assertEquals(server.read("logs/error.log"), before);
  },
});
