/**
 * The way of a small GET through `src/`: which files and functions it runs,
 * from the read to the log line, on a connection that has had others and on a
 * fresh one. `--list` names them.
 */

import { InProcessServer } from "../../tests/support/in_process_server.ts";
import { type Called, trace } from "./trace.ts";

const CONFIG = `http {
  access_log logs/access.log;
  server { listen 127.0.0.1:0; root site; }
}`;

const GET = new TextEncoder().encode(
  "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n" +
    "User-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n",
);

/** Requests before the ones that count: caches are warm, as on any site. */
const WARM_UP = 20;

/** How often each is measured: timers must not fall into all of them. */
const TRIES = 5;

/** Lets the server finish what it does after an answer. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((done) => setTimeout(done, 0));
}

async function ask(connection: Deno.Conn): Promise<void> {
  await connection.write(GET);
  await connection.read(new Uint8Array(2000));
  await settle();
}

function filesOf(called: readonly Called[]): Set<string> {
  return new Set(called.map(({ file }) => file));
}

function callsOf(called: readonly Called[]): number {
  return called.reduce((sum, { calls }) => sum + calls, 0);
}

/** What `act` calls, without what timers did meanwhile. */
async function least(act: () => Promise<void>): Promise<Called[]> {
  const tries: Called[][] = [];
  for (let i = 0; i < TRIES; i++) tries.push(await trace(act));
  tries.sort((a, b) => filesOf(a).size - filesOf(b).size);
  return tries[0]!;
}

function report(name: string, called: readonly Called[]): void {
  console.log(
    `${name}: ${filesOf(called).size} files, ${called.length} functions, ` +
      `${callsOf(called)} calls`,
  );
  if (!Deno.args.includes("--list")) return;
  for (const file of [...filesOf(called)].sort()) {
    const names = called.filter((one) => one.file === file)
      .map(({ name, calls }) => `${name || "(closure)"} ${calls}`);
    console.log(`  ${file}: ${names.join(", ")}`);
  }
}

if (import.meta.main) {
  await using server = new InProcessServer({
    config: CONFIG,
    files: { "site/hello.txt": "hello\n", "logs/.keep": "" },
  });
  const { port } = server;
  const open: Deno.Conn[] = [];
  const connect = async () => {
    const connection = await Deno.connect({ port });
    open.push(connection);
    return connection;
  };
  const kept = await connect();
  for (let i = 0; i < WARM_UP; i++) await ask(kept);
  for (let i = 0; i < WARM_UP; i++) await ask(await connect());
  report("kept alive", await least(() => ask(kept)));
  report("fresh connection", await least(async () => ask(await connect())));
  for (const connection of open) connection.close();
}
