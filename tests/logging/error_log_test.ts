import { assertEquals } from "@std/assert";
import {
  configureDiagnostics,
  disposeDiagnostics,
  flushDiagnostics,
  forwardDiagnostics,
} from "../../src/logging/diagnostics.ts";
import { ErrorLog } from "../../src/logging/error_log.ts";
import { LogFiles } from "../../src/logging/log_files.ts";
import { log } from "../../src/logging/logger.ts";

/** The messages in a log: its lines without what is before them. */
function messages(path: string): string[] {
  return Deno.readTextFileSync(path).split("\n").slice(0, -1)
    .map((line) => line.replace(/^.*?: /, ""));
}

Deno.test("a line goes to the log of its request in place of the main one", async () => {
  const folder = Deno.makeTempDirSync();
  const path = (name: string) => `${folder}/${name}.log`;
  const files = new LogFiles();
  const quiet = new ErrorLog([{ file: files.open(path("q")), level: "crit" }]);
  const both = new ErrorLog([
    { file: files.open(path("a")), level: "debug" },
    { file: files.open(path("b")), level: "error" },
  ]);
  configureDiagnostics({
    targets: [{ path: path("main"), level: "warn" }],
    level: "debug",
  });
  log.debug("for nobody");
  log.warn("for the process");
  log.debug("one", { errorLog: both });
  log.error("two", { errorLog: both });
  log.error("three", { errorLog: quiet });
  log.alert("four", { errorLog: quiet });
  assertEquals(
    [
      log.enabled("debug"),
      log.enabled("debug", both),
      log.enabled("error", quiet),
      log.enabled("crit", quiet),
    ],
    [true, true, false, true],
  );
  await flushDiagnostics();
  await files.close();
  await disposeDiagnostics();
  assertEquals(messages(path("main")), ["for the process"]);
  assertEquals(messages(path("a")), ["one", "two"]);
  assertEquals(messages(path("b")), ["two"]);
  assertEquals(messages(path("q")), ["four"]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a thread writes to the log of a request itself", async () => {
  const folder = Deno.makeTempDirSync();
  const files = new LogFiles();
  const errorLog = new ErrorLog([
    { file: files.open(`${folder}/a.log`), level: "info" },
  ]);
  const forwarded: string[] = [];
  forwardDiagnostics({
    level: "info",
    thread: 3,
    forward: (level) => void forwarded.push(level),
  });
  log.error("for the process");
  log.info("for the request", { errorLog });
  await files.close();
  await disposeDiagnostics();
  assertEquals(forwarded, ["error"]);
  assertEquals(messages(`${folder}/a.log`), ["for the request"]);
  Deno.removeSync(folder, { recursive: true });
});
