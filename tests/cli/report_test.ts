import { assertEquals } from "@std/assert";
import {
  describeError,
  logFaults,
  reportFaults,
} from "../../src/cli/report.ts";
import { ConfigError, ConfigErrors } from "../../src/config/errors.ts";
import { ConfigFileError } from "../../src/config/syntax/include.ts";
import {
  configureDiagnostics,
  disposeDiagnostics,
} from "../../src/logging/diagnostics.ts";

const PLACE = { file: "x.conf", line: 3 };
const PLAIN = new ConfigError("wrong", PLACE);
const HINTED = new ConfigError("wrong too", PLACE, "do this");

Deno.test("describeError() puts a hint into a second line", () => {
  const rows: [error: unknown, text: string][] = [
    [PLAIN, "wrong in x.conf:3"],
    [HINTED, "wrong too in x.conf:3\n         do this"],
    [
      new ConfigFileError("open() failed", "look", 0),
      "open() failed\n         look",
    ],
    [new ConfigFileError("open() failed", undefined, 0), "open() failed"],
    [new TypeError("a mistake"), "a mistake"],
    ["a text", "a text"],
    [undefined, "undefined"],
  ];
  for (const [error, text] of rows) assertEquals(describeError(error), text);
});

Deno.test("every fault is reported, each with its level", () => {
  const lines: unknown[] = [];
  const { error } = console;
  console.error = (line: unknown) => void lines.push(line);
  try {
    reportFaults("emerg", new ConfigErrors(PLAIN, [PLAIN, HINTED]));
    reportFaults("error", new Error("one"));
  } finally {
    console.error = error;
  }
  assertEquals(lines, [
    "webserv: [emerg] wrong in x.conf:3",
    "webserv: [emerg] wrong too in x.conf:3\n         do this",
    "webserv: [error] one",
  ]);
});

Deno.test("every fault is logged in a line of its own", async () => {
  const path = Deno.makeTempFileSync();
  configureDiagnostics({ targets: [{ path, level: "emerg" }] });
  logFaults(new ConfigErrors(PLAIN, [PLAIN, HINTED]));
  await disposeDiagnostics();
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
  assertEquals(lines.map((line) => line.replace(/^.*?#0: /, "")), [
    "wrong in x.conf:3",
    "wrong too in x.conf:3: do this",
  ]);
  Deno.removeSync(path);
});
