/**
 * Reloads that change where the server listens: from an address to all of
 * them and back, IPv6 beside IPv4, TLS, the backlog. Whoever asks an address
 * that stays is answered all the time.
 */

import { assert, assertEquals } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { freePort } from "../support/free_ports.ts";
import { RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

/** Addresses of this machine that connections are made to. */
type Target = "127.0.0.1" | "127.0.0.2" | "::1";

/** A server that says its `name`, with these `listen`s of `PORT`. */
function block(name: string, ...listens: string[]): string {
  const lines = listens.map((listen) => `listen ${listen};`).join(" ");
  return `server { ${lines} keepalive_requests 1000000; return 200 ${name}; }`;
}

function configuration(port: number, workers: number, servers: string): string {
  return `worker_processes ${workers};\nerror_log logs/error.log notice;\n` +
    `access_log off;\n${servers.replaceAll("PORT", String(port))}`;
}

/** What stands in the log about the reload that is asked for now. */
async function reload(server: ServerProcess, config: string): Promise<string> {
  const before = server.read("logs/error.log").length;
  Deno.writeTextFileSync(server.path("webserv.conf"), config);
  server.signal("SIGHUP");
  const said = () => server.read("logs/error.log").slice(before);
  await eventually(
    () => /configuration reloaded|was not reloaded/.test(said()),
    "the reload ends",
  );
  return said();
}

/** What `target` answers on a new connection; `none` if it does not. */
async function ask(port: number, target: Target): Promise<string> {
  try {
    using client = await RawClient.connect(port, target);
    await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return (await client.response())?.text ?? "none";
  } catch {
    return "none";
  }
}

/** Asks on one new connection after the other, and counts the failures. */
async function crowd(
  port: number,
  target: Target,
  goesOn: () => boolean,
): Promise<number> {
  let failures = 0;
  while (goesOn()) {
    if (await ask(port, target) === "none") failures++;
  }
  return failures;
}

interface Row {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /**
   * How many of the crowd may be lost: the system resets who waits in a socket
   * that is closed because the same address has another one.
   */
  readonly mayLose?: number;
  /** Who answers before and after. */
  readonly answers: Readonly<Record<Target, readonly [string, string]>>;
}

const ROWS: readonly Row[] = [
  {
    name: "[::] beside all of IPv4",
    from: block("a", "PORT"),
    to: block("a", "PORT", "[::]:PORT"),
    answers: {
      "127.0.0.1": ["a", "a"],
      "127.0.0.2": ["a", "a"],
      "::1": ["none", "a"],
    },
  },
  {
    name: "one address becomes all",
    from: block("a", "127.0.0.1:PORT"),
    to: block("b", "PORT"),
    answers: {
      "127.0.0.1": ["a", "b"],
      "127.0.0.2": ["none", "b"],
      "::1": ["none", "none"],
    },
  },
  {
    name: "two addresses become all of both families",
    from: block("a", "127.0.0.1:PORT") + block("b", "127.0.0.2:PORT"),
    to: block("all", "[::]:PORT ipv6only=off") + block("b", "127.0.0.2:PORT"),
    answers: {
      "127.0.0.1": ["a", "all"],
      "127.0.0.2": ["b", "b"],
      "::1": ["none", "all"],
    },
  },
  {
    name: "another backlog, ipv6only and default server",
    from: block("a", "[::]:PORT ipv6only=off backlog=100") +
      block("b", "[::]:PORT"),
    to: block("a", "[::]:PORT ipv6only=on backlog=200") +
      block("b", "[::]:PORT default_server"),
    mayLose: 3,
    answers: {
      "127.0.0.1": ["a", "none"],
      "127.0.0.2": ["a", "none"],
      "::1": ["a", "b"],
    },
  },
  {
    name: "all of IPv4 beside [::]",
    from: block("a", "[::]:PORT"),
    to: block("a", "[::]:PORT") + block("b", "PORT"),
    answers: {
      "127.0.0.1": ["none", "b"],
      "127.0.0.2": ["none", "b"],
      "::1": ["a", "a"],
    },
  },
  {
    name: "one address of IPv4 beside [::]",
    from: block("a", "[::]:PORT"),
    to: block("a", "[::]:PORT") + block("b", "127.0.0.1:PORT"),
    answers: {
      "127.0.0.1": ["none", "b"],
      "127.0.0.2": ["none", "none"],
      "::1": ["a", "a"],
    },
  },
  {
    name: "[::] has IPv4 from now on",
    from: block("a", "[::]:PORT"),
    to: block("a", "[::]:PORT ipv6only=off"),
    answers: {
      "127.0.0.1": ["none", "a"],
      "127.0.0.2": ["none", "a"],
      "::1": ["a", "a"],
    },
  },
  {
    name: "[::] has IPv4 instead of another socket",
    from: block("a", "PORT", "[::]:PORT"),
    to: block("a", "[::]:PORT ipv6only=off"),
    answers: {
      "127.0.0.1": ["a", "a"],
      "127.0.0.2": ["a", "a"],
      "::1": ["a", "a"],
    },
  },
];

/** There and back again; the addresses that always answer never fail. */
async function thereAndBack(row: Row, workers: number): Promise<void> {
  const port = freePort();
  const texts = [row.from, row.to].map((servers) =>
    configuration(port, workers, servers)
  );
  await using server = await ServerProcess.start({ config: texts[0]! });
  const targets = Object.keys(row.answers) as Target[];
  const always = targets.filter((target) =>
    !row.answers[target].includes("none")
  );
  let running = true;
  const crowds = always.map((target) => crowd(port, target, () => running));
  const clients = await Promise.all(
    always.map((target) => RawClient.connect(port, target)),
  );
  try {
    for (const state of [1, 0, 1]) {
      const said = await reload(server, texts[state]!);
      assert(said.includes("configuration reloaded"), said);
      for (const target of targets) {
        const expected = row.answers[target][state];
        await eventuallyAnswers(port, target, expected!);
      }
      for (const [i, client] of clients.entries()) {
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        const response = await client.response();
        assertEquals(
          [response?.text, response?.field("connection") === "close"],
          [row.answers[always[i]!][state], false],
          `the connection to ${always[i]} stays`,
        );
      }
    }
  } finally {
    running = false;
    for (const client of clients) client.close();
  }
  for (const failures of await Promise.all(crowds)) {
    assert(failures <= (row.mayLose ?? 0), `${failures} were not answered`);
  }
}

/** The old socket may be there for a moment longer. */
async function eventuallyAnswers(port: number, target: Target, text: string) {
  let last = "";
  const until = performance.now() + 3000;
  do last = await ask(port, target); while (
    last !== text && performance.now() < until
  );
  assertEquals(last, text, target);
}

/** A reload to addresses of which one cannot be bound. */
async function refused(workers: number): Promise<void> {
  const port = freePort();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const texts = [
    block("b", "PORT") + block("b", "192.0.2.55:81"),
    block("b", "PORT", "[::]:PORT") +
    block("b", `127.0.0.1:${taken.addr.port}`),
    block("b", "[::]:PORT ipv6only=off") + block("b", "192.0.2.55:81"),
  ];
  const config = (servers: string) => configuration(port, workers, servers);
  await using server = await ServerProcess.start({
    config: config(block("a", "127.0.0.1:PORT", "127.0.0.2:PORT backlog=9")),
  });
  let running = true;
  const failures = crowd(port, "127.0.0.1", () => running);
  using client = await RawClient.connect(port);
  for (const servers of texts) {
    const said = await reload(server, config(servers));
    assert(said.includes("was not reloaded"), said);
    assert(said.includes("bind() to"), said);
    for (const target of ["127.0.0.1", "127.0.0.2"] as const) {
      assertEquals(await ask(port, target), "a");
    }
    await eventuallyAnswers(port, "::1", "none");
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals((await client.response())?.text, "a");
  }
  running = false;
  assertEquals(await failures, 0);
}

/** Plain connections of an address that speaks TLS from now on have ended. */
async function toTls(workers: number): Promise<void> {
  const port = freePort();
  using authority = await Authority.create();
  await authority.issue("a", "localhost", 1);
  const read = (name: string) => Deno.readTextFileSync(authority.path(name));
  const config = (tls: boolean) =>
    configuration(
      port,
      workers,
      "ssl_certificate cert.pem; ssl_certificate_key key.pem;" +
        block("a", `127.0.0.1:PORT ${tls ? "ssl" : ""}`),
    );
  await using server = await ServerProcess.start({
    config: config(false),
    files: { "cert.pem": read("a.crt"), "key.pem": read("a.key") },
  });
  using plain = await RawClient.connect(port);
  await plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await plain.response())?.text, "a");
  const said = await reload(server, config(true));
  assert(said.includes("configuration reloaded"), said);
  assertEquals(await plain.response(), undefined, "it is not served in plain");
  const caCerts = [read("ca.crt")];
  using secure = await Deno.startTls(
    await Deno.connect({ hostname: "127.0.0.1", port }),
    { hostname: "localhost", caCerts },
  );
  await secure.handshake();
}

const onLinux = { ignore: Deno.build.os !== "linux" };

for (const row of ROWS) {
  for (const workers of [1, 2]) {
    Deno.test({
      name: `a reload changes where to listen: ${row.name}, ${workers} workers`,
      ...onLinux,
      fn: () => thereAndBack(row, workers),
    });
  }
}

for (const workers of [1, 2]) {
  Deno.test({
    name: `an address that cannot be bound changes nothing, ${workers} workers`,
    ...onLinux,
    fn: () => refused(workers),
  });
  Deno.test({
    name: `a reload from plain HTTP to TLS, ${workers} workers`,
    ...onLinux,
    fn: () => toTls(workers),
  });
}
