/** nginx and webserv with one configuration, and what they log. */

import { join } from "@std/path";
import { freePort } from "../../support/free_ports.ts";
import { nginxTempPaths, startNginx } from "../../support/nginx.ts";
import { RawClient } from "../../support/raw_client.ts";
import { ServerProcess } from "../../support/server_process.ts";
import type { LoggedRow } from "./rows.ts";

/** A server that runs. */
export interface LoggingServer extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** Its folder, with `logs` and `site` in it. */
  readonly folder: string;
}

/** What stands in `http`, for a port and a root. */
type Servers = (port: string, root: string) => string;

/** Starts webserv; `write` makes what is in its root. */
export async function startWebserv(
  servers: Servers,
  write: (root: string) => void,
): Promise<LoggingServer> {
  const port = freePort();
  const server = await ServerProcess.start({
    config: `error_log logs/error.log info;
      events {} http { ${servers(String(port), "site")} }`,
    files: { "site/": "" },
  });
  write(server.path("site"));
  return {
    port,
    folder: server.folder,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Starts nginx in the same way. */
export async function startItsNginx(
  servers: Servers,
  write: (root: string) => void,
): Promise<LoggingServer> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const root = join(folder, "site");
  for (const name of ["logs", "site"]) Deno.mkdirSync(join(folder, name));
  write(root);
  const port = freePort();
  const user = Deno.statSync(folder).uid === 0 ? "user root;" : "";
  const file = join(folder, "nginx.conf");
  Deno.writeTextFileSync(
    file,
    `${user} daemon off; master_process off; pid nginx.pid;
     error_log logs/error.log info;
     events {}
     http { ${nginxTempPaths(folder)} ${servers(String(port), root)} }`,
  );
  const nginx = await startNginx({
    folder,
    file,
    port,
    args: ["-e", join(folder, "logs/error.log")],
  });
  return {
    port,
    folder,
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** How long a client waits for an answer that does not come, in ms. */
const PATIENCE_MS = 2000;

/** How long a server may take to write what is left, in ms. */
const LAST_WRITE_MS = 1500;

async function talk(client: RawClient, row: LoggedRow): Promise<void> {
  const { request, end } = row;
  if (request !== "") await client.send(request);
  if (end === "waits") await client.rest().catch(() => {});
  else if (end === "leaves" && !request.endsWith("\r\n\r\n")) await pause(100);
  else {
    const head = request.startsWith("HEAD");
    const answer = client.response({ head }).catch(() => {});
    await Promise.race([answer, pause(PATIENCE_MS)]);
  }
  client.close();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Sends every row on a connection of its own, in their order: lines are told
 * apart by the numbers of connections.
 */
export async function converse(
  { port }: LoggingServer,
  rows: readonly LoggedRow[],
): Promise<void> {
  const talks: Promise<void>[] = [];
  for (const row of rows) {
    const client = await RawClient.connect(port);
    talks.push(talk(client, row));
  }
  await Promise.all(talks);
  await pause(LAST_WRITE_MS);
}

/** A line of an error log about a connection. */
const LINE = /^\S+ \S+ \[(\w+)\] \d+#\d+: \*(\d+) (.*)$/;

/** The lines of each row, without time, process and connection. */
export function linesOfRows(
  { folder, port }: LoggingServer,
  rows: readonly LoggedRow[],
): string[][] {
  const lines = logLines(folder, port);
  // The first row is the first to be told of.
  const first = lines.find(({ said }) => said.includes("none.html"))?.number;
  if (first === undefined) throw new Error("nothing was logged");
  return rows.map(({ end }, row) =>
    lines.filter(({ number }) => number === first + row)
      .filter(({ said }) =>
        end !== undefined || !said.includes("keepalive connection")
      )
      .map(({ log, level, said }) => `${log} [${level}] ${said}`)
  );
}

function logLines(
  folder: string,
  port: number,
): { log: string; level: string; number: number; said: string }[] {
  const logs = [...Deno.readDirSync(join(folder, "logs"))]
    .map(({ name }) => name).filter((name) => name.endsWith(".log"));
  return logs.flatMap((log) =>
    Deno.readTextFileSync(join(folder, "logs", log))
      .replaceAll(join(folder, "site"), "ROOT").replaceAll(folder, "FOLDER")
      .replaceAll(String(port), "PORT").split("\n")
      .flatMap((line) => {
        const [, level = "", number, said = ""] = LINE.exec(line) ?? [];
        return number === undefined
          ? []
          : [{ log, level, number: Number(number), said }];
      })
  );
}
