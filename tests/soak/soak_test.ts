/** A soak that is short and small, so that the long one cannot rot. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { usesEpoll } from "../support/event_method.ts";
import { eventually } from "../support/server_process.ts";
import { WAYS } from "../../soak/good_client.ts";
import { SCENARIOS } from "../../soak/scenarios.ts";
import { soak } from "../../soak/soak.ts";

Deno.test("a short soak sees no error", async () => {
  const report = await soak({
    seconds: 3,
    workers: 1,
    use: usesEpoll ? "epoll" : "deno",
    program: undefined,
    seed: 1,
    good: 8,
    hostile: 1,
  });
  assertEquals(report.problems, []);
  assertEquals(report.problemCount, 0);
  assert(report.answers > Object.keys(SCENARIOS).length, "there was load");
  assertEquals([...report.byWay.keys()].toSorted(), [...WAYS].toSorted());
  assert(report.reloads >= 4, "each configuration was in force");
  assert(report.rotations >= 1, "the logs were rotated");
  assert(report.lines > 0, "lines were looked at");
});

/** The command as `deno task soak` runs it. */
function soakCommand(args: readonly string[], folder: string): Deno.Command {
  const project = fromFileUrl(new URL("../../", import.meta.url));
  const { tasks } = JSON.parse(
    Deno.readTextFileSync(join(project, "deno.json")),
  );
  const words: string[] = tasks.soak.command.split(" ");
  return new Deno.Command(Deno.execPath(), {
    args: [...words.slice(1), ...args],
    cwd: project,
    env: { TMPDIR: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("a soak that is interrupted takes its server with it", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_soak_" });
  const child = soakCommand(["--seconds", "600"], folder).spawn();
  const output = child.output();
  try {
    await eventually(
      () => [...Deno.readDirSync(folder)].length > 0,
      "the server's folder is there",
      20_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child.kill("SIGINT");
    const { code, stderr } = await output;
    assertEquals(code, 1);
    assertMatch(new TextDecoder().decode(stderr), /ended by SIGINT/);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("soak says what is wrong with its arguments", async () => {
  const { code, stderr } = await soakCommand(["--seconds", "x"], "/tmp")
    .output();
  assertEquals(code, 2);
  assertMatch(
    new TextDecoder().decode(stderr),
    /--seconds is "x", expected a whole number/,
  );
});
