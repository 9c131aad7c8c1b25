/** What a module acquires for a request is let go of, however that ends. */

import { assertEquals } from "@std/assert";
import type { Module } from "../../../src/core/module.ts";
import { MODULES } from "../../../src/server/setup/registry.ts";
import type { FakeTransportScript } from "../../support/fake_transport.ts";
import { pause, SessionFixture } from "../session_support.ts";

/** What happened, in order. */
type Event = "acquired" | "logged" | "released" | "aborted";

/** Acquires in the access phase; `/wait` answers when nobody waits any more. */
function holdingModule(events: Event[]): Module {
  return {
    name: "holding",
    directives: [],
    create: () => ({
      access(exchange) {
        events.push("acquired");
        exchange.onEnd(() => events.push("released"));
        if (exchange.uri === "/throw") throw new Error("a mistake");
        if (exchange.uri !== "/wait") return undefined;
        return new Promise((resolve) =>
          exchange.signal.addEventListener("abort", () => {
            events.push("aborted");
            resolve(undefined);
          })
        );
      },
      log: () => void events.push("logged"),
    }),
  };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const post = (length: number, fields = "") =>
  `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${fields}\r\nx`;

const SITE = `client_max_body_size 8; client_body_timeout 30ms;
  location / { try_files $uri =404; }
  location /a { try_files $uri =404; error_page 404 = /b; }
  location /b { internal; }
  location /return { return 200 ok; }`;

Deno.test("what was acquired is released once, after the log", async () => {
  const plain: Event[] = ["acquired", "logged", "released"];
  const rows: [string, FakeTransportScript, Event[]][] = [
    ["an answer", { reads: [get("/none"), null] }, plain],
    ["two", { reads: [get("/none") + get("/none"), null] }, [
      ...plain,
      ...plain,
    ]],
    ["a throw", { reads: [get("/throw"), null] }, plain],
    ["a client that left", {
      reads: [get("/none")],
      writes: [new Deno.errors.BrokenPipe()],
    }, plain],
    ["a body that broke off", { reads: [post(5), null] }, [
      "acquired",
      "acquired",
      "logged",
      "released",
      "released",
    ]],
    ["a body that is late", { reads: [post(5)] }, [
      "acquired",
      "acquired",
      "logged",
      "released",
      "released",
    ]],
    ["a refusal", { reads: [post(9), null] }, ["logged"]],
    ["an answer of the rewrite phase", { reads: [get("/return"), null] }, [
      "logged",
    ]],
    ["a head that is none", { reads: ["nonsense\r\n\r\n"] }, ["logged"]],
  ];
  for (const [name, script, expected] of rows) {
    const events: Event[] = [];
    const modules = [...MODULES, holdingModule(events)];
    using fixture = new SessionFixture(SITE, script, { modules });
    await fixture.done;
    assertEquals(events, expected, name);
  }
});

Deno.test("a handler that waits is told that its connection has ended", async () => {
  const events: Event[] = [];
  using fixture = new SessionFixture(
    SITE,
    { reads: [get("/wait")] },
    { modules: [...MODULES, holdingModule(events)] },
  );
  await pause(5);
  assertEquals(events, ["acquired"]);
  fixture.session.connection.end("evicted");
  await fixture.done;
  assertEquals(events, ["acquired", "aborted", "logged", "released"]);
});
