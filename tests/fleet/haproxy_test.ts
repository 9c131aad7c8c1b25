/**
 * `packaging/haproxy/`: instances behind HAProxy are drained, restarted,
 * upgraded in their place, killed and started again one after the other, while
 * every request is counted.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { withEventMethod } from "../support/event_method.ts";
import { freePorts } from "../support/free_ports.ts";
import { isInstalled, output } from "../support/programs.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";
import { isRunning, UPGRADE_MS } from "../support/upgraded.ts";
import { CountedLoad } from "./counted_load.ts";
import { CHANGE_TIMEOUT_MS, Haproxy } from "./haproxy.ts";
import { packaged, PACKAGING } from "./packaged.ts";

const HAS_HAPROXY = isInstalled("haproxy", "-v");

/** The bodies; the last one takes about a second. */
const FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ["/page.html", new Uint8Array(1500).fill(0x70)],
  ["/image.bin", Uint8Array.from({ length: 90_000 }, (_, i) => i)],
]);
const SLOW = new Map([
  ["/slow/film.bin", Uint8Array.from({ length: 60_000 }, (_, i) => i * 7)],
]);

/** An instance: what is at one address, started and ended again and again. */
class Instance {
  /** The logs of the runs that had the time to write them, and their names. */
  readonly ended = new Map<string, string>();
  readonly #root: string;
  readonly #name: string;
  readonly #port: number;
  #runs = 0;
  #process: ServerProcess | undefined;

  constructor(root: string, name: string, port: number) {
    this.#root = root;
    this.#name = name;
    this.#port = port;
  }

  /** What the run says in `X-Instance`. */
  get run(): string {
    return `${this.#name}${this.#runs}`;
  }

  async start(): Promise<void> {
    this.#runs++;
    const folder = join(this.#root, this.run);
    writeFiles(folder, {
      "webserv.conf": withEventMethod(packaged("haproxy/webserv.conf", {
        "/run/webserv/": "./",
        "access_log /var/log/webserv/access.log;":
          'log_format numbered "$remote_addr $arg_n $status $body_bytes_sent";' +
          "access_log access.log numbered;",
        "/var/log/webserv/": "./",
        "10.0.0.0/24": "127.0.0.1",
        "8080": `127.0.0.1:${this.#port}`,
        "/srv/site/current;":
          `${this.#root}/site; add_header X-Instance ${this.run};` +
          " location /slow/ { limit_rate 50k; }",
      })),
    });
    this.#process = await ServerProcess.startIn(folder, {});
  }

  /** Ends it by `QUIT`, which every request of it outlives. */
  async quit(): Promise<void> {
    const started = this.#process!;
    await this.end("SIGQUIT");
    assertEquals((await started.status).code, 0);
    this.ended.set(this.run, started.read("access.log"));
  }

  /** Has another process take its place, in the middle of what it does. */
  async upgrade(): Promise<void> {
    const old = this.#pid;
    Deno.kill(old, "SIGUSR2");
    // The old one is there until HAProxy needs no connection to it any more.
    await eventually(
      () => ![0, old].includes(this.#pid) && listenersOf(this.#port) === 1,
      `${this.run} is upgraded`,
      UPGRADE_MS,
    );
  }

  /** Ends it by `signal`, in the middle of what it does. */
  async end(signal: Deno.Signal): Promise<void> {
    const pid = this.#pid;
    const started = this.#process;
    this.#process = undefined;
    // After an upgrade what it was started as may still be there.
    if (pid > 0 && pid !== started?.pid) Deno.kill(pid, signal);
    await started?.stop(signal);
    await eventually(() => !isRunning(pid), `${this.run} ends`, UPGRADE_MS);
  }

  /** The process that serves, 0 if there is none. */
  get #pid(): number {
    return Number(this.#process?.read("webserv.pid") ?? 0);
  }
}

/** How many sockets listen on a port. */
function listenersOf(port: number): number {
  const { stdout } = new Deno.Command("cat", { args: ["/proc/net/tcp"] })
    .outputSync();
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = new RegExp(`^ *\\d+: \\w+:${hex} \\w+:0000 0A `, "gm");
  return [...new TextDecoder().decode(stdout).matchAll(listening)].length;
}

/** The numbers of the requests that a log has answered whole. */
function numbersIn(log: string): number[] {
  const numbers: number[] = [];
  for (const line of log.trimEnd().split("\n")) {
    const [, n, status, size] =
      /^127\.0\.0\.\d+ (\d+|-) (\d+) (\d+)$/.exec(line) ?? [];
    assert(n !== undefined, `a line of the log: ${line}`);
    if (n === "-") continue; // not of the counted ones
    assertEquals(status, "200", line);
    if ([1500, 90_000, 60_000].includes(Number(size))) numbers.push(Number(n));
  }
  return numbers.sort((a, b) => a - b);
}

/** Instances behind HAProxy, and clients before it. */
class Fleet implements AsyncDisposable {
  readonly root = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  readonly instances = new Map<string, Instance>();
  readonly port: number;
  haproxy: Haproxy | undefined;
  readonly #ports: number[];

  constructor(size: number) {
    [this.port, ...this.#ports] = freePorts(size + 1) as [number, ...number[]];
    this.#ports.forEach((port, i) => {
      const name = "abcdefgh"[i]!;
      this.instances.set(name, new Instance(this.root, name, port));
    });
  }

  async start(): Promise<void> {
    Deno.chmodSync(this.root, 0o755);
    writeFiles(
      this.root,
      Object.fromEntries(
        [...FILES, ...SLOW].map(([name, body]) => [`site${name}`, body]),
      ),
    );
    const socket = join(this.root, "admin.sock");
    const config = packaged("haproxy/haproxy.cfg", {
      "/run/haproxy/admin.sock": socket,
      "bind :80\n": `bind 127.0.0.1:${this.port}\n`,
      "    server a 10.0.0.11:8080\n    server b 10.0.0.12:8080\n": [
        ...this.instances.keys(),
      ].map((name, i) => `    server ${name} 127.0.0.1:${this.#ports[i]}\n`)
        .join(""),
    });
    const file = join(this.root, "haproxy.cfg");
    // Another user is taken on by root alone.
    Deno.writeTextFileSync(
      file,
      Deno.statSync(this.root).uid === 0
        ? config
        : config.replace(/^ {4}(user|group) haproxy\n/gm, ""),
    );
    await Promise.all(
      [...this.instances.values()].map((instance) => instance.start()),
    );
    this.haproxy = await Haproxy.start(file, socket);
    for (const name of this.instances.keys()) {
      await this.haproxy.until(name, "UP");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.haproxy?.[Symbol.asyncDispose]();
    for (const instance of this.instances.values()) {
      await instance.end("SIGKILL");
    }
    Deno.removeSync(this.root, { recursive: true });
  }
}

for (const size of [2, 8]) {
  Deno.test({
    name: `${size} instances behind HAProxy lose what the killed one had` +
      (HAS_HAPROXY ? "" : " (left out: haproxy is not installed)"),
    ignore: !HAS_HAPROXY,
    async fn() {
      await using fleet = new Fleet(size);
      await fleet.start();
      const { instances, port } = fleet;
      const haproxy = fleet.haproxy!;
      let count = 0;
      const nextId = () => ++count;
      const quick = new CountedLoad({
        port,
        nextId,
        files: FILES,
        clients: 6,
        perConnection: 20,
        pauseMs: 10,
      });
      const slow = new CountedLoad({
        port,
        nextId,
        files: SLOW,
        clients: size * 2,
        perConnection: 2,
        pauseMs: 1,
      });
      /** When a run was killed, by `performance.now()`. */
      const killed = new Map<string, number>();

      for (const [name, instance] of instances) {
        /** Waits for a request that has just begun. */
        const isBusy = async () => {
          const since = performance.now();
          await eventually(
            () =>
              slow.inFlight(instance.run).some(({ sentAt }) => sentAt > since),
            `${instance.run} has a request`,
            CHANGE_TIMEOUT_MS,
          );
        };
        await isBusy();
        // Drained by HAProxy's administrator, restarted, put back.
        await haproxy.say(`set server instances/${name} state drain`);
        await haproxy.untilIdle(name);
        await instance.quit();
        await instance.start();
        await haproxy.say(`set server instances/${name} state ready`);
        await isBusy();

        // Another process takes over, without a word to HAProxy.
        const before = slow.inFlight(instance.run);
        await instance.upgrade();
        await eventually(
          () => before.every(({ isOver }) => isOver),
          "what the old process has begun is answered",
          CHANGE_TIMEOUT_MS,
        );
        const faults = [...quick.requests, ...slow.requests]
          .filter((request) => request.instance === instance.run)
          .flatMap(({ fault }) => fault ?? []);
        assertEquals(faults, [], `${instance.run} is upgraded`);
        await isBusy();

        await instance.end("SIGKILL");
        killed.set(instance.run, performance.now());
        if (size === 2) await haproxy.until(name, "DOWN");
        await instance.start();
        await isBusy();

        if (size > 2) continue;
        // Ended without a word to HAProxy, as by a reboot.
        await instance.quit();
        await instance.start();
        await isBusy();
        await haproxy.until(name, "UP");
      }
      await quick.stop();
      await slow.stop();
      for (const instance of instances.values()) await instance.quit();

      const all = [...quick.requests, ...slow.requests];
      assertEquals(all.length, count);
      const lost = all.filter(({ fault }) => fault !== undefined);
      for (const { instance, fault, sentAt } of lost) {
        // It was on its way when its instance was killed, and half of it has come.
        const at = killed.get(instance ?? "none") ?? -1;
        assert(sentAt <= at, `${instance}: ${fault}`);
        assertMatch(fault!, /^Error: closed after \d+ of \d+ bytes$/);
      }
      for (const run of killed.keys()) {
        assert(lost.some(({ instance }) => instance === run), run);
      }
      // The logs of the instances have the same requests as the clients.
      for (const instance of instances.values()) {
        assert(instance.ended.size >= 2);
        for (const [run, log] of instance.ended) {
          const answered = all.filter((request) => request.instance === run);
          assertEquals(
            numbersIn(log),
            answered.map(({ id }) => id).sort((a, b) => a - b),
            run,
          );
        }
      }
    },
  });
}

Deno.test({
  name: "behind HAProxy the log has the address of the client" +
    (HAS_HAPROXY ? "" : " (left out: haproxy is not installed)"),
  ignore: !HAS_HAPROXY,
  async fn() {
    await using fleet = new Fleet(1);
    await fleet.start();
    const [instance] = fleet.instances.values();
    const url = `http://127.0.0.1:${fleet.port}`;
    const curl = (...args: string[]) =>
      output("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", ...args);
    assertEquals(
      await curl("--interface", "127.0.0.7", `${url}/page.html?n=7`),
      "200",
    );
    assertEquals(await curl(`${url}/health?n=8`), "404");
    assertEquals(await curl(`${url}/slow?n=9`), "301");
    await instance!.quit();
    assertEquals([...instance!.ended.values()], [
      "127.0.0.7 7 200 1500\n127.0.0.1 9 301 910\n",
    ]);
  },
});

Deno.test("packaging/haproxy/webserv.conf is right", () => {
  const warnings: string[] = [];
  const file = join(PACKAGING, "haproxy/webserv.conf");
  readConfiguration(
    { file, prefix: PACKAGING },
    (warning) => warnings.push(warning),
  );
  assertEquals(warnings, []);
});
