/**
 * `packaging/rolling/`: releases of a site go over several hosts by symbolic
 * links while pages are loaded, and no page has the assets of another release,
 * or misses one.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { withEventMethod } from "../support/event_method.ts";
import { RawClient } from "../support/raw_client.ts";
import { ServerProcess, writeFiles } from "../support/server_process.ts";
import { packaged, PACKAGING } from "./packaged.ts";

const SCRIPT = join(PACKAGING, "rolling/webserv-release");

/** Longer than a host serves a page unchecked (`open_file_cache_valid`), in ms. */
const UNTIL_SEEN_MS = 1_200;

/** Runs the script for the site in `folder`. */
async function run(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(SCRIPT, {
    args,
    env: { SITE: join(folder, "site"), KEEP: "2" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, said: text.decode(stdout) + text.decode(stderr) };
}

async function mustRun(folder: string, ...args: string[]): Promise<string> {
  const { code, said } = await run(folder, ...args);
  assertEquals(code, 0, said);
  return said;
}

/** Makes the archive of a release; what it has says so. */
async function archive(folder: string, name: string): Promise<string> {
  const build = join(folder, `build_${name}`);
  const asset = (kind: string) => `/assets/app.${name}.${kind}`;
  writeFiles(build, {
    "index.html": `<!-- release ${name} --><link href="${asset("css")}">` +
      `<script src="${asset("js")}"></script><img src="/assets/logo.1.svg">`,
    [asset("css")]: `/* release ${name} */`,
    [asset("js")]: `// release ${name}\n`.repeat(5000),
    "/assets/logo.1.svg": "<svg/>",
  });
  const file = join(folder, `${name}.tar.gz`);
  const { success } = await new Deno.Command("tar", {
    // As a reproducible build: every release has the same date.
    args: ["-czf", file, "--mtime=2026-01-01 00:00Z", "-C", build, "."],
  }).output();
  assert(success);
  return file;
}

/** A host: its folder, and the server on it. */
class Host implements AsyncDisposable {
  readonly #process: ServerProcess;

  private constructor(process: ServerProcess) {
    this.#process = process;
  }

  static async start(first: string): Promise<Host> {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_test_" }),
    );
    Deno.mkdirSync(join(folder, "site"));
    await mustRun(folder, "stage", first);
    await mustRun(folder, "switch");
    writeFiles(folder, {
      "webserv.conf": withEventMethod(packaged("rolling/webserv.conf", {
        "/run/webserv/": "./",
        "/var/log/webserv/": "./",
        "8080": "127.0.0.1:0",
        "/srv/site": "./site",
      })),
    });
    return new Host(await ServerProcess.startIn(folder, {}));
  }

  get folder(): string {
    return this.#process.folder;
  }

  get port(): number {
    return this.#process.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** People who load pages, each piece from any host, and what they saw. */
class Visitors {
  readonly faults: string[] = [];
  readonly releases = new Map<string, number>();
  readonly #hosts: readonly Host[];
  readonly #ended: Promise<void>[];
  #isStopping = false;

  constructor(hosts: readonly Host[], count: number) {
    this.#hosts = hosts;
    this.#ended = Array.from({ length: count }, (_, i) => this.#visitor(i));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#ended);
  }

  async #visitor(number: number): Promise<void> {
    const clients = await Promise.all(
      this.#hosts.map(({ port }) => RawClient.connect(port)),
    );
    try {
      const get = async (path: string) => {
        const i = Math.floor(Math.random() * clients.length);
        const client = clients[i]!;
        await client.send(`GET ${path} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
        const answer = (await client.response())!;
        if (answer.field("connection") === "close") {
          client.close();
          clients[i] = await RawClient.connect(this.#hosts[i]!.port);
        }
        return answer;
      };
      while (!this.#isStopping) {
        const page = await get("/");
        const release = /release (\w+)/.exec(page.text)?.[1] ?? "none";
        this.releases.set(release, (this.releases.get(release) ?? 0) + 1);
        // Some of them are slow to ask for the rest.
        const pauseMs = number * 100;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        for (const [, path] of page.text.matchAll(/(?:href|src)="(.*?)"/g)) {
          const asset = await get(path!);
          const isRight = asset.status === 200 &&
            (path!.includes("logo") ||
              asset.text.includes(`release ${release}`));
          if (!isRight) {
            this.faults.push(`${release}: ${path} ${asset.statusLine}`);
          }
        }
      }
    } finally {
      for (const client of clients) client.close();
    }
  }
}

Deno.test("releases go over the hosts, and no page is of two", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const first = await archive(folder, "r0");
  await using a = await Host.start(first);
  await using b = await Host.start(first);
  await using c = await Host.start(first);
  const hosts = [a, b, c];
  const visitors = new Visitors(hosts, 6);
  const roll = async (what: string) => {
    for (const host of hosts) await mustRun(host.folder, "stage", what);
    for (const host of hosts) {
      await mustRun(host.folder, "switch");
      // The hosts differ for a while.
      await new Promise((resolve) => setTimeout(resolve, UNTIL_SEEN_MS / 3));
    }
    await new Promise((resolve) => setTimeout(resolve, UNTIL_SEEN_MS));
  };
  const rolled = ["r1", "r2", "r3"];
  for (const name of rolled) await roll(await archive(folder, name));
  await roll("r2"); // and back
  await visitors.stop();

  assertEquals(visitors.faults, []);
  assertEquals([...visitors.releases.keys()].sort(), ["r0", ...rolled]);

  // All hosts are the same to a browser that asks again.
  const pages = await Promise.all(hosts.map(async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send("GET / HTTP/1.1\r\nHost: site.test\r\n\r\n");
    const page = (await client.response())!;
    return [page.text, page.field("etag"), page.field("last-modified")].join();
  }));
  assertEquals(new Set(pages).size, 1, pages.join("\n"));
  assertStringIncludes(pages[0]!, "release r2");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("webserv-release keeps what is linked and some, and says what is wrong", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const site = join(folder, "site");
  assertEquals((await run(folder, "list")).code, 1);
  Deno.mkdirSync(site);
  const wrong: [args: string[], said: string][] = [
    [[], 'expected "stage ARCHIVE"'],
    [["deploy"], 'expected "stage ARCHIVE"'],
    [["stage"], "usage: webserv-release stage"],
    [["stage", "none.tar"], 'there is no archive "none.tar"'],
    [["switch"], "nothing is staged"],
  ];
  for (const [args, said] of wrong) {
    const result = await run(folder, ...args);
    assert(result.code !== 0, args.join());
    assertStringIncludes(result.said, said);
  }
  // A broken archive, and a name that would lead elsewhere.
  const broken = join(folder, "broken.tar.gz");
  Deno.writeTextFileSync(broken, "no archive");
  assertStringIncludes((await run(folder, "stage", broken)).said, "unpacked");
  const odd = join(folder, "a b.tar.gz");
  Deno.writeTextFileSync(odd, "");
  assertStringIncludes((await run(folder, "stage", odd)).said, '"a b"');
  assertEquals([...Deno.readDirSync(join(site, "releases"))], []);

  for (let i = 0; i < 6; i++) {
    await mustRun(folder, "stage", await archive(folder, `r${i}`));
    await mustRun(folder, "switch");
    // The oldest goes first, by a clock of the file system.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertStringIncludes(
    (await run(folder, "stage", join(folder, "r5.tar.gz"))).said,
    "is there already",
  );
  assertEquals(
    await mustRun(folder, "list"),
    "r2\nr3\nr4 previous\nr5 current next\n",
  );
  // Saying it twice changes nothing.
  await mustRun(folder, "switch");
  assertEquals(Deno.readLinkSync(join(site, "previous")), "releases/r4");
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("packaging/rolling/webserv.conf is right", () => {
  const warnings: string[] = [];
  const file = join(PACKAGING, "rolling/webserv.conf");
  readConfiguration(
    { file, prefix: PACKAGING },
    (warning) => warnings.push(warning),
  );
  assertEquals(warnings, []);
});
