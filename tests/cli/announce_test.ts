import { assertEquals } from "@std/assert";
import { announcement, startNotice, urlOf } from "../../src/cli/announce.ts";
import type { Generation } from "../../src/server/setup/configuration.ts";
import type { BoundAddress } from "../../src/server/server.ts";
import { SERVER_TOKEN } from "../../src/version.ts";

const NETWORK = ["192.0.2.1", "2001:db8::1"];

/** Where a server listens, and the URLs that are printed. */
const ROWS: readonly (readonly [
  hostname: string,
  port: number,
  urls: readonly string[],
])[] = [
  ["127.0.0.1", 8080, ["http://127.0.0.1:8080/"]],
  ["::1", 8080, ["http://[::1]:8080/"]],
  ["0.0.0.0", 8080, ["http://127.0.0.1:8080/", "http://192.0.2.1:8080/"]],
  ["0.0.0.0", 80, ["http://127.0.0.1/", "http://192.0.2.1/"]],
  ["::", 81, [
    "http://[::1]:81/",
    "http://192.0.2.1:81/",
    "http://[2001:db8::1]:81/",
  ]],
];

Deno.test("urlOf() says localhost where IPv6 and IPv4 are served", () => {
  const plan = { group: {}, ipv4: {}, groups: new Map() };
  const address = (hostname: string) =>
    ({ hostname, port: 8080, plan }) as unknown as BoundAddress;
  assertEquals(urlOf(address("::")), "http://localhost:8080/");
  assertEquals(urlOf(address("0.0.0.0")), "http://127.0.0.1:8080/");
});

Deno.test("announcement() names the URLs for this machine and others", () => {
  for (const [hostname, port, urls] of ROWS) {
    const plan = { group: undefined, ipv4: undefined, groups: new Map() };
    const address = { hostname, port, plan } as unknown as BoundAddress;
    const generation = {
      modules: [],
      plan: { servers: [] },
      environment: { resolvePath: (path: string) => `/nowhere/${path}` },
    } as unknown as Generation;
    const options = { errorLogs: ["stderr"], network: NETWORK, notes: [] };
    const lines = announcement([address], generation, options).split("\n");
    const [first, ...others] = urls;
    assertEquals(lines, [
      SERVER_TOKEN,
      `  ${first}  serves no files`,
      ...others.map((url) => `  ${url}  from the network`),
      "  access log: off",
      "  error log:  stderr",
      "",
    ], hostname);
  }
});

Deno.test("announcement() names some logs, and how many more there are", () => {
  const generation = {
    modules: [],
    plan: { servers: [] },
    environment: { resolvePath: (path: string) => path },
  } as unknown as Generation;
  const lastLine = (count: number) => {
    const errorLogs = Array.from({ length: count }, (_, i) => `/l${i + 1}`);
    return announcement([], generation, { errorLogs, network: [], notes: [] })
      .split("\n").at(-2);
  };
  assertEquals(lastLine(4), "  error log:  /l1, /l2, /l3, /l4");
  assertEquals(lastLine(6), "  error log:  /l1, /l2, /l3, /l4 and 2 more");
});

Deno.test("startNotice() says where, and with how many workers", () => {
  const address = (hostname: string, port: number) =>
    ({ hostname, port }) as unknown as BoundAddress;
  const both = [address("0.0.0.0", 80), address("::", 8443)];
  assertEquals(
    startNotice(both, 1),
    `${SERVER_TOKEN} started, listening on 0.0.0.0:80, [::]:8443`,
  );
  assertEquals(
    startNotice(both.slice(1), 4),
    `${SERVER_TOKEN} started with 4 workers, listening on [::]:8443`,
  );
});
