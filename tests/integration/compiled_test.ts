/**
 * The compiled program: that what was bundled is all that is needed. It is
 * made by `deno task compile`; one that is older than its sources is made
 * anew, one that was never made is left alone, since that may take a download.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { BASE_VERSION } from "../../tools/compile/base.ts";
import { freshnessOf } from "../../tools/compile/freshness.ts";
import { VERSION } from "../../src/version.ts";
import { AcmeServer } from "../support/acme_server.ts";
import { Authority } from "../support/certificates.ts";
import { hasPebble } from "../support/pebble.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { ask } from "../support/raw_client.ts";
import { runCommand } from "../support/run_command.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";
import {
  FILES as UPGRADED_FILES,
  Load,
  Upgraded,
} from "../support/upgraded.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));
const EXECUTABLE = join(
  PROJECT,
  Deno.build.os === "windows" ? "dist/webserv.exe" : "dist/webserv",
);

/** What chooses the base again that the program was made with. */
function baseOption(): string[] {
  const { stderr } = new Deno.Command(EXECUTABLE, { args: ["-V"] })
    .outputSync();
  const version = /^deno (\S+)/m.exec(new TextDecoder().decode(stderr))?.[1];
  return version === BASE_VERSION ? ["--base=npm"] : [];
}

/** Why the program cannot be tested; `undefined` if it can. */
function reasonToSkip(): string | undefined {
  const freshness = freshnessOf(EXECUTABLE, PROJECT);
  if (freshness === "missing") return 'run "deno task compile" first';
  if (freshness === "fresh") return undefined;
  const { code, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["task", "compile", ...baseOption()],
    cwd: PROJECT,
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).outputSync();
  if (code === 0) return undefined;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  return `it is older than its sources, and "deno task compile" failed: ${
    lines.at(-1)
  }`;
}

const SKIPPED = reasonToSkip();

/** A test that says why when it is left out. */
function test(name: string, fn: () => Promise<void>): void {
  const reason = SKIPPED === undefined ? "" : ` (left out: ${SKIPPED})`;
  Deno.test({
    name: `dist/webserv ${name}${reason}`,
    ignore: SKIPPED !== undefined,
    fn,
  });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program with nothing of Deno in its environment. */
function command(args: readonly string[]): Deno.Command {
  return new Deno.Command(EXECUTABLE, {
    args: [...args],
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function runToEnd(...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await command(args).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

const CONFIG = `
error_log logs/error.log notice;
pid webserv.pid;
server {
    listen 127.0.0.1:0;
    root site;
    access_log logs/access.log;
    gzip on;
    gzip_min_length 100;
    location = /version { return 200 one; }
    location /list/ { autoindex on; }
}
`;

const FILES = {
  "webserv.conf": CONFIG,
  "site/index.html": `<h1>hello</h1>${"x".repeat(5000)}`,
  "site/photo.webp": "not really",
  "site/list/a.txt": "a",
};

/** A folder with a site for the length of `use`. */
async function inSite(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  try {
    writeFiles(folder, FILES);
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A running program and what it has printed. */
class Running implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  #stdout = "";
  readonly #output: Promise<unknown>;

  private constructor(args: readonly string[]) {
    this.child = command(args).spawn();
    this.#output = Promise.all([this.#collect(), this.child.stderr.cancel()]);
  }

  /** Starts it and waits until it listens. */
  static async start(...args: string[]): Promise<Running> {
    const running = new Running(args);
    await eventually(
      () => running.stdout.includes("error log"),
      "the program starts",
      10_000,
    );
    return running;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get port(): number {
    return Number(/https?:\/\/127\.0\.0\.1:(\d+)\//.exec(this.#stdout)?.[1]);
  }

  async #collect(): Promise<void> {
    const texts = this.child.stdout.pipeThrough(new TextDecoderStream());
    for await (const text of texts) this.#stdout += text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.child.status;
    await this.#output;
  }
}

test("tells its version and what it runs on", async () => {
  const { code, stderr } = await runToEnd("-V");
  assertEquals(code, 0);
  assertMatch(stderr, /^webserv version: webserv\/[\d.]+\ndeno \d.*\nv8 \d/);
  assert(stderr.startsWith(`webserv version: webserv/${VERSION}\n`));
});

test("checks a configuration", async () => {
  await inSite(async (folder) => {
    const good = await runToEnd("-t", "-p", folder);
    assertEquals(good.code, 0, good.stderr);
    assertMatch(good.stderr, /test is successful/);
    writeFiles(folder, { "webserv.conf": "server { rot x; }" });
    const wrong = await runToEnd("-t", "-p", folder);
    assertEquals(wrong.code, 1);
    assertMatch(wrong.stderr, /unknown directive "rot" in .*:1\n.*"root"/);
  });
});

test("serves, reloads and stops", async () => {
  await inSite(async (folder) => {
    await using server = await Running.start("-p", folder);
    const { port } = server;
    const page = await get(port, "/");
    assertEquals(page.text, FILES["site/index.html"]);
    assertEquals(page.field("content-type"), "text/html; charset=utf-8");
    const photo = await get(port, "/photo.webp");
    assertEquals(photo.field("content-type"), "image/webp");
    const small = await get(port, "/", "Accept-Encoding: gzip\r\n");
    assertEquals(small.field("content-encoding"), "gzip");
    assertMatch((await get(port, "/list/")).text, /a\.txt/);

    using kept = await RawClient.connect(port);
    const ask = async () => {
      await kept.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
      return (await kept.response())?.text;
    };
    assertEquals(await ask(), "one");
    writeFiles(folder, { "webserv.conf": CONFIG.replace("one", "two") });
    const reload = await runToEnd("-s", "reload", "-p", folder);
    assertEquals(reload, { code: 0, stdout: "", stderr: "" });
    const log = () => Deno.readTextFileSync(`${folder}/logs/error.log`);
    await eventually(() => log().includes("reloaded"), "reload");
    assertEquals(await ask(), "two");

    assertEquals((await runToEnd("-s", "quit", "-p", folder)).code, 0);
    assertEquals((await server.child.status).code, 0);
    const lines = Deno.readTextFileSync(`${folder}/logs/access.log`);
    assertEquals(lines.trimEnd().split("\n").length, 6);
  });
});

test("serves with two workers", async () => {
  await inSite(async (folder) => {
    const two = `worker_processes 2;${
      CONFIG.replace(
        "location = /version",
        "location = /metrics { metrics; } location = /version",
      )
    }`;
    writeFiles(folder, { "webserv.conf": two });
    await using server = await Running.start("-p", folder);
    const count = Deno.build.os === "linux" ? 2 : 1;
    for (let i = 0; i < 20; i++) {
      const { text } = await get(server.port, "/version");
      assertEquals(text, "one");
    }
    const page = (await get(server.port, "/metrics")).text;
    assertMatch(page, /^webserv_http_requests_total{status="2xx"} 20$/m);
    assert(page.includes(`\nwebserv_workers ${count}\n`));
    writeFiles(folder, { "webserv.conf": two.replace("one", "two") });
    assertEquals((await runToEnd("-s", "reload", "-p", folder)).code, 0);
    const log = () => Deno.readTextFileSync(`${folder}/logs/error.log`);
    await eventually(() => log().includes("reloaded"), "reload");
    assertEquals((await get(server.port, "/version")).text, "two");
    assertEquals((await runToEnd("-s", "quit", "-p", folder)).code, 0);
    assertEquals((await server.child.status).code, 0);
    const lines = Deno.readTextFileSync(`${folder}/logs/access.log`);
    assertEquals(lines.trimEnd().split("\n").length, 22);
  });
});

test("verifies passwords on a thread of its own", async () => {
  await inSite(async (folder) => {
    writeFiles(folder, {
      "webserv.conf": CONFIG.replace(
        "location = /version",
        "auth_basic x; auth_basic_user_file users; location = /version",
      ),
      // htpasswd -nbB -C 4 ann secret
      "users":
        "ann:$2y$04$SJLMu.nauy74eXHcUMoWV.d0n8SwpcEx.XGbXKPGiUlFLZoAaIqMC\n",
    });
    await using server = await Running.start("-p", folder);
    const rows: [password: string, status: number][] = [
      ["secret", 200],
      ["Secret", 401],
    ];
    for (const [password, status] of rows) {
      const answer = await ask(
        server.port,
        "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" +
          `Authorization: Basic ${btoa(`ann:${password}`)}\r\n\r\n`,
      );
      assertEquals(answer.status, status);
    }
  });
});

/** Whether the Deno inside speaks TLS as a server: that of base 2.6 does not. */
async function speaksTls(): Promise<boolean> {
  const [, major, minor] = /^deno (\d+)\.(\d+)/m.exec(
    (await runToEnd("-V")).stderr,
  )!.map(Number);
  return major! > 2 || minor! >= 9;
}

test("speaks TLS and changes its certificate, or says that it cannot", async () => {
  using ca = await Authority.create();
  await ca.issue("a", "a.test", 0xa1);
  await inSite(async (folder) => {
    const config = `listen 127.0.0.1:0 ssl; ssl_certificate ${
      ca.path("a.crt")
    }; ssl_certificate_key ${ca.path("a.key")};`;
    writeFiles(folder, {
      "webserv.conf": CONFIG.replace("listen 127.0.0.1:0;", config),
    });
    if (!await speaksTls()) {
      for (const args of [["-t", "-p", folder], ["-p", folder]]) {
        const { code, stderr } = await runToEnd(...args);
        assertEquals(code, 1);
        assertMatch(
          stderr,
          /"listen \.\.\. ssl" cannot be served: the runtime, Deno 2\.\S+, has no TLS .* in \S+webserv\.conf:\d+\n.*DENORT_BIN/,
        );
      }
      return;
    }
    assertEquals((await runToEnd("-t", "-p", folder)).code, 0);
    await using server = await Running.start("-p", folder);
    async function ask(): Promise<string> {
      const { stdout } = await new Deno.Command("curl", {
        args: [
          ...["-sS", "--cacert", ca.path("ca.crt"), "--max-time", "20"],
          ...["--connect-to", `::127.0.0.1:${server.port}`],
          "https://a.test/version",
        ],
      }).output();
      return new TextDecoder().decode(stdout);
    }
    assertMatch(await ask(), /one$/);
    await ca.issue("a", "a.test", 0xa2);
    assertEquals((await runToEnd("-s", "reload", "-p", folder)).code, 0);
    const log = () => Deno.readTextFileSync(`${folder}/logs/error.log`);
    await eventually(() => log().includes("reloaded"), "reload");
    assertMatch(await ask(), /one$/);
    using silent = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    assertMatch(await ask(), /one$/);
    assertEquals((await runToEnd("-s", "quit", "-p", folder)).code, 0);
    assertEquals(await silent.read(new Uint8Array(1)), null);
    assertEquals((await server.child.status).code, 0);
  });
});

test("gets a certificate from an authority, or says that it cannot", async () => {
  if (!await speaksTls()) {
    await inSite(async (folder) => {
      const acme = (listen: string, more: string) =>
        `http {
          acme_issuer a { uri https://127.0.0.1:1/; state_path state; }
          server { listen ${listen}; server_name a.test; acme_certificate a;
            ${more} }
        }`;
      const secure = acme(
        "127.0.0.1:0 ssl",
        "ssl_certificate $acme_certificate; " +
          "ssl_certificate_key $acme_certificate_key;",
      );
      const rows: [config: string, args: string[], told: RegExp][] = [
        [secure, ["-p", folder], /"listen \.\.\. ssl" cannot be served: the /],
        [
          acme("127.0.0.1:0", ""),
          ["-p", folder],
          /state_path ".*" cannot be written \(the runtime, Deno 2\.\S+, has/,
        ],
        [
          "",
          [folder, "-d", "example.org"],
          /ssl" cannot be served: .*\n.*DENORT/,
        ],
      ];
      for (const [config, args, told] of rows) {
        writeFiles(folder, { "webserv.conf": config });
        for (const each of [["-t", ...args], args]) {
          const { code, stderr } = await runToEnd(...each);
          assertEquals(code, 1, stderr);
          assertMatch(stderr, told);
        }
      }
    });
    return;
  }
  if (!hasPebble()) return;
  await using both = await AcmeServer.start({
    servers: ["a.test b.test"],
    main: "worker_processes 2;",
    executable: EXECUTABLE,
  });
  await both.hasIssued(1);
  const first = await both.shown("a.test");
  assertMatch(first?.subjectAltName ?? "", /DNS:a\.test, DNS:b\.test/);
  await both.restart();
  const second = await both.shown("b.test");
  assertEquals(second?.serialNumber, first?.serialNumber);
});

test("serves a folder without a configuration", async () => {
  await inSite(async (folder) => {
    const site = `${folder}/site`;
    const flags = ["-l", "127.0.0.1:0", "--spa", "--cors"];
    await using server = await Running.start(site, ...flags);
    const view = await get(server.port, "/some/view");
    assertEquals(view.text, FILES["site/index.html"]);
    assertEquals(view.field("access-control-allow-origin"), "*");
    server.child.kill("SIGTERM");
    assertEquals((await server.child.status).code, 0);
  });
});

/** How a new executable comes where the old one is, in one step. */
const INSTALLATIONS: Readonly<
  Record<string, (program: string, version: number) => void>
> = {
  /** `install`, `dpkg`: another file of the same name. */
  file(program) {
    Deno.copyFileSync(EXECUTABLE, `${program}.new`);
    Deno.renameSync(`${program}.new`, program);
  },
  /** A link to a folder for each version; the last one is removed. */
  link(program, version) {
    const folder = `${program}.d`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.copyFileSync(EXECUTABLE, `${folder}/${version}`);
    Deno.symlinkSync(`${folder}/${version}`, `${program}.new`);
    Deno.renameSync(`${program}.new`, program);
    if (version > 0) Deno.removeSync(`${folder}/${version - 1}`);
  },
};

/** The file that a process runs; the system says of one that is gone so. */
async function programOf(pid: number): Promise<string> {
  const { text } = await runCommand("readlink", [`/proc/${pid}/exe`]);
  return text.trim();
}

const UPGRADES: readonly {
  readonly installed: keyof typeof INSTALLATIONS;
  readonly use: string;
  readonly workers: number;
  readonly upgrades: number;
}[] = [
  { installed: "file", use: "deno", workers: 1, upgrades: 10 },
  { installed: "link", use: "deno", workers: 2, upgrades: 2 },
  { installed: "file", use: "epoll", workers: 2, upgrades: 2 },
  { installed: "link", use: "epoll", workers: 1, upgrades: 2 },
];

for (const { installed, use, workers, upgrades } of UPGRADES) {
  if (Deno.build.os !== "linux") break;
  test(`is replaced (${installed}) and upgraded under load ${upgrades} times, ${use}, workers: ${workers}`, async () => {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_test_" }),
    );
    const program = `${folder}/bin/webserv`;
    const install = INSTALLATIONS[installed]!;
    const config = (version: number) => `
      worker_processes ${workers};
      events { use ${use}; }
      pid it.pid; error_log error.log info; access_log off;
      keepalive_requests 1000000;
      server {
        listen 127.0.0.1:0;
        root site;
        location = /version { return 200 ${version}; }
      }
      server { listen unix:it.sock; root site; }`;
    writeFiles(folder, {
      ...UPGRADED_FILES,
      "bin/": "",
      "webserv.conf": config(0),
    });
    install(program, 0);
    await using server = new Upgraded(
      await ServerProcess.startIn(folder, { executable: program }),
    );
    const loads = [
      new Load(3, () => RawClient.connect(server.port), false),
      new Load(2, () => RawClient.connect(server.port), true),
      new Load(1, () => RawClient.connectUnix(`${folder}/it.sock`), false),
    ];
    for (let version = 1; version <= upgrades; version++) {
      await Promise.all(loads.map((load) => load.more(5)));
      install(program, version);
      // What runs has its file no more, and reloads nevertheless.
      assertMatch(await programOf(server.pid), / \(deleted\)$/);
      const before = server.log.length;
      server.configure(config(version));
      server.signal("SIGHUP");
      await server.logged(/configuration reloaded/, before);
      assertEquals((await get(server.port, "/version")).text, `${version}`);
      await server.upgrade();
      assertEquals(await programOf(server.pid), Deno.realPathSync(program));
      await Promise.all(loads.map((load) => load.more(5)));
    }
    await Promise.all(loads.map((load) => load.stop()));
    assertEquals(loads.flatMap(({ faults }) => faults), []);
    assertEquals(server.log.split("took the place of").length, upgrades + 1);
    assert(!/\[(error|crit|alert|emerg)\]/.test(server.log), server.log);
  });
}
