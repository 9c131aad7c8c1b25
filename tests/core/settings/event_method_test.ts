import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { useDirective } from "../../../src/core/settings/event_method.ts";
import { configured } from "../../support/config_support.ts";

Deno.test("use takes the methods there are", () => {
  const rows: [text: string, method: string][] = [
    ["", "deno"],
    ["use deno;", "deno"],
    ["use epoll;", "epoll"],
  ];
  for (const [text, method] of rows) {
    const [events] = configured(`events { ${text} }`).childrenOf("events");
    assertEquals(events?.get(useDirective), method, text);
  }
});

Deno.test("use refuses what nginx does on Linux", () => {
  const rows: [text: string, message: string][] = [
    ["events { use kqueue; }", 'invalid event type "kqueue"'],
    ["events { use poll; }", 'invalid event type "poll"'],
    ["events { use select; }", 'invalid event type "select"'],
    ["events { use EPOLL; }", 'invalid event type "EPOLL"'],
    ["events { use; }", 'invalid number of arguments in "use" directive'],
    ["events { use epoll; use deno; }", '"use" directive is duplicate'],
    ["http { use epoll; }", '"use" directive is not allowed here'],
  ];
  for (const [text, message] of rows) {
    assertThrows(() => configured(text), ConfigError, message, text);
  }
});
