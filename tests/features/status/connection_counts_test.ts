import { assertEquals } from "@std/assert";
import { serverOf } from "../../support/module_support.ts";
import { RawClient } from "../../support/raw_client.ts";

Deno.test("$connections_…: how many clients there are, and what they do", async () => {
  await using server = serverOf(
    `return 200 "$connections_active $connections_reading $connections_writing $connections_waiting";`,
  );
  const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const idle = await RawClient.connect(server.port);
  await idle.send(REQUEST);
  assertEquals((await idle.response())?.text, "1 0 1 0");
  const reading = await RawClient.connect(server.port);
  await reading.send("GET");
  // What was counted a moment ago is still good.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const client = await RawClient.connect(server.port);
  await client.send(REQUEST);
  assertEquals((await client.response())?.text, "3 1 1 1");
  for (const each of [idle, reading, client]) each.close();
});
