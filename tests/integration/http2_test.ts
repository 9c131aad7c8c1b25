/** HTTP/2 with clients that others wrote: curl, nghttp and h2load. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { freePort } from "../support/free_ports.ts";
import { InProcessServer } from "../support/in_process_server.ts";
import { isInstalled, output } from "../support/programs.ts";

const LARGE = new Uint8Array(700_000).map((_, at) => at % 251);

/** Names of a page's resources. */
const RESOURCES = Array.from({ length: 100 }, (_, at) => `r${at}.txt`);

/** Without TLS at the first address, with it at the second. */
async function start(authority: Authority, directives = "") {
  await authority.issue("a", "a.example", 1);
  const server = new InProcessServer({
    config: `
      error_log stderr emerg;
      http {
        access_log off; http2 on; root www;
        server {
          listen 127.0.0.1:0; listen 127.0.0.1:0 ssl; server_name a.example;
          ssl_certificate ${authority.folder}/a.crt;
          ssl_certificate_key ${authority.folder}/a.key;
          location /v { return 200 "$http2 $server_protocol"; }
          location /up { client_max_body_size 1m; return 200 up; }
          ${directives}
        }
      }`,
    files: {
      "www/large": LARGE,
      "www/index.html": "<p>hello",
      ...Object.fromEntries(
        RESOURCES.map((name) => [`www/${name}`, name.repeat(300)]),
      ),
    },
  });
  const [plain, secure] = server.server.addresses
    .toSorted((a, b) =>
      Number(a.plan.group!.tls !== undefined) -
      Number(b.plan.group!.tls !== undefined)
    )
    .map(({ port }) => port);
  return {
    server,
    plain: `http://127.0.0.1:${plain}`,
    secure: `https://127.0.0.1:${secure}`,
  };
}

Deno.test({
  name: "curl speaks HTTP/2, by prior knowledge and by ALPN",
  ignore: !isInstalled("curl"),
  async fn() {
    using authority = await Authority.create();
    const { server, plain, secure } = await start(authority);
    await using _ = server;
    const prior = ["-s", "--http2-prior-knowledge"];
    const tls = ["-sk", "--http2"];
    const rows: [args: string[], expected: string][] = [
      [[...prior, `${plain}/v`], "h2c HTTP/2.0"],
      [[...tls, `${secure}/v`], "h2 HTTP/2.0"],
      [["-sk", "--http1.1", `${secure}/v`], " HTTP/1.1"],
      [["-sk", "--no-alpn", `${secure}/v`], " HTTP/1.1"],
      [["-s", `${plain}/v`], " HTTP/1.1"],
      [[...prior, "-d", "x".repeat(100_000), `${plain}/up`], "up"],
      [[
        ...tls,
        "-H",
        "Expect: 100-continue",
        "-d",
        "x".repeat(100_000),
        `${secure}/up`,
      ], "up"],
      [[...tls, "-r", "0-2", `${secure}/index.html`], "<p>"],
    ];
    for (const [args, expected] of rows) {
      assertEquals(
        await output("curl", ...args),
        expected,
        args.join(" ").slice(0, 99),
      );
    }
    const text = await output("curl", ...tls, `${secure}/large`);
    assertEquals(text, new TextDecoder("latin1").decode(LARGE));
  },
});

Deno.test({
  name: "nghttp gets a page of a hundred resources on one connection",
  ignore: !isInstalled("nghttp"),
  async fn() {
    using authority = await Authority.create();
    const { server, plain, secure } = await start(authority);
    await using _ = server;
    for (const origin of [plain, secure]) {
      const report = await output(
        "nghttp",
        "-ns",
        ...RESOURCES.map((name) => `${origin}/${name}`),
      );
      const answers = report.match(/ 200 +\S+ \/r\d+\.txt/g) ?? [];
      assertEquals(answers.length, RESOURCES.length, report);
      assertMatch(await output("nghttp", "-v", `${origin}/`), /<p>hello/);
    }
    assertEquals(server.server.statistics.accepted, 4);
  },
});

Deno.test({
  name: "nghttp and the server send each other fields behind their bodies",
  ignore: !isInstalled("nghttp"),
  async fn() {
    using authority = await Authority.create();
    const { server, plain, secure } = await start(
      authority,
      "location /sum { add_trailer X-Sum $uri; alias www/index.html; }",
    );
    await using _ = server;
    const body = Deno.makeTempFileSync();
    try {
      Deno.writeFileSync(body, LARGE);
      for (const origin of [plain, secure]) {
        const got = await output("nghttp", "-nv", `${origin}/sum`);
        assertMatch(got, /recv DATA [^]*recv \([^]*\) x-sum: \/sum/);
        const upload = ["-v", "-d", body, `${origin}/up`];
        const sent = await output("nghttp", "--trailer", "x-sum: 1", ...upload);
        assertMatch(sent, / x-sum: 1\n/);
        assertMatch(sent, /:status: 200/);
        assertMatch(sent, /^up\[/m);
        // Nobody wants the body: the answer comes in the place of a 100.
        const asked = await output("nghttp", "--expect-continue", ...upload);
        assertMatch(asked, /expect: 100-continue[^]*\) :status: 200/);
        assert(!/:status: 100|send DATA/.test(asked), asked);
      }
    } finally {
      Deno.removeSync(body);
    }
  },
});

Deno.test({
  name: "h2load loses nothing",
  ignore: !isInstalled("h2load"),
  async fn() {
    using authority = await Authority.create();
    const { server, secure } = await start(authority);
    await using _ = server;
    const report = await output(
      "h2load",
      ...["-n2000", "-c8", "-m8", `${secure}/r1.txt`, `${secure}/large`],
    );
    assertMatch(report, /2000 succeeded, 0 failed, 0 errored/);
    assert(server.server.statistics.requests >= 2000);
  },
});

Deno.test({
  name:
    "over TLS each server name has HTTP/2 or not, and a reload changes that",
  ignore: !isInstalled("curl"),
  async fn() {
    using authority = await Authority.create();
    await authority.issue("a", "a.example", 1);
    const config = (a: string, b: string) => `
      error_log stderr emerg;
      http {
        access_log off;
        ssl_certificate ${authority.folder}/a.crt;
        ssl_certificate_key ${authority.folder}/a.key;
        server {
          listen unix:/${authority.folder}/s ssl; server_name a.example;
          http2 ${a}; return 200 "a $http2";
        }
        server {
          listen unix:/${authority.folder}/s ssl; server_name b.example;
          http2 ${b}; return 200 "b $http2";
        }
      }`;
    await using server = new InProcessServer({ config: config("on", "off") });
    const ask = (name: string) =>
      output(
        "curl",
        ...["-sk", "--http2", "--unix-socket", `${authority.folder}/s`],
        `https://${name}.example/`,
      );
    assertEquals([await ask("a"), await ask("b")], ["a h2", "b "]);
    server.serve(config("off", "on"));
    assertEquals([await ask("a"), await ask("b")], ["a ", "b h2"]);
  },
});

Deno.test({
  name: "what a connection may do is as the server says that was named (SNI)",
  ignore: !isInstalled("nghttp"),
  async fn() {
    using authority = await Authority.create();
    await authority.issue("a", "localhost", 1);
    const port = freePort();
    await using _ = new InProcessServer({
      config: `
        error_log stderr emerg;
        http {
          access_log off; http2 on;
          ssl_certificate ${authority.folder}/a.crt;
          ssl_certificate_key ${authority.folder}/a.key;
          server {
            listen 127.0.0.1:${port} ssl; server_name other;
            http2_max_concurrent_streams 5; http2_body_preread_size 5000;
          }
          server {
            listen 127.0.0.1:${port} ssl; server_name localhost;
            http2_max_concurrent_streams 7; http2_body_preread_size 7000;
          }
        }`,
    });
    const said = async (host: string) => {
      const report = await output(
        "nghttp",
        "-nv",
        `https://${host}:${port}/`,
      );
      return ["MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE"].map((name) =>
        new RegExp(`recv SETTINGS[^]*?${name}\\(0x0.\\):(\\d+)`)
          .exec(report)?.[1]
      );
    };
    assertEquals(await said("localhost"), ["7", "7000"]);
    // Without a name it is the default server.
    assertEquals(await said("127.0.0.1"), ["5", "5000"]);
  },
});

Deno.test({
  name: "reloads and a drain lose no request of h2load",
  ignore: !isInstalled("h2load"),
  async fn() {
    const config = (page: string) => `
      error_log stderr emerg;
      http {
        access_log off; root www;
        server {
          listen 127.0.0.1:0; http2 on;
          location = /v { return 200 ${page}; }
          location = /slow { alias www/large; limit_rate 20m; }
        }
      }`;
    await using server = new InProcessServer({
      config: config("first"),
      files: { "www/large": LARGE },
    });
    const origin = `http://127.0.0.1:${server.port}`;
    const report = output(
      "h2load",
      ...["-n100000", "-c4", "-m8", `${origin}/v`, `${origin}/slow`],
    );
    const { statistics } = server.server;
    let isOver = false;
    report.then(() => isOver = true);
    // A client that was told to go does not come again.
    for (let reload = 0; reload < 3 && !isOver; reload++) {
      const before = statistics.requests;
      while (!isOver && statistics.requests < before + 50) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      server.serve(config(`reload-${reload}`));
    }
    await server.server.drain();
    // h2load calls those started, too, that it was told in time not to send.
    const [, succeeded] = /(\d+) succeeded/.exec(await report) ?? [];
    assertEquals(Number(succeeded), statistics.requests);
    assert(statistics.requests >= 50);
  },
});
