/** `use epoll`: the same server over sockets of the system. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { Load } from "../support/load.ts";
import { programArguments } from "../support/program.ts";
import { get, RawClient } from "../support/raw_client.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

const SKIPPED = Deno.build.os !== "linux";

/** Larger than what is kept in memory. */
const LARGE = crypto.getRandomValues(new Uint8Array(65_536));
const LARGE_COUNT = 64;

function largeFile(): Uint8Array {
  const file = new Uint8Array(LARGE.length * LARGE_COUNT);
  for (let i = 0; i < LARGE_COUNT; i++) file.set(LARGE, i * LARGE.length);
  return file;
}

function configuration(more = "", listen = "127.0.0.1:0"): string {
  return `error_log stderr info; ${more} events { use epoll; }
    http {
      access_log off;
      server { listen ${listen}; root site; }
    }`;
}

const FILES = { "site/a.txt": "content", "site/large.bin": largeFile() };

Deno.test({
  name: "files are sent whole, in parts and one after the other",
  ignore: SKIPPED,
  async fn() {
    const rows: [more: string, listen: string][] = [
      ["", "127.0.0.1:0"],
      ["worker_processes 2;", "127.0.0.1:0 deferred sndbuf=64k"],
      ["", "127.0.0.1:0 fastopen=8 so_keepalive=30::2 rcvbuf=32k"],
    ];
    for (const [more, listen] of rows) {
      await using server = await ServerProcess.start({
        config: configuration(more, listen),
        files: FILES,
      });
      // What the runtime cannot set is set, so nothing is said of it.
      assert(!server.stderr.includes("no effect"), server.stderr);
      using client = await RawClient.connect(server.port);
      const small = "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n";
      await client.send(small.repeat(3));
      for (let i = 0; i < 3; i++) {
        assertEquals((await client.response())?.text, "content");
      }
      await client.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n" + small);
      const whole = await client.response();
      assertEquals(whole?.body.length, LARGE.length * LARGE_COUNT);
      for (let i = 0; i < LARGE_COUNT; i++) {
        const at = i * LARGE.length;
        assertEquals(whole?.body.subarray(at, at + LARGE.length), LARGE);
      }
      assertEquals((await client.response())?.text, "content");
      await client.send(
        "GET /large.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=1000-201000\r\n\r\n",
      );
      const part = await client.response();
      assertEquals(part?.status, 206);
      assertEquals(part?.body, largeFile().subarray(1000, 201_001));
    }
  },
});

Deno.test({
  name: "with TLS the sockets are the system's too",
  ignore: SKIPPED,
  async fn() {
    using ca = await Authority.create();
    await ca.issue("a", "localhost", 1);
    const certificate = `ssl_certificate ${
      ca.path("a.crt")
    }; ssl_certificate_key ${ca.path("a.key")}`;
    await using server = await ServerProcess.start({
      config: configuration(
        "",
        `127.0.0.1:0 ssl deferred sndbuf=64k; http2 on; ${certificate}`,
      ),
      files: FILES,
    });
    assert(!server.stderr.includes("no effect"), server.stderr);
    const caCert = Deno.readTextFileSync(ca.path("ca.crt"));
    for (const http2 of [false, true]) {
      using client = Deno.createHttpClient({
        caCerts: [caCert],
        http1: !http2,
        http2,
      });
      const url = (path: string) => `https://localhost:${server.port}${path}`;
      for (let i = 0; i < 3; i++) {
        const small = await fetch(url("/a.txt"), { client });
        assertEquals(await small.text(), "content");
        const large = await fetch(url("/large.bin"), { client });
        assertEquals(await large.bytes(), largeFile());
      }
    }
  },
});

Deno.test({
  name: "open descriptors are counted where Linux tells how many there are",
  ignore: SKIPPED,
  async fn() {
    for (const workers of [1, 2]) {
      await using server = await ServerProcess.start({
        config: configuration(`worker_processes ${workers};`)
          .replace("root site;", "location = /metrics { metrics; }"),
      });
      const output = (program: string, ...args: string[]) =>
        new TextDecoder().decode(
          new Deno.Command(program, { args }).outputSync().stdout,
        );
      const folder = `/proc/${server.pid}/fd`;
      const isTold = output("stat", "-L", "-c", "%s", folder).trim() !== "0";
      // It is there while they are counted, and afterwards.
      using client = await RawClient.connect(server.port);
      const counts = async () => {
        await client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        const page = (await client.response())?.text ?? "";
        const [, told] = /^process_open_fds (\d+)$/m.exec(page) ?? [];
        const listed = output("ls", folder).trim().split("\n").length;
        return { told, expected: isTold ? String(listed) : undefined };
      };
      // What a start has opened may be closed in between.
      let now = await counts();
      for (let i = 0; i < 20 && now.told !== now.expected; i++) {
        now = await counts();
      }
      assertEquals(now.told, now.expected, `${workers} workers`);
    }
  },
});

Deno.test({
  name: "a file that is cut while it is sent ends the connection",
  ignore: SKIPPED,
  async fn() {
    const size = 64 * 1024 * 1024;
    await using server = await ServerProcess.start({
      config: configuration(),
      files: { ...FILES, "site/cut.bin": new Uint8Array(size) },
    });
    using client = await RawClient.connect(server.port);
    await client.send("GET /cut.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    // The socket is full long before that.
    await new Promise((resolve) => setTimeout(resolve, 300));
    Deno.truncateSync(server.path("site/cut.bin"), 100);
    const rest = await client.rest().catch(() => new Uint8Array(0));
    assert(rest.length < size, "all of it was promised, and has come");
    assertEquals((await get(server.port, "/a.txt")).text, "content");
    assertMatch(server.stderr, /cut\.bin" changed while it was sent/);
  },
});

Deno.test({
  name: "clients that leave while they are sent a file are no signal",
  ignore: SKIPPED,
  async fn() {
    await using server = await ServerProcess.start({
      config: configuration(),
      files: FILES,
    });
    for (let i = 0; i < 8; i++) {
      const client = await RawClient.connect(server.port);
      await client.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
      // With bytes that nobody has read it is a reset.
      await client.readSome(100);
      client.close();
    }
    const left = () => server.stderr.split(/\(32: |\(104: /).length - 1;
    await eventually(() => left() === 8, "all of them have left");
    assertEquals((await get(server.port, "/a.txt")).text, "content");
    assert(!server.stderr.includes("SIGPIPE"), server.stderr);
  },
});

Deno.test({
  name: "without --allow-ffi the runtime's sockets are used, which is said",
  ignore: SKIPPED,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    try {
      writeFiles(folder, {
        "webserv.conf": "events { use epoll; }\nhttp { server { listen " +
          "127.0.0.1:0 deferred; access_log off; } }",
      });
      const args = programArguments().filter((arg) => arg !== "--allow-ffi");
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...args, "-t", "-c", `${folder}/webserv.conf`],
        env: { NO_COLOR: "1" },
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 0, said);
      assertMatch(
        said,
        /\[warn\].* "epoll" cannot be had, "deno" is used: the program has no --allow-ffi, or has given it up at its start in .*webserv\.conf:1\n/,
      );
      assertMatch(
        said,
        /"deferred" of "listen" has no effect.*webserv\.conf:2/,
      );
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

for (const workers of [1, 2]) {
  Deno.test({
    name: `a reload loses nobody, whatever it says of sockets: ${workers}`,
    ignore: SKIPPED,
    async fn() {
      const before = `worker_processes ${workers}; ${configuration()}`;
      await using server = await ServerProcess.start({
        config: before,
        files: FILES,
      });
      const { port } = server;
      const load = new Load(async () =>
        assertEquals((await get(port, "/a.txt")).text, "content")
      );
      const rows = [
        before.replace("use epoll", "use deno"),
        before.replace("127.0.0.1:0", "127.0.0.1:0 backlog=77"),
        before.replace("127.0.0.1:0", "127.0.0.1:0 rcvbuf=64k deferred"),
        before,
      ];
      const done = () => server.stderr.split("configuration reloaded").length;
      for (const config of rows) {
        writeFiles(server.folder, { "webserv.conf": config });
        const count = done();
        server.signal("SIGHUP");
        await eventually(() => done() > count, "it is served", 10_000);
        const seen = load.answers;
        await eventually(() => load.answers > seen + 20, "answers", 10_000);
      }
      await load.end();
      assertMatch(
        server.stderr,
        /\[warn\] .* "use deno" takes effect with the next start, until then it is "epoll" in .*webserv\.conf:1\n/,
      );
    },
  });
}

Deno.test({
  name: "a client of a short connection finds its answer, whatever it sent",
  ignore: SKIPPED,
  async fn() {
    await using server = await ServerProcess.start({
      config: configuration(),
      files: FILES,
    });
    // Each is given a number that was another's a moment ago.
    const clients = Array.from({ length: 20 }, async (_, number) => {
      for (let i = 0; i < 50; i++) {
        using client = await RawClient.connect(server.port);
        const close = i % 2 === 0 ? "Connection: close\r\n" : "";
        await client.send(
          `GET /a.txt?${number} HTTP/1.1\r\nHost: x\r\n${close}\r\n`,
        );
        assertEquals((await client.response())?.text, "content");
        if (close !== "") assertEquals(await client.response(), undefined);
      }
    });
    await Promise.all(clients);
  },
});
