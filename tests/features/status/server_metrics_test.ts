import { assert, assertEquals } from "@std/assert";
import { ClusterStatistics } from "../../../src/cluster/cluster_statistics.ts";
import { ServerCounters } from "../../../src/core/counters/server_counters.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { isInstalled } from "../../support/programs.ts";
import { ask, get } from "../../support/raw_client.ts";

const CONFIG = `
access_log off;
server {
    listen 127.0.0.1:0;
    location = /metrics { metrics; }
    location / { return 200 x; }
}
server {
    listen 127.0.0.1:0;
    server_name b.example;
    location / { return 404; }
}
`;

/** The value of a sample, `undefined` without one. */
function sample(page: string, name: string): number | undefined {
  const line = page.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

Deno.test("requests are counted for their servers, named by the configuration", async () => {
  await using server = new InProcessServer({ config: CONFIG });
  const [first, second] = server.server.addresses.map(({ port }) => port);
  await get(first!, "/a");
  await ask(
    second!,
    "GET / HTTP/1.1\r\nHost: made-up.example\r\nConnection: close\r\n\r\n",
  );
  const page = (await get(first!, "/metrics")).text;
  const of = (name: string, status: string) =>
    sample(
      page,
      `webserv_server_requests_total{server="${name}",listen="127.0.0.1:0",status="${status}"}`,
    );
  assertEquals([of("_", "2xx"), of("b.example", "4xx")], [1, 1]);
  assertEquals(page.includes("made-up"), false);
  assertEquals(sample(page, 'webserv_http_requests_total{status="4xx"}'), 1);
});

Deno.test("a reload keeps what a server has counted, and in the sums what one has that is gone", async () => {
  await using server = new InProcessServer({ config: CONFIG });
  await get(server.port, "/a");
  await get(server.server.addresses[1]!.port, "/a");
  const [kept] = CONFIG.split(
    "\nserver {\n    listen 127.0.0.1:0;\n    server_name",
  );
  server.serve(kept!);
  const { servers, statusClasses } = server.server.statistics.snapshot();
  assertEquals(
    servers.map(({ name, statusClasses }) => [name, statusClasses[2]]),
    [["_", 1]],
  );
  assertEquals(statusClasses, [0, 0, 1, 0, 1, 0]);
});

Deno.test("a status above 599 is no bucket of durations", () => {
  const counters = new ServerCounters({ name: "a", listen: "b" });
  counters.ended(999, 1, 2);
  const { statusClasses, durations, answerBytes } = counters.snapshot();
  assertEquals(statusClasses, [1, 0, 0, 0, 0, 0]);
  assertEquals(durations.counts.reduce((a, b) => a + b), 1);
  assertEquals([durations.seconds, answerBytes], [0.001, 2]);
});

Deno.test("a refused reload is told of until one succeeds", async () => {
  const statistics = new ClusterStatistics(new Set());
  const before = (await statistics.snapshot()).lastReload;
  assertEquals([before.at, before.fault], [0, ""]);
  statistics.reloadRefused(new Error("unknown directive in a.conf:1"));
  const refused = (await statistics.snapshot()).lastReload;
  assertEquals(refused.fault, "unknown directive in a.conf:1");
  assertEquals(refused.servedSince, before.servedSince);
  assert(refused.at >= before.servedSince);
  statistics.reloadRefused(new Error("x".repeat(10_000)));
  assertEquals((await statistics.snapshot()).lastReload.fault.length, 2001);
  statistics.reloaded();
  const now = await statistics.snapshot();
  assertEquals(now.lastReload.fault, "");
  assertEquals(now.reloads, { done: 1, refused: 2 });
});

Deno.test({
  name: "promtool finds nothing wrong with the metrics",
  ignore: !isInstalled("promtool"),
  async fn() {
    await using server = new InProcessServer({
      // What its name has in it that the format has to escape.
      config: CONFIG.replace("b.example;", '~^q"\\\\d$;'),
    });
    const page = (await get(server.port, "/metrics")).text;
    assert(page.includes('server="~^q\\"\\\\d$"'), page);
    const child = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(page));
    await writer.close();
    const { success, stdout, stderr } = await child.output();
    const said = new TextDecoder().decode(stdout) +
      new TextDecoder().decode(stderr);
    assert(success, said);
    assertEquals(said, "");
  },
});
