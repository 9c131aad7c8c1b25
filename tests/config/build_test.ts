import { assertEquals, assertThrows } from "@std/assert";
import { httpDirective } from "../../src/config/build.ts";
import {
  type AnyDirective,
  type ContextName,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../src/config/directive.ts";
import { ConfigError } from "../../src/config/errors.ts";
import type { Statement } from "../../src/config/syntax/parser.ts";
import { build, failure } from "./config_support.ts";

function words(
  name: string,
  contexts: readonly ContextName[],
  args: readonly [number, number],
  more: Partial<Directive<readonly string[]>> = {},
): Directive<readonly string[]> {
  return defineDirective<readonly string[]>({
    name,
    contexts,
    args,
    default: [],
    parse: (statement) => statement.args,
    ...more,
  });
}

const root = words("root", ["http", "server", "location"], [1, 1]);
const index = words("index", ["http", "server", "location"], [1, Infinity], {
  repeatable: true,
  parse: ({ args }, previous = []) => [...previous, ...args],
});
const listen = words("listen", ["server"], [1, 3]);
const pid = words("pid", ["main"], [1, 1]);
const connections = words("worker_connections", ["events"], [1, 1]);
const internal = words("internal", ["location"], [0, 0]);
const types = words("types", ["http", "server", "location"], [0, 0], {
  body: "entries",
  parse: ({ block = [] }) => block.map(({ name }) => name),
});
const server = words("server", ["http"], [0, 0], {
  body: "scope",
  opens: "server",
  repeatable: true,
});
const location = words("location", ["server", "location"], [1, 2], {
  body: "scope",
  opens: "location",
  repeatable: true,
});

const TABLE: readonly AnyDirective[] = [
  root,
  index,
  listen,
  pid,
  connections,
  internal,
  types,
  server,
  location,
];

Deno.test("buildConfig() says in nginx's words what is wrong", () => {
  const rows: [text: string, message: string, hint?: string][] = [
    // names
    ["rot /a;", 'unknown directive "rot"', 'did you mean "root"?'],
    [
      "server { locaton / {} }",
      'unknown directive "locaton"',
      'did you mean "location"?',
    ],
    ["Root /a;", 'unknown directive "Root"', 'did you mean "root"?'],
    ["completely_else;", 'unknown directive "completely_else"'],
    ['"" x;', 'unknown directive ""'],
    ["constructor x;", 'unknown directive "constructor"'],
    ["__proto__ x;", 'unknown directive "__proto__"'],
    ["htp {}", 'unknown directive "htp"', 'did you mean "http"?'],
    // contexts
    [
      "http { server { server {} } }",
      '"server" directive is not allowed here',
      "it may stand in: http",
    ],
    [
      "location / {}",
      '"location" directive is not allowed here',
      "it may stand in: server, location",
    ],
    [
      "http { pid /x; }",
      '"pid" directive is not allowed here',
      "it may stand in: main",
    ],
    [
      "listen 80;",
      '"listen" directive is not allowed here',
      "it may stand in: server",
    ],
    [
      "worker_connections 5;",
      '"worker_connections" directive is not allowed here',
      "it may stand in: events",
    ],
    [
      "events { root /a; }",
      '"root" directive is not allowed here',
      "it may stand in: http, server, location",
    ],
    [
      "http { http {} }",
      '"http" directive is not allowed here',
      "it may stand in: main",
    ],
    [
      "server { events {} }",
      '"events" directive is not allowed here',
      "it may stand in: main",
    ],
    // ends
    ["server;", 'directive "server" has no opening "{"'],
    ["types;", 'directive "types" has no opening "{"'],
    ["http;", 'directive "http" has no opening "{"'],
    ["root /a {}", 'directive "root" is not terminated by ";"'],
    // numbers of arguments
    [
      "root;",
      'invalid number of arguments in "root" directive',
      "it takes 1, not 0",
    ],
    [
      "root a b;",
      'invalid number of arguments in "root" directive',
      "it takes 1, not 2",
    ],
    [
      "index;",
      'invalid number of arguments in "index" directive',
      "it takes at least 1, not 0",
    ],
    [
      "server { listen a b c d; }",
      'invalid number of arguments in "listen" directive',
      "it takes 1 to 3, not 4",
    ],
    [
      "server { location {} }",
      'invalid number of arguments in "location" directive',
      "it takes 1 to 2, not 0",
    ],
    [
      "http x {}",
      'invalid number of arguments in "http" directive',
      "it takes 0, not 1",
    ],
    // duplicates
    [
      "root /a; root /b;",
      '"root" directive is duplicate',
      "the first one is in x.conf:1",
    ],
    [
      "http {} http {}",
      '"http" directive is duplicate',
      "the first one is in x.conf:1",
    ],
    [
      "events {} events {}",
      '"events" directive is duplicate',
      "the first one is in x.conf:1",
    ],
    // the order of the checks
    [
      "listen {}",
      '"listen" directive is not allowed here',
      "it may stand in: server",
    ],
    ["root {}", 'directive "root" is not terminated by ";"'],
    [
      "root /a; root;",
      'invalid number of arguments in "root" directive',
      "it takes 1, not 0",
    ],
    // entries
    [
      "types { a { b; } }",
      'unexpected "{"',
      '"types" in line 1 has no blocks inside: is a "}" missing before?',
    ],
  ];
  for (const [text, message, hint] of rows) {
    const error = failure(() => build(text, TABLE));
    assertEquals(
      [error.message, error.hint],
      [`${message} in x.conf:1`, hint],
      text,
    );
  }
});

Deno.test("buildConfig() stops at the first fault in the file", () => {
  const text = "root /a;\nserver {\nrot /b;\n}\nlisten 80;";
  assertEquals(
    failure(() => build(text, TABLE)).message,
    'unknown directive "rot" in x.conf:3',
  );
});

Deno.test("buildConfig() does without events and http", () => {
  const rows: [text: string, listens: string[]][] = [
    ["", []],
    ["events {}", []],
    ["http {}", []],
    ["server { listen 1; }", ["1"]],
    ["http { server { listen 1; } }", ["1"]],
    ["server { listen 1; } http { server { listen 2; } }", ["1", "2"]],
    ["events { worker_connections 5; } server { listen 1; }", ["1"]],
  ];
  for (const [text, listens] of rows) {
    const servers = build(text, TABLE).scope.descendantsOf("server");
    assertEquals(
      Array.from(servers, (scope) => scope.get(listen).join()),
      listens,
      text,
    );
  }
});

Deno.test("buildConfig() lets the table declare http itself", () => {
  const http = { ...httpDirective, args: [1, 1] as const };
  assertEquals(build("http x {}", [http]).scope.children[0]?.args, ["x"]);
});

Deno.test("buildConfig() gathers the values of a repeatable directive", () => {
  const { scope } = build(
    "index a; index b c; server { index d; } server {}",
    TABLE,
  );
  const [first, second] = scope.childrenOf("server");
  assertEquals(scope.get(index), ["a", "b", "c"]);
  assertEquals(first?.get(index), ["d"]);
  assertEquals(second?.get(index), ["a", "b", "c"]);
});

Deno.test("buildConfig() lets a block of entries hold any names", () => {
  const { scope } = build("types { text/html html; root; rot; }", TABLE);
  assertEquals(scope.get(types), ["text/html", "root", "rot"]);
});

Deno.test("buildConfig() gives parse what it may need", () => {
  const seen: [Statement, ParseContext][] = [];
  const spy = words("spy", ["server"], [1, 1], {
    parse: (statement, _previous, context) => {
      seen.push([statement, context]);
      context.warn("odd value");
      return [context.resolvePath(statement.args[0] ?? "")];
    },
  });
  const text = "root /m;\nserver {\nlisten 8;\nspy a;\nroot /s;\n}";
  const { scope, warnings } = build(text, [...TABLE, spy]);
  assertEquals(warnings, ["odd value in x.conf:4"]);
  assertEquals(seen.length, 1);
  assertEquals(seen[0]?.[0].name, "spy");
  assertEquals(seen[0]?.[1].scope, scope.childrenOf("server")[0]);
  assertEquals(scope.childrenOf("server")[0]?.get(spy), ["/prefix/a"]);
});

Deno.test("buildConfig() parses in the order of the file", () => {
  let before: readonly string[] | undefined;
  const spy = words("spy", ["http"], [0, 0], {
    parse: (_statement, _previous, { scope }) => {
      before = scope.own(index);
      return [];
    },
  });
  build("index a; spy; index b;", [...TABLE, spy]);
  assertEquals(before, ["a"]);
});

Deno.test("buildConfig() parses the arguments of a block before its inside", () => {
  const block = words("block", ["http"], [1, 1], {
    body: "scope",
    opens: "server",
    parse: ({ args: [word = ""], place }) => {
      throw new ConfigError(`wrong ${word}`, place);
    },
  });
  assertEquals(
    failure(() => build("block x { nonsense; }", [block])).message,
    "wrong x in x.conf:1",
  );
});

Deno.test("buildConfig() refuses a table that contradicts itself", () => {
  assertThrows(
    () => build("", [root, root]),
    TypeError,
    'two directives are named "root"',
  );
  const closed = words("closed", ["main"], [0, 0], { body: "scope" });
  assertThrows(
    () => build("closed {}", [closed]),
    TypeError,
    'directive "closed" opens no context',
  );
});
