/** `$hostname`: known at the start, and when nobody may ask for it any more. */

import { assertEquals } from "@std/assert";
import { freePort } from "../support/free_ports.ts";
import { RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

function configuration(workers: number, version: number): string {
  return `
worker_processes ${workers};
error_log logs/error.log notice;
access_log off;
server {
    listen 127.0.0.2:PORT default_server;
    return 200 "default";
}
server {
    listen 127.0.0.2:PORT;
    server_name $hostname;
    return 200 "${version} $server_name $hostname";
}
`;
}

const uname = new Deno.Command("uname", { args: ["-n"] });

for (const workers of Deno.build.os === "linux" ? [1, 2] : []) {
  Deno.test(`server_name $hostname with ${workers} workers`, async () => {
    const name = new TextDecoder().decode(uname.outputSync().stdout)
      .trim().toLowerCase();
    const port = freePort();
    const text = (version: number) =>
      configuration(workers, version).replaceAll("PORT", String(port));
    await using server = await ServerProcess.start({ config: text(1) });
    assertEquals(await ask(port, name), `1 ${name} ${name}`);
    assertEquals(await ask(port, "elsewhere"), "default");
    Deno.writeTextFileSync(server.path("webserv.conf"), text(2));
    server.signal("SIGHUP");
    await eventually(
      () => server.read("logs/error.log").includes("configuration reloaded"),
      "the reload",
    );
    assertEquals(await ask(port, name), `2 ${name} ${name}`);
  });
}

async function ask(port: number, host: string): Promise<string | undefined> {
  using client = await RawClient.connect(port, "127.0.0.2");
  await client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return (await client.response())?.text;
}
