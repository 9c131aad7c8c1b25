import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { dispensable, type Needs } from "../../src/cli/permissions.ts";
import { programArguments } from "../support/program.ts";
import { eventually, writeFiles } from "../support/server_process.ts";

/** What a server may still do, and what it gives up. */
const ROWS: readonly (readonly [needs: Needs, names: string])[] = [
  [
    { reloads: true, restarts: false, needed: new Set(["write"]) },
    "run sys ffi",
  ],
  [{ reloads: true, restarts: false, needed: new Set() }, "run sys ffi"],
  [
    { reloads: false, restarts: false, needed: new Set(["write"]) },
    "run sys ffi net",
  ],
  [
    { reloads: false, restarts: false, needed: new Set() },
    "run sys ffi net write",
  ],
  [
    { reloads: false, restarts: true, needed: new Set(["write"]) },
    "run sys ffi",
  ],
  [{ reloads: false, restarts: true, needed: new Set() }, "run sys ffi write"],
  [
    { reloads: false, restarts: false, needed: new Set(["net", "run"]) },
    "sys ffi write",
  ],
];

Deno.test("dispensable() keeps what a reload, a log or a module may need", () => {
  for (const [needs, names] of ROWS) {
    assertEquals(dispensable(needs).join(" "), names);
  }
});

Deno.test({
  name: "no thread may load a library when it begins to serve",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    writeFiles(folder, {
      "webserv.conf": `events { use epoll; } worker_processes 2; http {
        access_log off; server { listen 127.0.0.1:0; return 200 ok; } }`,
    });
    const program = fromFileUrl(
      new URL("../support/asking_program.ts", import.meta.url),
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...programArguments().slice(0, -1),
        program,
        "-c",
        `${folder}/webserv.conf`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    let said = "";
    const reading = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({ write: (text) => void (said += text) }),
    );
    const states = (kind: string) =>
      [...said.matchAll(/^(\w+): (\w+)$/gm)]
        .filter(([, each]) => each === kind).map(([, , state]) => state);
    try {
      await eventually(() => states("commit").length === 2, "both serve");
      assertEquals(states("stage"), ["granted", "granted"]);
      assertEquals(states("commit"), ["prompt", "prompt"]);
      assert(!said.includes("epoll"), said);
    } finally {
      child.kill("SIGTERM");
      await child.status;
      await reading;
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
