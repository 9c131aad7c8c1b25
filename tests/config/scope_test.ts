import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type ContextName,
  defineDirective,
  type Directive,
  isContext,
} from "../../src/config/directive.ts";
import type { Scope } from "../../src/config/scope.ts";
import { build } from "./config_support.ts";

const CONTEXTS = ["http", "server", "location"] as const;

const root: Directive<string> = defineDirective({
  name: "root",
  contexts: CONTEXTS,
  args: [1, 1],
  default: "html",
  parse: ({ args: [path = ""] }) => path,
});

const internal: Directive<boolean> = defineDirective({
  name: "internal",
  contexts: CONTEXTS,
  args: [0, 0],
  default: false,
  inherit: false,
  parse: () => true,
});

const maybe: Directive<string | undefined> = defineDirective<
  string | undefined
>({
  name: "maybe",
  contexts: CONTEXTS,
  args: [1, 1],
  default: "set",
  parse: ({ args: [word] }) => word === "none" ? undefined : word,
});

const server: Directive<null> = defineDirective({
  name: "server",
  contexts: ["http"],
  args: [0, 0],
  body: "scope",
  opens: "server",
  repeatable: true,
  default: null,
  parse: () => null,
});

const location: Directive<null> = defineDirective({
  name: "location",
  contexts: ["server", "location"],
  args: [1, 2],
  body: "scope",
  opens: "location",
  repeatable: true,
  default: null,
  parse: () => null,
});

function scopeOf(text: string): Scope {
  return build(text, [root, internal, maybe, server, location]).scope;
}

/** The first location of the first server in `http`. */
function firstLocation(scope: Scope): Scope {
  const [found] = [...scope.descendantsOf("location")];
  if (found === undefined) throw new Error("no location");
  return found;
}

Deno.test("Scope.get() is own, else inherited, else default", () => {
  const rows: [text: string, expected: string][] = [
    ["http { server { location / {} } }", "html"],
    ["http { root /h; server { location / {} } }", "/h"],
    ["http { server { location / {} } root /h; }", "/h"],
    ["http { root /h; server { root /s; location / {} } }", "/s"],
    ["http { root /h; server { root /s; location / { root /l; } } }", "/l"],
    ["root /m; http { server { location / {} } }", "/m"],
    ["http { server { location / {} } } root /m;", "/m"],
    ["root /m; http { root /h; server { location / {} } }", "/h"],
    ["root /m; server { location / {} }", "/m"],
    ["server { root /s; location / {} }", "/s"],
  ];
  for (const [text, expected] of rows) {
    assertEquals(firstLocation(scopeOf(text)).get(root), expected, text);
  }
});

Deno.test("Scope.get() inherits only what is inherited", () => {
  const scope = scopeOf("server { internal; location / {} }");
  assertEquals(scope.childrenOf("server")[0]?.get(internal), true);
  assertEquals(firstLocation(scope).get(internal), false);
});

Deno.test("what answers in a location answers in its if, and nowhere else", () => {
  const gif = defineDirective({
    name: "gif",
    contexts: ["location", "if"],
    args: [0, 0],
    inherit: "if",
    default: false,
    parse: () => true,
  });
  const block = (name: string, opens: ContextName) =>
    defineDirective({
      name,
      contexts: ["location"],
      args: [0, 0],
      body: "scope",
      opens: (outer) => `${opens} in ${outer}`,
      default: null,
      parse: () => null,
    });
  const { scope } = build(
    "server { location / { gif; location /a {} if {} except {} } }",
    [gif, server, location, block("if", "if"), block("except", "except")],
  );
  const outer = firstLocation(scope);
  assertEquals(
    outer.children.map((inner) => [inner.context, inner.get(gif)]),
    [
      ["location", false],
      ["if in location", true],
      ["except in location", false],
    ],
  );
});

Deno.test("what may stand in a kind of block may stand in all of that kind", () => {
  const rows: [context: ContextName, kind: ContextName, is: boolean][] = [
    ["if", "if", true],
    ["if in location", "if", true],
    ["if in location", "if in location", true],
    ["if", "if in location", false],
    ["if in location", "location", false],
    ["iffy", "if", false],
  ];
  for (const [context, kind, is] of rows) {
    assertEquals(isContext(context, kind), is, `${context}, ${kind}`);
  }
});

Deno.test("Scope.get() takes a value of undefined for a value", () => {
  const rows: [text: string, expected: string | undefined][] = [
    ["server { location / {} }", "set"],
    ["server { maybe none; location / {} }", undefined],
    ["maybe a; server { maybe none; location / {} }", undefined],
  ];
  for (const [text, expected] of rows) {
    assertEquals(firstLocation(scopeOf(text)).get(maybe), expected, text);
  }
});

Deno.test("Scope.own() and has() see this scope only", () => {
  const scope = scopeOf("root /m; server { maybe none; location / {} }");
  const [inner] = scope.childrenOf("server");
  assertEquals(scope.own(root), "/m");
  assertEquals(inner?.own(root), undefined);
  assertEquals(inner?.has(root), false);
  assertEquals(inner?.own(maybe), undefined);
  assertEquals(inner?.has(maybe), true);
});

Deno.test("Scope.nearest() goes outwards from the scope itself", () => {
  const scope = scopeOf("root /m; server { root /s; location / {} }");
  const [inner] = scope.childrenOf("server");
  const [innermost] = inner?.childrenOf("location") ?? [];
  assertStrictEquals(innermost?.nearest((one) => one.has(root)), inner);
  assertStrictEquals(inner?.nearest(() => true), inner);
  assertStrictEquals(innermost?.nearest((one) => one.has(maybe)), undefined);
});

Deno.test("Scope.placeOf() finds where the value in force was set", () => {
  const scope = scopeOf(
    "root /m;\nserver {\ninternal;\nlocation /a {\nroot /l;\n}\nlocation /b {}}",
  );
  const [a, b] = [...scope.descendantsOf("location")];
  assertEquals(a?.placeOf(root), { file: "x.conf", line: 5 });
  assertEquals(b?.placeOf(root), { file: "x.conf", line: 1 });
  assertEquals(b?.placeOf(internal), undefined);
  assertEquals(b?.placeOf(maybe), undefined);
});

Deno.test("Scope.childrenOf() and descendantsOf() keep the order of the file", () => {
  const scope = scopeOf(`
    server { location /1 { location /2 {} } location /3 {} }
    http { server { location = /4 {} } }
    server {}
  `);
  const args = (scopes: Iterable<Scope>) =>
    Array.from(scopes, (scope) => scope.args.join(" "));
  assertEquals(scope.childrenOf("server").length, 2);
  assertEquals(scope.childrenOf("location").length, 0);
  assertEquals([...scope.descendantsOf("server")].length, 3);
  assertEquals(args(scope.descendantsOf("location")), [
    "/1",
    "/2",
    "/3",
    "= /4",
  ]);
  assertEquals(
    args(scope.childrenOf("server")[0]?.childrenOf("location") ?? []),
    [
      "/1",
      "/3",
    ],
  );
});

Deno.test("Scope knows its context, parent, place and arguments", () => {
  const scope = scopeOf("server {\nlocation ~ x {} }");
  const found = firstLocation(scope);
  assertEquals(found.context, "location");
  assertEquals(found.args, ["~", "x"]);
  assertEquals(found.place, { file: "x.conf", line: 2 });
  assertStrictEquals(found.parent?.parent, scope);
  assertEquals(scope.context, "main");
  assertEquals(scope.parent, undefined);
  assertEquals(scope.place, { file: "x.conf", line: 1 });
});

Deno.test("Scope cannot be changed once it is built", () => {
  const scope = scopeOf("server {}");
  assertThrows(() => (scope.children as Scope[]).push(scope), TypeError);
  assertThrows(() => {
    (scope as { context: string }).context = "server";
  }, TypeError);
});
