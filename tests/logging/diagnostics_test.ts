import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  appendDiagnosticLine,
  configureDiagnostics,
  disposeDiagnostics,
  flushDiagnostics,
  flushDiagnosticsSync,
  forwardDiagnostics,
  reopenDiagnostics,
  reportLogTrouble,
} from "../../src/logging/diagnostics.ts";
import { type Level, LEVELS } from "../../src/logging/level.ts";
import { log } from "../../src/logging/logger.ts";

async function withFolder(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await disposeDiagnostics();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The lines of a log without their time. */
async function linesOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").slice(0, -1).map((line) => line.slice(20));
}

Deno.test("logger is off before configureDiagnostics and after dispose", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    assertEquals(LEVELS.filter((level) => log.enabled(level)), []);
    configureDiagnostics({ targets: [{ path, level: "debug" }] });
    assertEquals(LEVELS.filter((level) => log.enabled(level)), [...LEVELS]);
    log.emerg("one");
    await disposeDiagnostics();
    assertEquals(LEVELS.filter((level) => log.enabled(level)), []);
    log.emerg("two");
    assertEquals(await linesOf(path), [`[emerg] ${Deno.pid}#0: one`]);
  }));

Deno.test("logger writes a line as nginx does", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "info" }], thread: 3 });
    log.error('open() "/x {name}" failed', {
      client: "1.2.3.4",
      server: "name",
      request: "GET / HTTP/1.1",
      error: new Deno.errors.NotFound("No such file"),
    });
    await flushDiagnostics();
    assertMatch(
      await Deno.readTextFile(path),
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] \d+#3: open\(\) "\/x \{name\}" failed \(NotFound: No such file\), client: 1\.2\.3\.4, server: name, request: "GET \/ HTTP\/1\.1"\n$/,
    );
  }));

for (const [rank, level] of LEVELS.entries()) {
  Deno.test(`a target at ${level} gets that level and the more severe ones`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/error.log`;
      configureDiagnostics({ targets: [{ path, level }] });
      log.debug("x");
      log.info("x");
      log.notice("x");
      log.warn("x");
      log.error("x");
      log.crit("x");
      log.alert("x");
      log.emerg("x");
      await flushDiagnostics();
      assertEquals(
        await linesOf(path),
        LEVELS.slice(rank).map((each) => `[${each}] ${Deno.pid}#0: x`),
      );
    }));
}

Deno.test("each of several targets filters by its own level", () =>
  withFolder(async (folder) => {
    const [all, few] = [`${folder}/all.log`, `${folder}/few.log`];
    configureDiagnostics({
      targets: [{ path: all, level: "notice" }, { path: few, level: "alert" }],
    });
    log.info("info");
    log.notice("notice");
    log.alert("alert");
    await flushDiagnostics();
    const start = `${Deno.pid}#0:`;
    assertEquals(await linesOf(all), [
      `[notice] ${start} notice`,
      `[alert] ${start} alert`,
    ]);
    assertEquals(await linesOf(few), [`[alert] ${start} alert`]);
  }));

Deno.test("a message's function runs only when a target writes the level", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "warn" }] });
    let made = 0;
    const message = () => `made ${++made}`;
    log.debug(message);
    log.notice(message);
    assertEquals(made, 0);
    log.warn(message);
    assertEquals(made, 1);
    await flushDiagnostics();
    assertEquals(await linesOf(path), [`[warn] ${Deno.pid}#0: made 1`]);
  }));

Deno.test("a message's function that throws becomes an error line", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "warn" }] });
    log.warn(() => {
      throw new Error("oops");
    });
    await flushDiagnostics();
    assertEquals(await linesOf(path), [
      `[error] ${Deno.pid}#0: a log message could not be made (Error: oops)`,
    ]);
  }));

Deno.test("configureDiagnostics again moves the lines to the new target", () =>
  withFolder(async (folder) => {
    const [one, two] = [`${folder}/1.log`, `${folder}/2.log`];
    configureDiagnostics({ targets: [{ path: one, level: "warn" }] });
    log.warn("to one");
    configureDiagnostics({ targets: [{ path: two, level: "info" }] });
    log.info("to two");
    configureDiagnostics({ targets: [{ path: two, level: "warn" }] });
    log.warn("to two");
    log.info("to none");
    await disposeDiagnostics();
    const start = `${Deno.pid}#0:`;
    assertEquals(await linesOf(one), [`[warn] ${start} to one`]);
    assertEquals(await linesOf(two), [
      `[info] ${start} to two`,
      `[warn] ${start} to two`,
    ]);
  }));

Deno.test("configureDiagnostics keeps the old targets when one cannot open", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "warn" }] });
    assertThrows(
      () =>
        configureDiagnostics({
          targets: [
            { path: `${folder}/other.log`, level: "debug" },
            { path: folder, level: "debug" },
          ],
        }),
      Deno.errors.IsADirectory,
    );
    log.debug("off");
    log.warn("on");
    await flushDiagnostics();
    assertEquals(await linesOf(path), [`[warn] ${Deno.pid}#0: on`]);
  }));

Deno.test("reopenDiagnostics follows a log rotation", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "warn" }] });
    log.warn("old");
    await Deno.rename(path, `${path}.1`);
    await reopenDiagnostics();
    log.warn("new");
    await flushDiagnostics();
    assertEquals(await linesOf(`${path}.1`), [`[warn] ${Deno.pid}#0: old`]);
    assertEquals(await linesOf(path), [`[warn] ${Deno.pid}#0: new`]);
  }));

Deno.test("flushDiagnosticsSync writes what is logged at the very end", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "warn" }] });
    log.warn("one");
    log.warn("two");
    flushDiagnosticsSync();
    assertEquals((await linesOf(path)).toSorted(), [
      `[warn] ${Deno.pid}#0: one`,
      `[warn] ${Deno.pid}#0: two`,
    ]);
  }));

Deno.test("reportLogTrouble says what was lost and why", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "alert" }] });
    const error = new Error("No space left on device");
    reportLogTrouble({ path: "/l", droppedLines: 0, error });
    reportLogTrouble({ path: "/l", droppedLines: 3, error });
    reportLogTrouble({ path: "/l", droppedLines: 4, error: undefined });
    await flushDiagnostics();
    const start = `[alert] ${Deno.pid}#0: log "/l"`;
    assertEquals(await linesOf(path), [
      `${start} cannot be written (Error: No space left on device)`,
      `${start} cannot be written, 3 lines dropped (Error: No space left on device)`,
      `${start} is too slow, 4 lines dropped`,
    ]);
  }));

Deno.test("a flood of diagnostics neither throws nor grows without bound", () =>
  withFolder(async (folder) => {
    const path = `${folder}/error.log`;
    configureDiagnostics({ targets: [{ path, level: "error" }] });
    const request = "x".repeat(2000);
    for (let i = 0; i < 10_000; i++) log.error(`line ${i}`, { request });
    await flushDiagnostics();
    const lines = await linesOf(path);
    assert(lines.length < 5000);
    for (const [i, line] of lines.entries()) {
      if (line.startsWith("[alert]")) continue;
      assert(line.endsWith('x"'), `line ${i} is whole`);
    }
  }));

Deno.test("diagnostics go to standard error, and a program may end at once", async () => {
  const base = new URL("../../src/logging/", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = `import * as d from "${base}diagnostics.ts";
    import { log } from "${base}logger.ts";
    d.configureDiagnostics({ targets: [{ path: "stderr", level: "error" }] });
    log.emerg("one");
    log.emerg("two");
    d.flushDiagnosticsSync();
    Deno.exit(3);`;
  const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, script],
    env: { NO_COLOR: "1" },
  }).output();
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  assertEquals(code, 3);
  assertEquals(stdout.length, 0);
  assertEquals(lines.length, 2);
  assertMatch(lines[0]!, /\[emerg\] \d+#0: one$/);
  assertMatch(lines[1]!, /\[emerg\] \d+#0: two$/);
});

Deno.test("diagnostics of a thread are written by another one", () =>
  withFolder(async (folder) => {
    const lines: [Level, string][] = [];
    forwardDiagnostics({
      level: "warn",
      thread: 2,
      forward: (level, line) => lines.push([level, line]),
    });
    assert(log.enabled("warn") && !log.enabled("notice"));
    log.notice("not this");
    log.warn("this");
    log.alert("and that", { client: "1.2.3.4" });
    assertEquals(lines.map(([level]) => level), ["warn", "alert"]);
    const targets = [
      { path: `${folder}/all`, level: "debug" },
      { path: `${folder}/few`, level: "alert" },
    ] as const;
    configureDiagnostics({ targets });
    for (const [level, line] of lines) appendDiagnosticLine(level, line);
    await flushDiagnostics();
    const [warn, alert] = [
      `[warn] ${Deno.pid}#2: this`,
      `[alert] ${Deno.pid}#2: and that, client: 1.2.3.4`,
    ];
    assertEquals(await linesOf(targets[0].path), [warn, alert]);
    assertEquals(await linesOf(targets[1].path), [alert]);
  }));
