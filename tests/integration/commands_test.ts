/** The command line of the real program, and the signals it knows. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { programArguments } from "../support/program.ts";
import { ask, get, RawClient } from "../support/raw_client.ts";
import {
  eventually,
  runProgram,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";
import { VERSION } from "../../src/version.ts";

/** A temporary folder for the length of `run`. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  try {
    writeFiles(folder, files);
    await run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Wrong configurations and what is said of them; `@` is the file. */
const WRONG: readonly (readonly [config: string, message: string])[] = [
  [
    "http {\n  server {\n    rot www;\n  }\n}\n",
    'unknown directive "rot" in @:3\n         did you mean "root"?',
  ],
  [
    "http {\n  server {\n    listen 8080\n    root www;\n  }\n}\n",
    'directive "listen" is not terminated by ";" in @:3\n' +
    '         "root" in line 4 is read as a parameter of it',
  ],
  [
    "http {\n  server {\n    listen 8080;\n",
    'unexpected end of file, expecting "}" in @:4\n' +
    '         the block of "server" in line 2 is not closed',
  ],
  ["http {\n}\n}\n", 'unexpected "}" in @:3'],
  [
    "server {\n  listen 99999;\n}\n",
    'invalid port in "99999" of the "listen" directive in @:2\n' +
    "         a port is a number up to 65535, or two with - between them",
  ],
  [
    "server {\n  root a b;\n}\n",
    'invalid number of arguments in "root" directive in @:2\n' +
    "         it takes 1, not 2",
  ],
  [
    "server {\n  location /a { }\n  location /a { }\n}\n",
    'duplicate location "/a" in @:3\n         the first one is in @:2',
  ],
  [
    "server {\n\n  client_header_timeout 5x;\n}\n",
    '"client_header_timeout" directive invalid value in @:3\n' +
    '         "5x" is no time: expected seconds, or numbers with units from ' +
    "long to short (w, d, h, m, s, ms), as in 1h30m",
  ],
  [
    "server {\n  server_name a**b;\n}\n",
    'invalid server name or wildcard "a**b" in @:2\n' +
    '         a "*" may stand for whole labels at the beginning or at the end',
  ],
  [
    "server { listen 8080; }\nserver {\n  proxy_pass http://x;\n}\n",
    'directive "proxy_pass" is not supported by webserv in @:3\n' +
    "         webserv serves files and asks no other server",
  ],
  [
    'server {\n  return 200 "$nope";\n}\n',
    'unknown "nope" variable in @:2',
  ],
  [
    'server {\n  root "www;\n}\n',
    'unexpected end of file, expecting ";" or "}" in @:4\n' +
    '         the " in line 2 has no closing "',
  ],
  [
    "server {\n  autoindex on;\n  autoindex off;\n}\n",
    '"autoindex" directive is duplicate in @:3\n         the first one is in @:2',
  ],
  [
    "server {\n  autoindex maybe;\n}\n",
    'invalid value "maybe" in "autoindex" directive, ' +
    'it must be "on" or "off" in @:2',
  ],
  ["# later\n", 'no "server" block in @:1\n         nothing would be served'],
];

Deno.test("-t says what is wrong, and where", async () => {
  const files = Object.fromEntries(
    [["www/", ""], ...WRONG.map(([config], i) => [`wrong${i}.conf`, config])],
  );
  await inFolder(files, async (folder) => {
    await Promise.all(WRONG.map(async ([, message], i) => {
      const file = `${folder}/wrong${i}.conf`;
      const { code, stdout, stderr } = await runProgram(["-t", "-c", file]);
      assertEquals(
        stderr,
        `webserv: [emerg] ${message.replaceAll("@", file)}\n` +
          `webserv: configuration file ${file} test failed\n`,
      );
      assertEquals([code, stdout], [1, ""]);
    }));
  });
});

/** A configuration with many mistakes, and their lines. */
const MANY = `usr nobody;
include missing.conf;
include more.conf;
http {
    client_max_body_size 10mb;
    server {
        listen 127.0.0.1:0
        root @;
        index a.html;
        locaton /x { rot a; }
        access_log @/webserv.conf/a.log;
        error_log @;
        return 200 $nope;
    }
}
`;

const MANY_LINES = [
  "webserv.conf:1",
  "webserv.conf:2",
  "more.conf:2",
  "webserv.conf:5",
  "webserv.conf:7",
  "webserv.conf:10",
  "webserv.conf:10",
  "webserv.conf:11",
  "webserv.conf:12",
  "webserv.conf:13",
];

Deno.test("-t and a start tell all mistakes in their order, and -t makes nothing", async () => {
  await inFolder({ "more.conf": "\nrot 1;\n" }, async (folder) => {
    const text = MANY.replaceAll("@", folder);
    Deno.writeTextFileSync(`${folder}/webserv.conf`, text);
    const files = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
    const before = files();
    const test = await runProgram(["-t"], folder);
    assertEquals(files(), before);
    const start = await runProgram([], folder);
    for (const { code, stderr } of [test, start]) {
      const places = [...stderr.matchAll(/\[emerg\] .* in (\S+:\d+)$/gm)]
        .map(([, place]) => place!.replace(`${folder}/`, ""));
      assertEquals([code, places], [1, MANY_LINES], stderr);
    }
  });
});

Deno.test("-t warns of what is mostly not meant, and --lint says of what", async () => {
  const files = {
    "x.conf": "server {\n  location /a {\n    alias a/;\n  }\n" +
      "  server_name a:1; # lint: off\n  location ~ .php$ { return 404; }\n}\n",
    "html/index.html": "",
  };
  const rows: readonly (readonly [string[], readonly string[]])[] = [
    [["-t"], ["alias-slash", "unescaped-dot"]],
    [["-t", "--lint=on"], ["alias-slash", "unescaped-dot"]],
    [["-T"], ["alias-slash", "unescaped-dot"]],
    [["-t", "--lint=-alias-slash"], ["unescaped-dot"]],
    [["-t", "--lint=alias-slash"], ["alias-slash"]],
    [["-t", "--lint=off"], []],
    [["-tq"], []],
  ];
  await inFolder(files, async (folder) => {
    for (const [words, rules] of rows) {
      const { code, stderr } = await runProgram(
        [...words, "-c", `${folder}/x.conf`],
      );
      assertEquals(code, 0, stderr);
      const found = [
        ...stderr.matchAll(/\[warn\] ([a-z-]+): .* in \S+\n {9}/g),
      ];
      assertEquals(found.map(([, rule]) => rule), rules, words.join(" "));
    }
    const { code, stderr } = await runProgram(
      ["-t", "--lint=alias", "-c", `${folder}/x.conf`],
    );
    assertEquals(code, 1);
    assertEquals(
      stderr,
      'webserv: invalid option: "--lint=alias" (no rule is called "alias")\n',
    );
  });
});

Deno.test("-t makes no log, no folder and no pid file", async () => {
  const config = `
    error_log logs/error.log; pid run/webserv.pid;
    server {
      listen 127.0.0.1:0; root site; access_log logs/access.log;
      location / { error_log other/error.log; }
    }`;
  await inFolder({ "webserv.conf": config }, async (folder) => {
    const { code, stderr } = await runProgram(["-t"], folder);
    assertEquals(code, 0);
    assert(
      stderr.startsWith(
        `webserv: [warn] root "${folder}/site" does not exist in ` +
          `${folder}/webserv.conf:4\n`,
      ),
      stderr,
    );
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

Deno.test("-t of a server that runs finds its addresses in order", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  const config = `server { listen 127.0.0.1:${port}; access_log off; }`;
  await using server = await ServerProcess.start({ config });
  const file = server.path("webserv.conf");
  assertEquals((await runProgram(["-t", "-c", file])).code, 0);
  // Another configuration has no such server.
  const other = server.path("other.conf");
  Deno.writeTextFileSync(other, `pid other.pid; ${config}`);
  const { code, stderr } = await runProgram(["-t", "-c", other]);
  assertEquals(code, 1);
  assertMatch(stderr, /98: Address already in use\) in .*other\.conf:1\n/);
});

/** Starts the program with a text on its standard input. */
async function startWithInput(
  args: readonly string[],
  cwd: string,
  input: string,
): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...programArguments(), ...args],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  return child;
}

const FROM_INPUT = `pid /dev/null; error_log error.log notice; include add.conf;
  server { listen 127.0.0.1:0; access_log /dev/stdout; root site; }`;

Deno.test("-c takes the standard input, also over a reload", async () => {
  await inFolder({ "site/a": "", "add.conf": "index b;" }, async (folder) => {
    for (const name of ["/dev/stdin", "-", "/proc/self/fd/0"]) {
      const child = await startWithInput(
        ["-t", "-c", name],
        folder,
        FROM_INPUT,
      );
      const { code, stderr } = await child.output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
    }
    const wrong = await startWithInput(["-t", "-c", "-"], folder, "\nrot;");
    assertMatch(
      new TextDecoder().decode((await wrong.output()).stderr),
      /unknown directive "rot" in \/dev\/stdin:2\n/,
    );

    const child = await startWithInput(["-c", "-"], folder, FROM_INPUT);
    const reader = child.stdout.getReader();
    // It prints when it listens to signals.
    assertEquals((await reader.read()).done, false);
    child.kill("SIGHUP");
    await eventually(
      () => Deno.readTextFileSync(`${folder}/error.log`).includes("reloaded"),
      "a reload",
    );
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
    await reader.cancel();
    await child.stderr.cancel();
  });
});

const GOOD = "http {\n  server { listen 127.0.0.1:0; access_log off; }\n}\n";

/** Arguments, and what the program prints and ends with; `@` is the folder. */
const RUNS: readonly {
  readonly args: readonly string[];
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}[] = [
  {
    args: ["-t", "-c", "@/good.conf"],
    code: 0,
    stderr: "webserv: the configuration file @/good.conf syntax is ok\n" +
      "webserv: configuration file @/good.conf test is successful\n",
  },
  { args: ["-tq", "-c", "@/good.conf"], code: 0 },
  { args: ["-t", "-q", "-p", "@", "-c", "good.conf"], code: 0 },
  {
    args: ["-T", "-q", "-c", "@/with.conf"],
    code: 0,
    stdout: "# configuration file @/with.conf:\ninclude good.conf;\n\n" +
      `# configuration file @/good.conf:\n${GOOD}\n`,
  },
  {
    args: ["-t", "-c", "@/none.conf"],
    code: 1,
    stderr: 'webserv: [emerg] open() "@/none.conf" failed ' +
      "(2: No such file or directory)\n" +
      "webserv: configuration file @/none.conf test failed\n",
  },
  {
    args: ["-t", "-c", "@/good.conf", "-g", "rot x;"],
    code: 1,
    stderr: 'webserv: [emerg] unknown directive "rot" in command line:1\n' +
      '         did you mean "root"?\n' +
      "webserv: configuration file @/good.conf test failed\n",
  },
  {
    args: ["-c", "@/none.conf"],
    code: 1,
    stderr: 'webserv: [emerg] open() "@/none.conf" failed ' +
      "(2: No such file or directory)\n",
  },
  { args: ["-v"], code: 0, stderr: `webserv version: webserv/${VERSION}\n` },
  {
    args: ["-x"],
    code: 1,
    stderr: 'webserv: invalid option: "-x" (see "webserv -h")\n',
  },
  {
    args: ["--autoindx"],
    code: 1,
    stderr:
      'webserv: invalid option: "--autoindx" (did you mean "--autoindex"?)\n',
  },
  {
    args: ["-s", "dance"],
    code: 1,
    stderr: 'webserv: invalid option: "-s dance", ' +
      "expected one of stop, quit, reload, reopen\n",
  },
  {
    args: ["-s", "stop", "-c", "@/good.conf"],
    code: 1,
    stderr: 'webserv: [error] open() "@/logs/webserv.pid" failed ' +
      "(2: No such file or directory)\n",
  },
  {
    args: ["@/missing"],
    code: 1,
    stderr: 'webserv: there is no folder "@/missing"\n',
  },
];

Deno.test("commands that end print what they should", async () => {
  const files = { "good.conf": GOOD, "with.conf": "include good.conf;\n" };
  await inFolder(files, async (folder) => {
    await Promise.all(RUNS.map(async (run) => {
      const at = (text = "") => text.replaceAll("@", folder);
      const result = await runProgram(run.args.map(at), folder);
      assertEquals(result, {
        code: run.code,
        stdout: at(run.stdout),
        stderr: at(run.stderr),
      }, run.args.join(" "));
    }));
  });
});

Deno.test("-h and -V say what there is", async () => {
  const [help, build] = await Promise.all([
    runProgram(["-h"]),
    runProgram(["-V"]),
  ]);
  assertEquals([help.code, help.stderr, build.code], [0, "", 0]);
  for (const option of "tTqvVhspecgl") {
    assertMatch(help.stdout, new RegExp(` -${option}[ ,]`));
  }
  assertMatch(build.stderr, /^webserv version: .*\ndeno \d/);
});

Deno.test("a start that fails says in its error log why", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const config = `error_log logs/error.log; worker_processes 2;
    server { listen 127.0.0.1:${port};
    access_log logs; }`;
  const files = { "webserv.conf": config, "logs/": "" };
  await inFolder(files, async (folder) => {
    const { code } = await runProgram([], folder);
    assertEquals(code, 1);
    const lines = Deno.readTextFileSync(`${folder}/logs/error.log`)
      .split("\n").filter((line) => line.includes("[emerg]"));
    assertEquals(lines.length, 2, lines.join("\n"));
    assertMatch(lines[0]!, /: bind\(\) to .* in \S+:2: another program/);
    assertMatch(lines[1]!, /: open\(\) .* failed \(21: Is a directory\) in /);
  });
  taken.close();
});

Deno.test("a port that is taken is told with its place and what to do", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const config = `server { listen 127.0.0.1:${port}; access_log off; }`;
  await inFolder({ "webserv.conf": config }, async (folder) => {
    const result = await runProgram([], folder);
    assertEquals(result, {
      code: 1,
      stdout: "",
      stderr: `webserv: [emerg] bind() to 127.0.0.1:${port} failed ` +
        `(98: Address already in use) in ${folder}/webserv.conf:1\n` +
        `         another program listens there ("ss -ltnp 'sport = :${port}'" ` +
        'tells which): stop it, or choose another port in "listen"\n',
    });
  });
  taken.close();
});

const SITE = `
error_log logs/error.log info;
pid run/webserv.pid;
server {
    listen 127.0.0.1:0;
    root site;
    access_log logs/access.log;
    location = /version { return 200 one; }
}
`;

Deno.test("a start prints addresses, site and logs", async () => {
  await using server = await ServerProcess.start({
    config: SITE,
    files: { "site/": "" },
  });
  const { folder, port, pid } = server;
  assertEquals(
    server.stdout,
    `webserv/${VERSION}\n` +
      `  http://127.0.0.1:${port}/  serves ${folder}/site\n` +
      `  access log: ${folder}/logs/access.log\n` +
      `  error log:  ${folder}/logs/error.log\n\n`,
  );
  assertEquals(server.read("run/webserv.pid"), `${pid}\n`);
  assertEquals((await server.stop()).code, 0);
  assertEquals(server.read("run/webserv.pid"), "");
  assertEquals(server.stderr, "");
});

Deno.test("-s reload serves the new configuration, or keeps the old", async () => {
  await using server = await ServerProcess.start({ config: SITE });
  const { port } = server;
  const conf = server.path("webserv.conf");
  const signal = (name: string) => runProgram(["-s", name, "-c", conf]);
  const version = async () => (await get(port, "/version")).text;
  assertEquals(await version(), "one");

  using kept = await RawClient.connect(port);
  await kept.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await kept.response())?.text, "one");
  // The system chose the port, so the new configuration says 0 again.
  Deno.writeTextFileSync(conf, SITE.replace("200 one", "200 two"));
  assertEquals((await signal("reload")).code, 0);
  await eventually(
    () => server.read("logs/error.log").includes("reloaded"),
    "reload",
  );
  assertEquals(await version(), "two");
  await kept.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await kept.response())?.text, "two", "an open connection");

  // A configuration that became wrong is found by -s itself.
  Deno.writeTextFileSync(conf, SITE.replace("200 one", "200 $nope"));
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("was not reloaded"),
    "refused reload",
  );
  assertMatch(server.read("logs/error.log"), /\[emerg\].*unknown "nope"/);
  assertEquals(await version(), "two");

  Deno.writeTextFileSync(conf, SITE);
  assertEquals((await signal("stop")).code, 0);
  assertEquals((await server.status).code, 0);
});

Deno.test("-s quit finishes responses in flight", async () => {
  const size = 24 * 1024 * 1024;
  await using server = await ServerProcess.start({
    config: SITE,
    files: { "site/big.bin": new Uint8Array(size).fill(0x61) },
  });
  const { port } = server;
  using idle = await RawClient.connect(port);
  await idle.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
  await idle.response();
  using busy = await RawClient.connect(port);
  await busy.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  const first = await busy.readSome(1000) ?? 0;
  const quit = await runProgram([
    "-s",
    "quit",
    "-c",
    server.path("webserv.conf"),
  ]);
  assertEquals(quit.code, 0);
  assertEquals(await idle.end(), "closed");
  await eventually(() => refuses(port), "the listener closes");
  const rest = await busy.rest();
  assert(first + rest.length > size);
  assertEquals(rest.subarray(-3), new TextEncoder().encode("aaa"));
  assertEquals((await server.status).code, 0);
});

function refuses(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("SIGTERM and SIGINT stop at once, SIGQUIT when idle", async () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT"] as const) {
    await using server = await ServerProcess.start({ config: SITE });
    using client = await RawClient.connect(server.port);
    await client.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.response();
    assertEquals((await server.stop(signal)).code, 0, signal);
    assertEquals(await client.end(), "closed", signal);
    assertMatch(server.read("logs/access.log"), /"GET \/version/, signal);
  }
});

Deno.test("a folder is served without configuration", async () => {
  await inFolder({ "a/index.html": "hello" }, async (folder) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--config=deno.json",
        "--allow-net",
        "--allow-read",
        "--allow-write",
        "src/main.ts",
        `${folder}/a`,
        "-l",
        "127.0.0.1:0",
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let printed = "";
    const output = (async () => {
      for await (
        const text of child.stdout.pipeThrough(new TextDecoderStream())
      ) printed += text;
    })();
    await eventually(() => printed.includes("error log"), "start", 15_000);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(printed)?.[1]);
    assertEquals(
      (await ask(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).text,
      "hello",
    );
    child.kill();
    await child.status;
    await output;
    assertMatch(printed, /"GET \/ HTTP\/1.1" 200 5/);
    assertEquals([...Deno.readDirSync(`${folder}/a`)].length, 1, "no litter");
  });
});
