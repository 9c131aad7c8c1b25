import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import {
  groupFor,
  keepsMapped,
  type ListenerPlan,
  type Plan,
} from "../../../src/server/setup/plan.ts";

/** Compiles `text`; every server has `access_log off`. */
function compile(text: string): { plan: Plan; warnings: string[] } {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const configuration = readConfiguration({
    file: "/x/x.conf",
    statements: parseConfig(`http { access_log off; ${text} }`, "x.conf"),
    prefix: "/x",
  }, warn);
  const { plan, environment } = prepareGeneration(configuration, warn);
  environment.logs.close();
  return { plan, warnings };
}

function listenersOf(plan: Plan): string[] {
  return plan.listeners.map(({ hostname, port }) => `${hostname} ${port}`)
    .sort();
}

/** The name of the server that `host` reaches at an address of a listener. */
function served(plan: Plan, local: string, host: string, i = 0): string {
  const group = groupFor(plan.listeners[i]!, local);
  return group?.hosts.match(host).name ?? "none";
}

const server = (name: string, ...listens: string[]) =>
  `server { server_name ${name}; ${
    listens.map((listen) => `listen ${listen};`).join(" ")
  } }`;

Deno.test("servers of one address are told apart by host", () => {
  const { plan } = compile(
    server("a.example", "8080") + server("b.example *.b.example", "8080") +
      server("c.example", "8080", "8081"),
  );
  assertEquals(listenersOf(plan), ["0.0.0.0 8080", "0.0.0.0 8081"]);
  const rows: [string, string][] = [
    ["a.example", "a.example"],
    ["b.example", "b.example"],
    ["x.b.example", "b.example"],
    ["c.example", "c.example"],
    ["other", "a.example"], // the first one is the default
    ["", "a.example"],
  ];
  for (const [host, expected] of rows) {
    assertEquals(served(plan, "127.0.0.1", host), expected, host);
  }
  assertEquals(served(plan, "127.0.0.1", "a.example", 1), "c.example");
});

Deno.test("default_server takes the hosts nobody claims", () => {
  const { plan } = compile(
    server("a.example", "8080") +
      server("b.example", "8080 default_server"),
  );
  assertEquals(served(plan, "127.0.0.1", "other"), "b.example");
  assertEquals(served(plan, "127.0.0.1", "a.example"), "a.example");
});

Deno.test("a wildcard serves the other addresses of its port", () => {
  const { plan } = compile(
    server("any", "80") + server("one", "192.0.2.1:80") +
      server("two", "192.0.2.2:80"),
  );
  assertEquals(listenersOf(plan), ["0.0.0.0 80"]);
  const rows: [string, string][] = [
    ["192.0.2.1", "one"],
    ["192.0.2.2", "two"],
    ["192.0.2.3", "any"],
  ];
  for (const [local, expected] of rows) {
    assertEquals(served(plan, local, "x"), expected, local);
  }
});

Deno.test("an IPv6 wildcard stands in for an IPv4 one", () => {
  const { plan } = compile(
    server("four", "80") + server("six", "[::]:80") +
      server("one", "192.0.2.1:80") + server("own", "[2001:db8::1]:80"),
  );
  assertEquals(listenersOf(plan), [":: 80"]);
  const rows: [string, string][] = [
    ["127.0.0.1", "four"],
    ["::1", "six"],
    ["192.0.2.1", "one"],
    ["2001:db8::1", "own"],
  ];
  for (const [local, expected] of rows) {
    assertEquals(served(plan, local, "x"), expected, local);
  }
});

Deno.test("an IPv6 wildcard alone takes IPv4 only with ipv6only=off", () => {
  const rows: [string, string][] = [
    ["[::]:80", "none"],
    ["[::]:80 ipv6only=on", "none"],
    ["[::]:80 ipv6only=off", "six"],
    ["[::]:0", "none"],
    ["[::]:0 ipv6only=off", "six"],
  ];
  for (const [listen, expected] of rows) {
    const { plan } = compile(server("six", listen));
    assertEquals(served(plan, "192.0.2.1", "x"), expected, listen);
    assertEquals(served(plan, "2001:db8::1", "x"), "six", listen);
  }
  const { plan } = compile(
    server("six", "[::]:80") + server("one", "192.0.2.1:80"),
  );
  assertEquals(served(plan, "192.0.2.1", "x"), "one");
  assertEquals(served(plan, "192.0.2.2", "x"), "none");
});

Deno.test("IPv4-mapped addresses are kept where a socket of IPv6 is meant", () => {
  const rows: [listens: string[], local: string, kept: boolean][] = [
    [["[::]:80 ipv6only=off"], "::ffff:192.0.2.2", true],
    [["[::]:80", "80"], "::ffff:192.0.2.2", false],
    [["[::]:80 ipv6only=off", "192.0.2.1:80"], "::ffff:192.0.2.1", false],
    [["[::]:80 ipv6only=off", "192.0.2.1:80"], "::ffff:192.0.2.2", true],
    [["80"], "192.0.2.2", false],
    [["[::ffff:192.0.2.1]:80"], "::ffff:192.0.2.1", true],
  ];
  for (const [listens, local, kept] of rows) {
    const { plan } = compile(server("a", ...listens));
    assertEquals(keepsMapped(plan.listeners[0]!, local), kept, `${listens}`);
  }
});

Deno.test("an IPv4-mapped address of listen is the one of its clients", () => {
  const { plan } = compile(
    server("any", "[::]:80") + server("one", "[::ffff:192.0.2.1]:80"),
  );
  assertEquals(served(plan, "::ffff:192.0.2.1", "x"), "one");
  assertEquals(served(plan, "192.0.2.1", "x"), "one");
  assertEquals(served(plan, "::ffff:192.0.2.2", "x"), "none");
});

Deno.test("an IPv4 wildcard leaves IPv6 addresses alone", () => {
  const { plan } = compile(
    server("four", "80") + server("own", "[2001:db8::1]:80"),
  );
  assertEquals(listenersOf(plan), ["0.0.0.0 80", "2001:db8::1 80"]);
});

Deno.test("spellings of one address are one address", () => {
  const { plan } = compile(
    server("a", "[2001:DB8:0:0::1]:80") + server("b", "[2001:db8::1]:80"),
  );
  assertEquals(listenersOf(plan), ["2001:db8::1 80"]);
});

Deno.test("port 0 is a port of its own each time", () => {
  const { plan } = compile(
    server("a", "127.0.0.1:0", "127.0.0.1:0") + server("b", "127.0.0.1:0"),
  );
  assertEquals(plan.listeners.length, 3);
});

Deno.test("a server without listen is at port 80", () => {
  assertEquals(listenersOf(compile(server("a")).plan), ["0.0.0.0 80"]);
});

Deno.test("one listen of an address says how its socket is set up", () => {
  const { plan } = compile(
    server("a", "80") + server("b", "80 backlog=20 so_keepalive=on"),
  );
  const [{ backlog, keepAlive }] = plan.listeners as [ListenerPlan];
  assertEquals([backlog, keepAlive], [20, true]);
  const options = ["bind", "backlog=9", "deferred", "ipv6only=on", "reuseport"];
  for (const option of options) {
    assertThrows(
      () => compile(server("a", "80 rcvbuf=1k") + server("b", `80 ${option}`)),
      ConfigError,
      "duplicate listen options for 0.0.0.0:80 in x.conf:1",
    );
  }
});

Deno.test("one proxy_protocol is enough for all of an address", () => {
  const rows: [listens: string[], proxied: boolean, warning?: string][] = [
    [["80", "80"], false],
    [["80 proxy_protocol", "80 proxy_protocol"], true],
    [["80", "80 proxy_protocol"], true, "0.0.0.0:80"],
    [["unix:/x proxy_protocol", "unix:/x"], true, "unix:/x"],
  ];
  for (const [[one, two], proxied, warning] of rows) {
    const { plan, warnings } = compile(server("a", one!) + server("b", two!));
    assertEquals(plan.listeners.length, 1);
    assertEquals(plan.listeners[0]!.group!.proxyProtocol, proxied);
    assertEquals(
      warnings,
      warning === undefined ? [] : [
        `protocol options redefined for ${warning}: every client of it has ` +
        "to use the PROXY protocol in x.conf:1",
      ],
    );
  }
  // Another address has a say of its own, also through the same socket.
  const { plan } = compile(
    server("a", "80 proxy_protocol") + server("b", "127.0.0.1:80"),
  );
  const [all] = plan.listeners as [ListenerPlan];
  assertEquals(groupFor(all, "127.0.0.1")?.proxyProtocol, false);
  assertEquals(groupFor(all, "127.0.0.2")?.proxyProtocol, true);
});

Deno.test("servers share a Unix socket, with one default server", () => {
  const { plan, warnings } = compile(
    server("a", "unix:/x") + server("b", "unix:/x default_server", "unix:/y") +
      server("a", "UNIX:/x"),
  );
  assertEquals(plan.listeners.map(({ path }) => path), ["/x", "/y"]);
  const [group] = plan.listeners.map((each) => groupFor(each, "unix:/x"));
  assertEquals(group?.fallback.name, "b");
  assertEquals(warnings, [
    'conflicting server name "a" on unix:/x, ignored in x.conf:1',
  ]);
  const rows: [text: string, message: string][] = [
    [server("a", "unix:/x", "unix:/x"), "a duplicate listen unix:/x"],
    [
      server("a", "unix:/x default_server") +
      server("b", "unix:/x default_server"),
      "a duplicate default server for unix:/x",
    ],
  ];
  for (const [text, message] of rows) {
    assertThrows(() => compile(text), ConfigError, message);
  }
});

Deno.test("names that two servers claim stay with the first", () => {
  const { plan, warnings } = compile(
    server("a.example", "80") + server("A.example", "80"),
  );
  assertEquals(served(plan, "127.0.0.1", "a.example"), "a.example");
  assertEquals(plan.servers.length, 2);
  assertEquals(warnings, [
    'conflicting server name "a.example" on 0.0.0.0:80, ignored in x.conf:1',
  ]);
});

Deno.test("servers without a name have the empty one", () => {
  const { plan, warnings } = compile(
    server("a", "80 default_server") + "server { listen 80; }" +
      'server { listen 80; server_name ""; }',
  );
  assertEquals(served(plan, "127.0.0.1", "other"), "a");
  const group = groupFor(plan.listeners[0]!, "127.0.0.1")!;
  assertEquals(group.hosts.match(""), plan.servers[1]);
  assertEquals(warnings, [
    'conflicting server name "" on 0.0.0.0:80, ignored in x.conf:1',
  ]);
});

Deno.test("a server that is alone has no conflicts", () => {
  assertEquals(compile(server("a a .a", "80")).warnings, []);
});

Deno.test("each address has conflicts of its own", () => {
  const { warnings } = compile(
    server("a", "81", "82") + server("b .a", "82", "81"),
  );
  assertEquals(
    warnings,
    [81, 82].map((port) =>
      `conflicting server name ".a" on 0.0.0.0:${port}, ignored in x.conf:1`
    ),
  );
});

Deno.test("what cannot be together is an error", () => {
  const rows: [string, string][] = [
    [
      server("a", "80 default_server") + server("b", "80 default_server"),
      "a duplicate default server for 0.0.0.0:80 in x.conf:1",
    ],
    [server("a", "80", "80"), "a duplicate listen 0.0.0.0:80 in x.conf:1"],
    [server("a", "80-82", "*:81"), "a duplicate listen 0.0.0.0:81 in x.conf:1"],
  ];
  for (const [text, message] of rows) {
    const error = assertThrows(() => compile(text), ConfigError);
    assertEquals(error.message, message);
  }
});

Deno.test("a configuration without servers is told of, one of nothing is an error", () => {
  assertEquals(compile("").warnings, [
    'no "server" block: nothing is served in x.conf:1',
  ]);
  const main = readConfiguration(
    { file: "/x/x.conf", statements: [], prefix: "/x" },
    () => {},
  );
  const error = assertThrows(
    () => prepareGeneration(main, () => {}),
    ConfigError,
  );
  assertEquals(error.message, 'no "server" block in /x/x.conf:1');
});

Deno.test("locations are found through their nesting", () => {
  const { plan } = compile(
    "server { server_name s; location /a/ { location /a/b/ { } " +
      "location = /a/c { } location ~ [.]x$ { } } location @n { } }",
  );
  const { root, named } = plan.servers[0]!;
  const place = (path: string) => {
    const { scope } = root.find(path);
    return scope.context === "server" ? "server" : scope.args.join(" ");
  };
  const rows: [string, string][] = [
    ["/", "server"],
    ["/a/", "/a/"],
    ["/a/b/c", "/a/b/"],
    ["/a/c", "= /a/c"],
    ["/a/b.x", "~ [.]x$"],
    ["/b.x", "server"],
  ];
  for (const [path, expected] of rows) assertEquals(place(path), expected);
  assertEquals([...named.keys()], ["@n"]);
});
