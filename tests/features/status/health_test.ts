import { assertEquals } from "@std/assert";
import { get, RawClient } from "../../support/raw_client.ts";
import { InProcessServer } from "../../support/in_process_server.ts";

const CONFIG = `
access_log off;
server {
    listen 127.0.0.1:0;
    location = /health { health; }
}
`;

Deno.test("health is 200 until the server drains, then 503", async () => {
  const server = new InProcessServer({ config: CONFIG });
  const { port } = server;
  const healthy = await get(port, "/health");
  assertEquals([healthy.status, healthy.text], [200, "ok\n"]);
  assertEquals(healthy.field("cache-control"), "no-store");

  using begun = await RawClient.connect(port);
  await begun.send("GET /health HTTP/1.1\r\n");
  await get(port, "/health");
  const drained = server.server.drain();
  await begun.send("Host: a\r\n\r\n");
  const draining = await begun.response();
  assertEquals([draining?.status, draining?.text], [503, "draining\n"]);
  assertEquals(draining?.field("connection"), "close");
  await drained;
  Deno.removeSync(server.folder, { recursive: true });
});
