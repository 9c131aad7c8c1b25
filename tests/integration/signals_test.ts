/** What the running program does at signals, and what it survives. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { programArguments } from "../support/program.ts";
import { get, RawClient } from "../support/raw_client.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
} from "../support/server_process.ts";

const CONFIG = `
error_log logs/error.log info;
pid run/webserv.pid;
server {
    listen 127.0.0.1:0;
    root site;
    access_log logs/access.log;
}
`;

const FILES = { "site/a.txt": "content" };

/** How long the end of the program may take, in ms. */
const END_MS = 8000;

/** Signals that the program survives, as nginx does. */
const SURVIVED: readonly Deno.Signal[] = [
  "SIGUSR1",
  "SIGALRM",
  "SIGIO",
  "SIGPIPE",
  "SIGSYS",
  "SIGWINCH",
  "SIGCHLD",
  "SIGCONT",
  "SIGURG",
];

Deno.test("the program survives what nginx survives", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  for (const signal of SURVIVED) {
    server.signal(signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals((await get(server.port, "/a.txt")).text, "content", signal);
  }
  assertEquals((await server.stop()).code, 0);
  const log = server.read("logs/error.log");
  assertMatch(log, /\[info\] \d+#0: SIGALRM received, ignored/);
  assertMatch(
    log,
    /\[notice\] \d+#0: webserv\/\S+ started, listening on 127\.0\.0\.1:\d+/,
  );
  assertMatch(log, /\[notice\] \d+#0: exit\n$/);
});

/** A program that serves a folder, and whose output is a pipe. */
function serveFolder(
  words: readonly string[] = [],
  more: { readonly stdout?: "piped" | "null" } = {},
): { readonly child: Deno.ChildProcess; readonly folder: string } {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  Deno.writeTextFileSync(`${folder}/a.txt`, "content");
  const [first = "", ...rest] = [...words, Deno.execPath()];
  const child = new Deno.Command(first, {
    args: [...rest, ...programArguments(), folder, "-l", "127.0.0.1:0"],
    stdin: "null",
    stdout: more.stdout ?? "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  return { child, folder };
}

/** The port that a program prints; what comes later is left unread. */
async function portOf(
  { stdout }: Deno.ChildProcess,
): Promise<[port: number, reader: ReadableStreamDefaultReader<Uint8Array>]> {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended: ${text}`);
    text += decoder.decode(value, { stream: true });
    const port = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1];
    if (port !== undefined && text.includes("error log")) {
      return [Number(port), reader];
    }
  }
}

/** How `child` ends; it is killed if it does not. */
async function endOf(
  child: Deno.ChildProcess,
): Promise<Deno.CommandStatus | "killed"> {
  let isKilled = false;
  const timer = setTimeout(() => {
    isKilled = true;
    child.kill("SIGKILL");
  }, END_MS);
  const status = await child.status;
  clearTimeout(timer);
  return isKilled ? "killed" : status;
}

Deno.test("HUP ends a program that serves a folder", async () => {
  const { child, folder } = serveFolder();
  const [, reader] = await portOf(child);
  child.kill("SIGHUP");
  assertEquals(await endOf(child), { success: true, code: 0, signal: null });
  await reader.cancel();
  assertMatch(await new Response(child.stderr).text(), /SIGHUP received/);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("HUP does not end one that was told to survive it", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const log = `${folder}/log`;
  const words = [Deno.execPath(), ...programArguments(), folder]
    .map((word) => `'${word}'`).join(" ");
  const { stdout } = await new Deno.Command("sh", {
    args: [
      "-c",
      `nohup ${words} -l 127.0.0.1:0 >'${log}' 2>&1 </dev/null & echo $!`,
    ],
  }).output();
  const pid = Number(new TextDecoder().decode(stdout));
  const read = () => {
    try {
      return Deno.readTextFileSync(log);
    } catch {
      return "";
    }
  };
  await eventually(() => /error log/.test(read()), "it starts", 20_000);
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(read())?.[1]);
  Deno.kill(pid, "SIGHUP");
  await eventually(() => read().includes("SIGHUP received"), "it has heard");
  assertEquals((await get(port, "/log")).status, 200);
  Deno.kill(pid, "SIGTERM");
  await eventually(() => read().includes("exit"), "it ends");
  Deno.removeSync(folder, { recursive: true });
});

/** Whether there is a program that makes a terminal. */
function hasScript(): boolean {
  try {
    new Deno.Command("script", { args: ["--version"] }).outputSync();
    return Deno.build.os === "linux";
  } catch {
    return false;
  }
}

Deno.test("a terminal that is closed takes the program with it", {
  ignore: !hasScript(),
}, async () => {
  await using other = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const { folder } = other;
  // With a configuration too: nobody is there who could end it.
  const conf = `${folder}/terminal.conf`;
  Deno.writeTextFileSync(
    conf,
    CONFIG.replace("run/webserv.pid", "run/terminal.pid")
      .replace("logs/error.log", "logs/terminal.log"),
  );
  const words = [Deno.execPath(), ...programArguments(), "-c", conf]
    .map((word) => `'${word}'`).join(" ");
  const terminal = new Deno.Command("script", {
    args: ["-q", "-c", `exec ${words}`, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const log = () => other.read("logs/terminal.log");
  await eventually(() => log().includes("started"), "it starts", 20_000);
  terminal.kill("SIGKILL");
  await eventually(() => log().includes("exit"), "it ends", END_MS);
  assertMatch(log(), /SIGHUP received, the terminal is closed, stopping/);
  await terminal.stdin.close().catch(() => {});
  await terminal.stdout.cancel();
  await terminal.status;
});

for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) {
  Deno.test(`${signal} ends it while nobody reads its log`, async () => {
    const { child, folder } = serveFolder();
    const [port, reader] = await portOf(child);
    // More lines than a pipe holds.
    const request = `GET /a.txt?${"x".repeat(200)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    for (let connections = 0; connections < 4; connections++) {
      using client = await RawClient.connect(port);
      for (let i = 0; i < 10; i++) {
        await client.send(request.repeat(50));
        for (let n = 0; n < 50; n++) await client.response();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = performance.now();
    child.kill(signal);
    assertEquals(await endOf(child), { success: true, code: 0, signal: null });
    assert(performance.now() - before < END_MS - 1000);
    await reader.cancel().catch(() => {});
    await child.stderr.cancel();
    Deno.removeSync(folder, { recursive: true });
  });
}

Deno.test("a second signal does not wait for what the first one waits for", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: { ...FILES, "site/big.bin": new Uint8Array(30_000_000) },
  });
  using slow = await RawClient.connect(server.port);
  await slow.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  await slow.readSome(1000);
  server.signal("SIGQUIT");
  await eventually(
    () => server.read("logs/error.log").includes("SIGQUIT received"),
    "it has heard",
  );
  server.signal("SIGQUIT");
  server.signal("SIGHUP");
  server.signal("SIGTERM");
  server.signal("SIGTERM");
  assertEquals((await server.status).code, 0);
  assertEquals(server.read("run/webserv.pid"), "");
});

Deno.test("the pid file goes where a reload wants it", async () => {
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: FILES,
  });
  const conf = server.path("webserv.conf");
  Deno.writeTextFileSync(conf, CONFIG.replace("run/webserv.pid", "other.pid"));
  server.signal("SIGHUP");
  await eventually(
    () => server.read("other.pid") === `${server.pid}\n`,
    "it is written",
  );
  assertEquals(server.read("run/webserv.pid"), "");
  const { code } = await runProgram(["-s", "stop", "-c", conf]);
  assertEquals(code, 0);
  assertEquals((await server.status).code, 0);
  assertEquals(server.read("other.pid"), "");
});

Deno.test("-s says why it cannot tell a process anything", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const conf = `${folder}/webserv.conf`;
  Deno.writeTextFileSync(conf, "pid it.pid; server { listen 127.0.0.1:0; }");
  const ended = new Deno.Command("true").spawn();
  await ended.status;
  Deno.writeTextFileSync(`${folder}/it.pid`, `${ended.pid}\n`);
  const { code, stderr } = await runProgram(["-c", conf, "-s", "reload"]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    `webserv: [alert] kill(${ended.pid}, SIGHUP) failed (3: No such process)\n`,
  );
  Deno.removeSync(folder, { recursive: true });
});
