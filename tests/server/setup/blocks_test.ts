/** Contexts that a module opens, with modules made for the test. */

import { assertEquals } from "@std/assert";
import { defineDirective } from "../../../src/config/directive.ts";
import type { Scope } from "../../../src/config/scope.ts";
import { httpScope } from "../../../src/config/scope.ts";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import type { Module } from "../../../src/core/module.ts";
import { readConfiguration } from "../../../src/server/setup/configuration.ts";
import { MODULES } from "../../../src/server/setup/registry.ts";
import { SessionFixture } from "../session_support.ts";

/** `on_weekdays { … }` and `on_sundays { … }` in a location, by `X-Day`. */
function dayModule(name: string, isFor: (day: string) => boolean): Module {
  const block = defineDirective({
    name,
    contexts: ["location"],
    args: [0, 0],
    body: "scope",
    opens: name,
    inherit: false,
    default: undefined,
    parse: () => undefined,
  });
  return {
    name,
    directives: [block],
    create(scope, _environment, blocks) {
      const [inner] = scope.childrenOf(name);
      const plan = inner && blocks.get(inner);
      if (plan === undefined) return undefined;
      return {
        choose: ({ args }) => isFor(args) ? plan : undefined,
      };
    },
  };
}

const said = defineDirective({
  name: "say",
  contexts: ["http", "server", "location", "on_sundays", "on_weekdays"],
  args: [1, 1],
  default: "nothing",
  parse: ({ args: [text = ""] }) => text,
});

const sayModule: Module = {
  name: "say",
  directives: [said],
  create: (scope) => ({
    represent: (response) => response.headers.set("X-Said", scope.get(said)),
  }),
};

Deno.test("a module chooses among the blocks that it opens in a location", async () => {
  const get = (args: string) => `GET /a?${args} HTTP/1.1\r\nHost: x\r\n\r\n`;
  using fixture = new SessionFixture(
    `say server;
     location /a {
       say location;
       on_sundays { say sunday; }
       on_weekdays { }
       return 200 rewritten;
     }`,
    { reads: [get("sunday") + get("monday") + get("none"), null] },
    {
      modules: [
        dayModule("on_sundays", (day) => day === "sunday"),
        dayModule("on_weekdays", (day) => day === "monday"),
        sayModule,
        ...MODULES,
      ],
    },
  );
  await fixture.done;
  const { written } = fixture.transport;
  // A block is a location of its own: the rewrite phase around it is not its.
  assertEquals(fixture.statuses, ["404", "404", "200"]);
  assertEquals(
    [...written.matchAll(/X-Said: (\w+)/g)].map(([, text]) => text),
    ["sunday", "location", "location"],
  );
});

Deno.test("a module opens a context outside of servers", () => {
  const issuer = defineDirective({
    name: "issuer",
    contexts: ["http"],
    args: [1, 1],
    body: "scope",
    opens: "issuer",
    repeatable: true,
    default: undefined,
    parse: () => undefined,
  });
  const owner = defineDirective({
    name: "owner",
    contexts: ["issuer"],
    args: [1, 1],
    default: "",
    parse: ({ args: [text = ""] }) => text,
  });
  const read = (text: string): Scope =>
    readConfiguration(
      { file: "x.conf", statements: parseConfig(text, "x.conf"), prefix: "/x" },
      () => {},
      { modules: [{ name: "t", directives: [issuer, owner] }, ...MODULES] },
    ).main;
  const main = read("http { issuer a { owner me; } issuer b { } }");
  assertEquals(
    httpScope(main).childrenOf("issuer")
      .map((scope) => [scope.args[0], scope.get(owner)]),
    [["a", "me"], ["b", ""]],
  );
  const misplaced = () => read("http { owner me; }");
  let message = "";
  try {
    misplaced();
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, '"owner" directive is not allowed here in x.conf:1');
});
