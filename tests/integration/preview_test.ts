/** `webserv DIR`, as it is started on a laptop. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { folderSource } from "../../src/cli/folder/folder_source.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { Server } from "../../src/server/server.ts";
import { freePort } from "../support/free_ports.ts";
import { programArguments } from "../support/program.ts";
import { ask, get, RawClient } from "../support/raw_client.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
} from "../support/server_process.ts";

/** How long the end of a program may take, in ms. */
const END_MS = 8000;

/** Everything that a shell or a configuration could stumble over. */
const ODD_NAME = 'it\'s a "b" $HOME ${uri} #x; {y} `id` \\ *?[a] %41 & ~!\n-é';

Deno.test("the configuration of -T is served by the line that it says", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const parent = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  const folder = `${parent}/${ODD_NAME}`;
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(`${folder}/index.html`, "hello");
  const port = freePort();
  const words = ["-l", `127.0.0.1:${port}`, "--live", "--cors"];
  const dump = await runProgram(["-T", folder, ...words]);
  assertEquals(dump.code, 0, dump.stderr);
  const file = `${parent}/site.conf`;
  Deno.writeTextFileSync(file, dump.stdout);
  const [, line = ""] = /^# {3}webserv (.*)$/m.exec(dump.stdout) ?? [];
  const program = [Deno.execPath(), ...programArguments()]
    .map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("bash", {
    args: ["-c", `exec ${program} ${line.replaceAll("FILE", file)}`],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const isThere = async () =>
    await get(port, "/").then(({ status }) => status === 200, () => false);
  const end = performance.now() + 20_000;
  while (!await isThere() && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const answer = await get(port, "/").catch(() => undefined);
  child.kill();
  await child.status;
  assertEquals(answer?.text.slice(0, 5), "hello", await stderr);
  assertEquals([...Deno.readDirSync(folder)].length, 1, "no litter");
  Deno.removeSync(parent, { recursive: true });
});

/** How an editor or a program puts `text` where `path` is. */
const WRITERS: Readonly<Record<string, (path: string, text: string) => void>> =
  {
    "in place": (path, text) => Deno.writeTextFileSync(path, text),
    "by a rename"(path, text) {
      Deno.writeTextFileSync(`${path}~`, text);
      Deno.renameSync(`${path}~`, path);
    },
    "with the time it had"(path, text) {
      const { mtime } = Deno.statSync(path);
      Deno.writeTextFileSync(path, text);
      Deno.utimeSync(path, mtime!, mtime!);
    },
    "by a rename, with the time it had"(path, text) {
      const { mtime } = Deno.statSync(path);
      Deno.writeTextFileSync(`${path}~`, text);
      Deno.utimeSync(`${path}~`, mtime!, mtime!);
      Deno.renameSync(`${path}~`, path);
    },
    "with a time of a build"(path, text) {
      Deno.writeTextFileSync(path, text);
      Deno.utimeSync(path, 1_700_000_000, 1_700_000_000);
    },
    "removed before"(path, text) {
      Deno.removeSync(path);
      Deno.writeTextFileSync(path, text);
    },
    "emptied before"(path, text) {
      Deno.truncateSync(path, 0);
      Deno.writeTextFileSync(path, text);
    },
  };

/** Sizes of files that are kept in memory, and of one that is not. */
const SIZES = [5, 40_000, 2_000_000];

Deno.test("edits of one size within a moment are seen, whoever has the page", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const args = parseArguments([folder, "-l", "127.0.0.1:0"]);
  const source = folderSource(args, folder);
  const statements = source.statements!.map((server) => ({
    ...server,
    block: server.block!.map((each) =>
      each.name === "access_log" ? { ...each, args: ["off"] } : each
    ),
  }));
  const server = new Server();
  const configuration = readConfiguration({ ...source, statements }, () => {});
  server.serve(
    prepareGeneration(configuration, () => {}, {
      statistics: server.statistics,
    }),
  );
  const { port } = server.addresses[0]!;
  const path = `${folder}/page.html`;
  const request = (fields: string) =>
    `GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`;
  for (const size of SIZES) {
    for (const [how, write] of Object.entries(WRITERS)) {
      Deno.writeTextFileSync(path, "first".padEnd(size));
      let known = (await ask(port, request(""))).field("etag");
      for (let version = 0; version < 8; version++) {
        const text = `${version}`.padEnd(size);
        write(path, text);
        const answer = await ask(
          port,
          request(known === undefined ? "" : `If-None-Match: ${known}\r\n`),
        );
        const name = `version ${version} of ${size} bytes, ${how}`;
        assertEquals(answer.status, 200, name);
        assertEquals(answer.text === text, true, name);
        assertEquals(answer.field("cache-control"), "no-cache", name);
        known = answer.field("etag");
      }
    }
  }
  await server.stop();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a port that is named and taken is told, with what to do", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  using held = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = held.addr as Deno.NetAddr;
  for (
    const words of [
      ["--host", "127.0.0.1", "--port", String(port)],
      ["-l", `127.0.0.1:${port}`],
    ]
  ) {
    const { code, stderr } = await runProgram([folder, ...words]);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /bind\(\) to \S+ failed \(98: Address already in use\)/,
    );
    assertMatch(stderr, /tells which\): stop it, or choose another port\n/);
  }
  Deno.removeSync(folder);
});

Deno.test("a Unix socket of a preview is removed at its end", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using server = await ServerProcess.start({
    config: "",
    files: { "www/index.html": "hello" },
    args: ["www", "-l", "unix:site.sock", "--open"],
  });
  const path = server.path("site.sock");
  using client = await RawClient.connectUnix(path);
  await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assertEquals((await client.response())?.text, "hello");
  assertEquals((await server.stop()).code, 0);
  assertMatch(server.stderr, /no browser opens a Unix socket/);
  assert(!server.stderr.includes("unlink()"), server.stderr);
  assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
});

Deno.test("what cannot be served is told, with what to do", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const unnamed = await runProgram([""]);
  assertEquals(unnamed.code, 1);
  assertMatch(unnamed.stderr, /the folder to serve has no name: .* write "\."/);
  // A name that is no UTF-8, which no string here can be.
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const program = [Deno.execPath(), ...programArguments()]
    .map((word) => `'${word}'`).join(" ");
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", `mkdir $'a\\xff' && cd $'a\\xff' && exec ${program} .`],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assertEquals(code, 1);
  assertMatch(
    new TextDecoder().decode(stderr),
    /a name has to be UTF-8; a symbolic link may lead to any/,
  );
  await new Deno.Command("rm", { args: ["-r", folder] }).output();
});

Deno.test("a line of the log is there with its answer", async () => {
  await using server = await ServerProcess.start({
    config: "",
    files: { "www/index.html": "hello" },
    args: ["www", "-l", "127.0.0.1:0"],
  });
  const began = performance.now();
  for (let request = 1; request <= 10; request++) {
    await get(server.port, `/?${request}`);
    await eventually(
      () => server.stdout.includes(`"GET /?${request} HTTP/1.1" 200 5`),
      "a line",
    );
  }
  // Lines that wait to be written with others take a second each.
  assert(performance.now() - began < 5000);
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

/** `webserv DIR` in a terminal of its own. */
async function inTerminal(
  words: readonly string[],
  run: (
    terminal: {
      /** What it shows. */
      shown(): string;
      /** What the program says of its end. */
      log(): string;
      /** Presses keys. */
      press(keys: string): Promise<void>;
      /** Closes the terminal. */
      close(): void;
    },
  ) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  Deno.mkdirSync(`${folder}/www`);
  const program = [
    Deno.execPath(),
    ...programArguments(),
    `${folder}/www`,
    ...words,
    "-g",
    `error_log ${folder}/log notice;`,
  ];
  const line = program.map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-q", "-c", `stty cols 100; exec ${line}`, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keys = child.stdin.getWriter();
  let shown = "";
  const output = (async () => {
    const text = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of text) shown += piece;
  })();
  const log = () => {
    try {
      return Deno.readTextFileSync(`${folder}/log`);
    } catch {
      return "";
    }
  };
  await eventually(() => log().includes("started"), "it starts", 20_000);
  await run({
    shown: () => shown,
    log,
    press: (text) => keys.write(new TextEncoder().encode(text)),
    close: () => child.kill("SIGKILL"),
  });
  await eventually(() => log().includes("exit"), "it ends", END_MS);
  await keys.close().catch(() => {});
  await child.status;
  await output;
  Deno.removeSync(folder, { recursive: true });
}

const HALF_BLOCKS = /[▀▄]{2}/;

Deno.test("a preview ends with its terminal, which shows phones the way", {
  ignore: !hasScript(),
}, async () => {
  await inTerminal(["-l", String(freePort())], async (terminal) => {
    await eventually(
      () => /error log:.*\r?\n/.test(terminal.shown()),
      "addresses",
    );
    if (terminal.shown().includes("from the network")) {
      await eventually(() => HALF_BLOCKS.test(terminal.shown()), "a QR code");
    }
    terminal.close();
    await eventually(() => terminal.log().includes("exit"), "its end", END_MS);
    assertMatch(terminal.log(), /SIGHUP received/);
  });
});

Deno.test(
  "Ctrl-C ends a preview, which shows phones nothing that they cannot reach",
  {
    ignore: !hasScript(),
  },
  async () => {
    const words = ["-l", `127.0.0.1:${freePort()}`];
    await inTerminal(words, async (terminal) => {
      await terminal.press("\x03");
      await eventually(
        () => terminal.log().includes("exit"),
        "its end",
        END_MS,
      );
      assertMatch(terminal.log(), /SIGINT received/);
      assert(!HALF_BLOCKS.test(terminal.shown()), terminal.shown());
    });
  },
);
