/** What `webserv DIR` serves, by the configuration it makes. */

import { assertEquals } from "@std/assert";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { folderSource } from "../../../src/cli/folder/folder_source.ts";
import {
  type ConfigurationSource,
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { Server } from "../../../src/server/server.ts";
import { ask } from "../../support/raw_client.ts";
import { writeFiles } from "../../support/server_process.ts";

const FILES = {
  "index.html": "app",
  "assets/a.js": "script",
  "assets/no_extension": "plain",
  "docs/index.html": "docs",
  "pages/about.html": "about",
  "v1.2/readme": "dotted folder",
};

/** Flags, a path, and the status and text of the answer. */
const ROWS: readonly (readonly [
  flags: readonly string[],
  path: string,
  status: number,
  text?: string,
])[] = [
  [[], "/", 200, "app"],
  [[], "/some/view", 404],
  [[], "/assets/", 200],
  [["--no-autoindex"], "/assets/", 403],
  [[], "/docs", 301],
  [[], "/pages/about", 200, "about"],
  [["--spa"], "/pages/about", 200, "about"],
  [["--autoindex"], "/assets/", 200],
  [["--spa"], "/", 200, "app"],
  [["--spa"], "/some/view", 200, "app"],
  [["--spa"], "/some/view/", 200, "app"],
  [["--spa"], "/some/view?q=a.js", 200, "app"],
  [["--spa"], "/assets/a.js", 200, "script"],
  [["--spa"], "/assets/b.js", 404],
  [["--spa"], "/favicon.ico", 404],
  [["--spa"], "/assets/no_extension", 200, "plain"],
  [["--spa"], "/docs/", 200, "docs"],
  [["--spa"], "/docs", 301],
  [["--spa"], "/v1.2/readme", 200, "dotted folder"],
  [["--spa"], "/v1.2/other", 200, "app"],
  [["--spa"], "/assets/", 200],
  [["--spa", "--no-autoindex"], "/assets/", 403],
  [["--spa", "--autoindex"], "/assets/", 200],
];

Deno.test("folderSource() listens for IPv6 and IPv4 where a port is given", () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const rows: [listen: string[], expected: string][] = [
    [[], "8080, [::]:8080"],
    [["-l", "81"], "81, [::]:81"],
    [["-l", "0"], "[::]:0 ipv6only=off"],
    [["-l", "0.0.0.0:81"], "0.0.0.0:81"],
    [["-l", "*:81"], "*:81"],
    [["-l", "127.0.0.1:81"], "127.0.0.1:81"],
    [["-l", "[::1]:81"], "[::1]:81"],
    [
      ["--host", "localhost", "--port", "81"],
      canListen("::1") ? "127.0.0.1:81, [::1]:81" : "localhost:81",
    ],
  ];
  for (const [words, expected] of rows) {
    const args = parseArguments([folder, ...words]);
    const [server] = folderSource(args, folder).statements!;
    const listen = server!.block!.filter(({ name }) => name === "listen")
      .map(({ args }) => args.join(" "));
    assertEquals(listen.join(", "), expected);
  }
  Deno.removeSync(folder);
});

/** Whether the system has an address. */
function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("folderSource() is found at localhost by each address", async () => {
  const hasIpv6 = canListen("::1");
  await withServer(["-l", "0"], async (port) => {
    const addresses = ["127.0.0.1", "localhost", ...(hasIpv6 ? ["::1"] : [])];
    for (const hostname of addresses) {
      using socket = await Deno.connect({ hostname, port });
      const bytes = new TextEncoder().encode(request("GET", "/docs"));
      await socket.write(bytes);
      const text = await new Response(socket.readable).text();
      assertEquals(text.split("\r\n")[0], "HTTP/1.1 301 Moved Permanently");
    }
  });
});

/** A test has no log on standard output. */
function quiet(source: ConfigurationSource): ConfigurationSource {
  const statements = source.statements!.map((server) => ({
    ...server,
    block: server.block!.map((each) =>
      each.name === "access_log" ? { ...each, args: ["off"] } : each
    ),
  }));
  return { ...source, statements };
}

async function withServer(
  flags: readonly string[],
  run: (port: number) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  writeFiles(folder, FILES);
  await withFolder(folder, flags, run);
  Deno.removeSync(folder, { recursive: true });
}

async function withFolder(
  folder: string,
  flags: readonly string[],
  run: (port: number) => Promise<void>,
): Promise<void> {
  const listen = flags.includes("-l") ? [] : ["-l", "127.0.0.1:0"];
  const args = parseArguments([folder, ...listen, ...flags]);
  const source = folderSource(args, folder);
  const server = new Server();
  try {
    const configuration = readConfiguration(quiet(source), () => {});
    server.serve(
      prepareGeneration(configuration, () => {}, {
        statistics: server.statistics,
      }),
    );
    await run(server.addresses[0]!.port);
  } finally {
    await server.stop();
  }
}

const request = (method: string, path: string) =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

Deno.test("folderSource() serves a folder as the flags say", async () => {
  for (const [flags, rows] of Map.groupBy(ROWS, ([flags]) => flags.join(" "))) {
    await withServer(flags.split(" ").filter(Boolean), async (port) => {
      for (const [, path, status, text] of rows) {
        const answer = await ask(port, request("GET", path));
        const name = `${flags} ${path}`;
        assertEquals(answer.status, status, name);
        if (text !== undefined) assertEquals(answer.text, text, name);
      }
    });
  }
});

Deno.test("folderSource() serves a folder of any name", async () => {
  const parent = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const names = [
    "US$ 2024",
    "$host ${uri}",
    "{;} \"'`",
    "-l",
    "new\nline\ttab",
    "back\\slash",
    "*?[a]~#%41&",
    "ümlaut 日本 😀",
    "trailing ",
    ". .",
  ];
  for (const name of names) {
    const folder = `${parent}/${name}`;
    writeFiles(folder, FILES);
    await withFolder(folder, ["--spa", "--autoindex"], async (port) => {
      const texts = await Promise.all(
        ["/assets/a.js", "/docs/", "/some/view"].map(async (path) =>
          (await ask(port, request("GET", path))).text
        ),
      );
      assertEquals(texts, ["script", "docs", "app"], name);
      const { status } = await ask(port, request("GET", "/assets/"));
      assertEquals(status, 200, name);
    });
  }
  Deno.removeSync(parent, { recursive: true });
});

Deno.test("folderSource() redirects without naming host or port", async () => {
  await withServer(["--spa"], async (port) => {
    const answer = await ask(port, request("GET", "/docs?a=b"));
    assertEquals(answer.field("location"), "/docs/?a=b");
  });
});

Deno.test("folderSource() lets other origins read only with --cors", async () => {
  const name = "access-control-allow-origin";
  await withServer([], async (port) => {
    const answer = await ask(port, request("GET", "/"));
    assertEquals(answer.field(name), undefined);
  });
  await withServer(["--cors", "--spa"], async (port) => {
    for (const path of ["/", "/view", "/assets/a.js", "/missing.js"]) {
      const answer = await ask(port, request("GET", path));
      assertEquals(answer.field(name), "*", path);
    }
    const preflight = await ask(port, request("OPTIONS", "/assets/a.js"));
    assertEquals(preflight.status, 204);
    assertEquals(preflight.field(name), "*");
    assertEquals(
      preflight.field("access-control-allow-methods"),
      "GET, HEAD, OPTIONS",
    );
    assertEquals(preflight.field("access-control-allow-headers"), "*");
    // Whoever asks before is told the rest by the answer itself.
    for (const path of ["/missing", "/docs", "/a/../b", "/assets/"]) {
      const asked = await ask(
        port,
        `OPTIONS ${path} HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n` +
          "Access-Control-Request-Method: GET\r\nConnection: close\r\n" +
          "Access-Control-Request-Headers: range\r\n\r\n",
      );
      assertEquals(asked.status, 204, path);
      assertEquals(asked.field(name), "*", path);
      assertEquals(asked.field("access-control-allow-headers"), "*", path);
    }
    for (const path of ["/", "/missing.js"]) {
      const answer = await ask(port, request("GET", path));
      const exposed = answer.field("access-control-expose-headers")?.split(
        ", ",
      );
      for (const field of ["*", "Content-Length", "Content-Range", "ETag"]) {
        assertEquals(exposed?.includes(field), true, `${field} of ${path}`);
      }
    }
  });
});
