import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { impossible, newSite } from "../../bench/run.ts";
import { SERVERS } from "../../bench/servers.ts";
import { type Feature, WORKLOADS } from "../../bench/workloads.ts";

const certificate = { cert: "/c/tls.crt", key: "/c/tls.key" };

/** What each server is told, its command included, when it must do `needs`. */
async function told(server: string, needs: Feature | undefined) {
  const folder = await Deno.makeTempDir();
  try {
    const place = { folder, root: "/files", certificate };
    const site = await newSite(place, { accessLog: false, needs });
    const spec = SERVERS.find(({ name }) => name === server)!;
    const [, text] = spec.config?.(site) ?? ["", ""];
    return [text, ...spec.command("program", site)].join("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const needed = new Set(WORKLOADS.flatMap(({ needs }) => needs ?? []));

Deno.test("SERVERS: who does not lack a feature is told of it", async () => {
  assertEquals([...needed], ["gzip_static", "tls", "http2", "workers"]);
  const signs = {
    gzip_static: /gzip_static on|precompressed gzip/,
    tls: /tls\.crt[^]*tls\.key/,
    http2: /http2 on;|http2 ssl;|h2proto" => "enable"|deno_serve[^]*tls\.crt/,
    workers: /worker_processes 2;/,
  };
  for (const { name, lacks } of SERVERS) {
    for (const feature of needed) {
      const sign = signs[feature];
      if (lacks?.[feature] === undefined) {
        assertMatch(await told(name, feature), sign, `${name} ${feature}`);
      }
      assertNotMatch(await told(name, undefined), sign, name);
    }
  }
});

Deno.test("SERVERS: each webserv waits for its sockets in its own way", async () => {
  assertMatch(await told("webserv", undefined), /use deno;/);
  assertMatch(await told("webserv-epoll", undefined), /use epoll;/);
});

Deno.test("impossible() names what TLS and HTTP/2 need, and is missing", () => {
  const rows = [
    [certificate, true, []],
    [certificate, false, ["http2"]],
    [undefined, true, ["tls", "http2"]],
  ] as const;
  for (const [certificate, h2load, expected] of rows) {
    const refused = WORKLOADS.filter((workload) =>
      impossible(workload, { certificate, h2load }) !== undefined
    ).map(({ needs }) => needs);
    assertEquals([...new Set(refused)], [...expected]);
  }
});

Deno.test("HTTP/2 is asked by h2load with streams, everything else by wrk", () => {
  for (const { needs, streams, pipeline } of WORKLOADS) {
    assertEquals(streams !== undefined, needs === "http2");
    assertEquals(streams !== undefined && pipeline !== undefined, false);
  }
});
