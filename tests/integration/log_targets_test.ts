/** Logs that are no plain files: by variables, compressed, and of syslog. */

import { assert, assertEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { get, RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const GET = (host: string, fields = "") =>
  `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`;

/** Asks for the file once for each host, on one connection. */
async function askFor(
  port: number,
  hosts: readonly string[],
  fields?: string,
): Promise<void> {
  using client = await RawClient.connect(port);
  for (const host of hosts) {
    await client.send(GET(host, fields));
    assertEquals((await client.response())?.status, 200);
  }
}

/** How many files a process has open that are called `*.log` in `folder`. */
function openLogs(pid: number, folder: string): number {
  const { stdout } = new Deno.Command("find", {
    args: [`/proc/${pid}/fd`, "-lname", `${folder}/hosts/*`],
  }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").length - 1;
}

for (const workers of [1, 2]) {
  Deno.test(`a log for each host keeps every line, ${workers} workers`, async () => {
    await using server = await ServerProcess.start({
      config: `worker_processes ${workers};
        error_log logs/error.log;
        events {}
        http {
          log_format host '$host $arg_n';
          open_log_file_cache max=20 inactive=5s min_uses=2 valid=1m;
          keepalive_requests 100000;
          server {
            listen 127.0.0.1:0;
            root site;
            access_log hosts/$host.log host;
          }
        }`,
      files: { "site/a.txt": "a", "hosts/": "" },
    });
    const hosts = Array.from({ length: 300 }, (_, i) => `h${i}.example`);
    await askFor(server.port, [...hosts, ...hosts]);
    // Each worker has a few open at a time, as they are threads of one process.
    assert(openLogs(server.pid, server.folder) <= 8 * workers);
    const lines = (name: string) => server.read(name).split("\n").length - 1;
    await eventually(
      () => hosts.every((host) => lines(`hosts/${host}.log`) === 2),
      "every line is there",
    );
    // A rotation needs no signal, and takes one.
    Deno.renameSync(
      server.path("hosts/h299.example.log"),
      server.path("hosts/old.log"),
    );
    server.signal("SIGUSR1");
    await askFor(server.port, ["h299.example"]);
    await server.stop();
    assertEquals(lines("hosts/old.log"), 2);
    assertEquals(server.read("hosts/h299.example.log"), "h299.example -\n");
    assertEquals(server.read("logs/error.log"), "");
  });
}

Deno.test("a log's path does not lead where a client wants it", async () => {
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log;
      http {
        server {
          listen 127.0.0.1:0;
          root site;
          access_log hosts/$http_x combined;
          location /gone/ { root none; access_log hosts/gone; return 204; }
          location /rootless/ { root none; access_log hosts/$host; return 204; }
        }
      }`,
    files: { "site/a.txt": "a", "hosts/": "" },
  });
  const rows: [value: string, what: string][] = [
    ["..", "[crit] log "],
    ["../site/a.txt", "[crit] log "],
    ["a/../../x", "[crit] log "],
    ["a\tb", "[crit] log "],
    ["a\x9bb", "[crit] log "],
    [
      "none/x",
      '[crit] open() "@/none/x" failed (2: No such file or directory)',
    ],
    [
      "x".repeat(300),
      `[crit] open() "@/${"x".repeat(300)}" failed (36: File name too long)`,
    ],
    ["", '[crit] open() "@/" failed (21: Is a directory)'],
  ];
  for (const [value] of rows) {
    await askFor(server.port, ["h"], `X: ${value}\r\n`);
  }
  await askFor(server.port, ["h"], "X: good\r\n");
  await get(server.port, "/rootless/");
  await server.stop();
  const lines = server.read("logs/error.log").trim().split("\n");
  assertEquals(lines.length, rows.length + 1);
  for (const [i, [value, what]] of rows.entries()) {
    assert(
      lines[i]!.replace(/ \d+#0: \*\d+ /, " ")
        .includes(what.replace("@", server.path("hosts"))),
      `${value}: ${lines[i]}`,
    );
    assert(lines[i]!.includes(" while logging request, client: "), lines[i]);
  }
  assert(
    lines.at(-1)!.includes(
      `[error] ${lines.at(-1)!.match(/\d+#0: \*\d+ /)}` +
        `testing "${server.path("none")}" existence failed ` +
        "(2: No such file or directory) while logging request, client: ",
    ),
    lines.at(-1),
  );
  const made = [...Deno.readDirSync(server.path("hosts"))];
  assertEquals(made.map(({ name }) => name).sort(), ["gone", "good"]);
});

for (const workers of [1, 2]) {
  Deno.test(`a compressed log is read by gzip, ${workers} workers`, async () => {
    await using server = await ServerProcess.start({
      config: `worker_processes ${workers};
        events {}
        http {
          log_format n '$arg_n';
          access_log logs/access.log.gz n gzip=9 flush=1h;
          server {
            listen 127.0.0.1:0;
            access_log logs/access.log.gz n;
            location / { return 200 x; }
          }
        }`,
    });
    for (let n = 0; n < 20; n++) await get(server.port, `/?n=${n}`);
    await server.stop();
    const text = new TextDecoder().decode(
      gunzipSync(Deno.readFileSync(server.path("logs/access.log.gz"))),
    );
    assertEquals(
      text.trim().split("\n").map(Number).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  Deno.test(`syslog gets both logs, ${workers} workers`, async () => {
    const folder = Deno.makeTempDirSync();
    const path = `${folder}/log`;
    const unix = Deno.listenDatagram({ transport: "unixpacket", path });
    const udp = Deno.listenDatagram({
      transport: "udp",
      hostname: "127.0.0.1",
      port: 0,
    });
    const { port } = udp.addr as Deno.NetAddr;
    await using server = await ServerProcess.start({
      config: `worker_processes ${workers};
        error_log syslog:server=127.0.0.1:${port},nohostname,tag=err error;
        error_log logs/error.log notice;
        events {}
        http {
          server {
            listen 127.0.0.1:0;
            access_log syslog:server=unix:${path},severity=notice,nohostname;
            location /own/ {
              error_log syslog:server=unix:${path},nohostname,facility=user;
            }
          }
        }`,
    });
    const next = async (socket: Deno.DatagramConn) =>
      new TextDecoder().decode((await socket.receive())[0]);
    await get(server.port, "/none");
    const missing = await next(udp);
    assert(
      /^<187>\w{3} [ \d]\d \d\d:\d\d:\d\d err: [\d/]+ [\d:]+ \[error\] \d+#\d+: \*\d+ open\(\) ".*none" failed \(2: No such file or directory\), client: 127.0.0.1, server: , request: "GET \/none HTTP\/1.1", host: "a.example"$/
        .test(missing),
      missing,
    );
    const access = await next(unix);
    assert(
      /^<189>\w{3} [ \d]\d \d\d:\d\d:\d\d nginx: 127.0.0.1 - - \[.*"GET \/none HTTP\/1.1" 404 \d+ "-" "-"$/
        .test(access),
      access,
    );
    await get(server.port, "/own/none");
    const own = await next(unix);
    assert(/^<11>.* nginx: .*\[error\] .*own\/none/.test(own), own);
    await server.stop();
    assertEquals(server.read("logs/error.log").includes("own/none"), false);
    unix.close();
    udp.close();
    Deno.removeSync(folder, { recursive: true });
  });
}
