/** What `webserv DIR` serves, by the configuration it makes. */

import { assertEquals } from "@std/assert";
import { parseArguments } from "../../src/cli/arguments.ts";
import { folderSource } from "../../src/cli/folder.ts";
import {
  type ConfigurationSource,
  prepareGeneration,
  readConfiguration,
} from "../../src/server/configuration.ts";
import { Server } from "../../src/server/server.ts";
import { ask } from "../support/raw_client.ts";
import { writeFiles } from "../support/server_process.ts";

const FILES = {
  "index.html": "app",
  "assets/a.js": "script",
  "assets/no_extension": "plain",
  "docs/index.html": "docs",
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
  [[], "/assets/", 403],
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
  [["--spa"], "/assets/", 403],
  [["--spa", "--autoindex"], "/assets/", 200],
];

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
  const args = parseArguments([folder, "-l", "127.0.0.1:0", ...flags]);
  const source = folderSource(args, folder);
  const server = new Server();
  try {
    const configuration = readConfiguration(quiet(source), () => {});
    server.serve(
      prepareGeneration(configuration, () => {}, server.statistics),
    );
    await run(server.addresses[0]!.port);
  } finally {
    await server.stop();
    Deno.removeSync(folder, { recursive: true });
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
  });
});
