import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";

/** Compiles `text`; every server has `access_log off`. */
import { compile, listenersOf, server } from "./plan_support.ts";

Deno.test("a server without listen is at port 80", () => {
  assertEquals(listenersOf(compile(server("a")).plan), ["0.0.0.0 80"]);
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
