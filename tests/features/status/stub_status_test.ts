import { assertEquals, assertMatch } from "@std/assert";
import { stubStatusText } from "../../../src/features/status/stub_status.ts";
import { get, RawClient } from "../../support/raw_client.ts";
import { InProcessServer } from "../../support/in_process_server.ts";

Deno.test("stubStatusText() is nginx's page, byte for byte", () => {
  assertEquals(
    stubStatusText({
      connections: { reading: 6, writing: 179, waiting: 106 },
      accepted: 16630948,
      handled: 16630940,
      requests: 31070465,
    }),
    "Active connections: 291 \n" +
      "server accepts handled requests\n" +
      " 16630948 16630940 31070465 \n" +
      "Reading: 6 Writing: 179 Waiting: 106 \n",
  );
});

const CONFIG = `
access_log off;
server {
    listen 127.0.0.1:0;
    location = /status { stub_status; }
    location = /old { stub_status on; }
    location / { return 200 x; }
}
`;

Deno.test("stub_status tells how many connections are where", async () => {
  await using server = new InProcessServer({ config: CONFIG });
  const { port } = server;
  using waiting = await RawClient.connect(port);
  await waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await waiting.response();
  using reading = await RawClient.connect(port);
  await reading.send("GET / HTTP/1.1\r\n");
  using silent = await RawClient.connect(port);
  assertEquals(silent.port > 0, true);
  const page = await get(port, "/status");
  assertMatch(page.field("content-type")!, /^text\/plain/);
  assertEquals(
    page.text,
    "Active connections: 4 \nserver accepts handled requests\n 4 4 2 \n" +
      "Reading: 1 Writing: 1 Waiting: 2 \n",
  );
  assertMatch((await get(port, "/old")).text, /\n 5 5 3 \n/);
});

Deno.test("stub_status is only read", async () => {
  await using server = new InProcessServer({ config: CONFIG });
  using client = await RawClient.connect(server.port);
  for (
    const [method, status] of [["HEAD", 200], ["OPTIONS", 204], ["PUT", 405]]
  ) {
    await client.send(
      `${method} /status HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
    );
    const response = await client.response({ head: method === "HEAD" });
    assertEquals(response?.status, status, String(method));
  }
});
