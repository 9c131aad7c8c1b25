import { assertEquals, assertStrictEquals } from "@std/assert";
import { defineDirective } from "../../src/config/directive.ts";
import { Origins } from "../../src/config/origins.ts";
import { build } from "./config_support.ts";

const word = (name: string) =>
  defineDirective({
    name,
    contexts: ["main", "http", "server", "location"],
    args: [1, 1],
    default: "",
    parse: ({ args: [text = ""] }) => text,
  });

const block = (name: "server" | "location") =>
  defineDirective({
    name,
    contexts: ["http", "server", "location"],
    args: [0, 1],
    body: "scope",
    opens: name,
    repeatable: true,
    default: undefined,
    parse: () => undefined,
  });

const DIRECTIVES = [
  word("a"),
  word("b"),
  word("c"),
  block("server"),
  block("location"),
];

/** `a` is of the first group, `b` of both, `c` of none. */
function groupsOf(name: string): readonly number[] {
  return name === "a" ? [0] : name === "b" ? [0, 1] : [];
}

Deno.test("a group comes from the nearest scope with a directive of it", () => {
  const { scope: main } = build(
    `http {
       a 1;
       server { b 1; location /x { a 2; } location /y { c 1; } }
       server { c 1; location /z { } }
     }`,
    DIRECTIVES,
  );
  const [http] = main.children;
  const [one, two] = http!.children;
  const [x, y] = one!.children;
  const [z] = two!.children;
  const origins = new Origins(2, groupsOf);
  const rows = [
    [main, [main, main]],
    [http, [http, main]],
    [one, [one, one]],
    [x, [x, one]],
    [y, [one, one]],
    [two, [http, main]],
    [z, [http, main]],
  ] as const;
  for (const [scope, expected] of rows) {
    const found = origins.of(scope!);
    assertEquals(found.length, expected.length);
    for (const [i, origin] of expected.entries()) {
      assertStrictEquals(found[i], origin);
    }
  }
});

Deno.test("a scope without any directive of the groups has its parent's list", () => {
  const { scope: main } = build("a 1; http { server { c 1; } }", DIRECTIVES);
  const [http] = main.children;
  const [server] = http!.children;
  const origins = new Origins(2, groupsOf);
  assertStrictEquals(origins.of(server!), origins.of(main));
});
