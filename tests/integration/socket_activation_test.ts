/** Sockets that systemd has opened: they are refused, and it is said so. */

import { assertEquals, assertMatch } from "@std/assert";
import { freePorts } from "../support/free_ports.ts";
import { programArguments } from "../support/program.ts";
import { writeFiles } from "../support/server_process.ts";

function hasActivator(): boolean {
  try {
    new Deno.Command("systemd-socket-activate", { args: ["--version"] })
      .outputSync();
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a socket of systemd is not taken, and the error says what to do",
  ignore: !hasActivator(),
  async fn() {
    const [port = 0] = freePorts(1);
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    writeFiles(folder, {
      "webserv.conf": `pid it.pid; server { listen 127.0.0.1:${port}; }`,
    });
    const child = new Deno.Command("systemd-socket-activate", {
      args: [
        ...["-l", `127.0.0.1:${port}`, Deno.execPath(), ...programArguments()],
        ...["-c", `${folder}/webserv.conf`],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const output = child.output();
    // It starts the program when the first client comes.
    let client: Deno.TcpConn | undefined;
    while (client === undefined) {
      try {
        client = await Deno.connect({ hostname: "127.0.0.1", port });
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const { code, stderr } = await output;
    client.close();
    assertEquals(code, 1);
    assertMatch(
      new TextDecoder().decode(stderr),
      /bind\(\) to 127\.0\.0\.1:\d+ failed \(98: Address already in use\) in .*webserv\.conf:1\n.*a socket was handed over at the start \(LISTEN_FDS\), which is not taken/,
    );
    Deno.removeSync(folder, { recursive: true });
  },
});
