import { assertEquals } from "@std/assert";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import type { Module } from "../../../src/core/module.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { MODULES } from "../../../src/server/setup/registry.ts";
import { startModules } from "../../../src/server/setup/start_modules.ts";

/** A generation with these modules. */
function generationOf(modules: readonly Module[]) {
  const source = {
    file: "x.conf",
    statements: parseConfig("http { access_log off; server { } }", "x.conf"),
    prefix: "/x",
  };
  return prepareGeneration(
    readConfiguration(source, () => {}, {
      modules: [...modules, ...MODULES],
    }),
    () => {},
  );
}

Deno.test("modules are started in order and stopped in reverse, once", () => {
  const events: string[] = [];
  const module = (name: string): Module => ({
    name,
    directives: [],
    prepare: () => void events.push(`prepare ${name}`),
    start() {
      events.push(`start ${name}`);
      return () => events.push(`stop ${name}`);
    },
    supervise: () => void events.push(`supervise ${name}`),
  });
  const broken: Module = {
    name: "broken",
    directives: [],
    start() {
      throw new Error("no");
    },
  };
  const brokenLater: Module = {
    name: "broken later",
    directives: [],
    start: () => () => {
      throw new Error("no");
    },
  };
  const generation = generationOf([
    module("a"),
    broken,
    brokenLater,
    module("b"),
  ]);
  assertEquals(events.splice(0), ["prepare a", "prepare b"]);
  const stop = startModules("start", generation);
  assertEquals(events.splice(0), ["start a", "start b"]);
  stop();
  stop();
  assertEquals(events.splice(0), ["stop b", "stop a"]);
  startModules("supervise", generation)();
  assertEquals(events.splice(0), ["supervise a", "supervise b"]);
});
