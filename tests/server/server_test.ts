import { assertEquals, assertThrows } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import { ConfigError } from "../../src/config/errors.ts";
import {
  type Generation,
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { listenerKey } from "../../src/server/listeners.ts";
import { Server } from "../../src/server/server.ts";
import { get } from "../support/raw_client.ts";

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
