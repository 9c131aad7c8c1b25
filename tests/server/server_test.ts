import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import { ConfigError } from "../../src/config/errors.ts";
import {
  type Generation,
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { listenerKey } from "../../src/server/listeners.ts";
import { Server } from "../../src/server/server.ts";
import { nextTask } from "../../src/scheduling/pause.ts";
import type { InProcessServer } from "../support/in_process_server.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { serve } from "../support/serving.ts";

function generation(text: string): Generation {
  const statements = parseConfig(`access_log off; ${text}`, "x.conf");
  const source = { file: "x.conf", prefix: "/", statements };
  return prepareGeneration(readConfiguration(source, () => {}), () => {});
}

function serverBlock(port: number, text: string): string {
  return `server { listen 127.0.0.1:${port}; return 200 ${text}; }`;
}

Deno.test("Server.stage() changes nothing until it is committed", async () => {
  const server = new Server();
  server.serve(generation(serverBlock(0, "one")));
  const port = server.addresses[0]!.port;
  const both = serverBlock(0, "two") + serverBlock(0, "more");
  const refused = server.stage(generation(both));
  assertEquals((await get(port, "/")).text, "one");
  refused.abort();
  assertEquals((await get(port, "/")).text, "one");
  assertEquals(server.addresses.length, 1);
  server.stage(generation(both)).commit();
  assertEquals(
    await Promise.all(
      server.addresses.map(async ({ port }) => (await get(port, "/")).text),
    ),
    ["two", "more"],
  );
  assertEquals(server.addresses[0]!.port, port);
  await server.stop();
});

Deno.test("Server.stage() binds all of the new addresses or none", async () => {
  const server = new Server();
  const busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const text = serverBlock(port, "x") + serverBlock(busy.addr.port, "x");
  assertThrows(() => server.stage(generation(text)), ConfigError);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
  busy.close();
  await server.stop();
});

Deno.test({
  name: "Server.stage() shares ports with other servers",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const one = new Server();
    const two = new Server();
    const shared = generation(serverBlock(0, "x"));
    const key = listenerKey(shared.plan.listeners[0]!, 0);
    const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = probe.addr;
    probe.close();
    const others = { ports: new Map([[key, port]]), sockets: undefined };
    one.stage(shared, others).commit();
    two.stage(generation(serverBlock(0, "x")), others).commit();
    assertEquals(
      [one, two].map(({ addresses }) => addresses[0]!.port),
      [port, port],
    );
    await one.drain({ othersGoOn: true });
    for (let i = 0; i < 10; i++) assertEquals((await get(port, "/")).text, "x");
    assertEquals(two.statistics.accepted, 10);
    await two.stop();
  },
});

/** What has connections end that wait for a request. */
const ENDS: Readonly<Record<string, (server: InProcessServer) => void>> = {
  "the server is drained": ({ server }) => void server.drain(),
  "its address is served no more": (server) =>
    server.serve("http { access_log off; server { listen unix:it.sock; } }"),
};

const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

for (const [what, begin] of Object.entries(ENDS)) {
  Deno.test(`who has just connected brings a request when ${what}`, async () => {
    await using server = serve("", { "www/a": "content" });
    const { port } = server;
    using first = await RawClient.connect(port);
    using later = await RawClient.connect(port);
    await later.send(GET);
    assertEquals((await later.response())?.text, "content");
    while (server.server.connections < 2) await nextTask();
    begin(server);
    // It has had an answer, and can ask again elsewhere.
    assertEquals(await later.end(), "closed");
    await first.send(GET);
    const response = await first.response();
    assertEquals([response?.text, response?.field("connection")], [
      "content",
      "close",
    ]);
    assertEquals(await first.end(), "closed");
  });
}

Deno.test("a drain does not wait long for who has just connected", async () => {
  await using server = serve("http2 on;", {});
  using client = await RawClient.connect(server.port);
  while (server.server.connections === 0) await nextTask();
  const begun = performance.now();
  await server.server.drain();
  assert(performance.now() - begun < 5000);
  assertEquals(await client.end(), "closed");
});
