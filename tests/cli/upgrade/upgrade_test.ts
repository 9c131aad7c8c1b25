import { assertEquals, assertRejects } from "@std/assert";
import { PidFile } from "../../../src/cli/pid_file.ts";
import { reasonIn, Upgrade } from "../../../src/cli/upgrade/upgrade.ts";

Deno.test("reasonIn() is what the program says, not what its runtime does", () => {
  for (
    const [text, reason] of [
      ["", ""],
      [
        "webserv: [emerg] a\n   hint\nwebserv: b\n",
        "webserv: [emerg] a hint webserv: b",
      ],
      ["Download x\nwebserv: [emerg] a\n", "webserv: [emerg] a"],
      [
        "\x1b[32mDownload\x1b[0m a\nDownload b\nDownload c\n\n\x1b[31merror\x1b[0m: no cache\n",
        "Download b Download c error: no cache",
      ],
    ] as const
  ) assertEquals(reasonIn(text), reason);
});

const LINUX = Deno.build.os === "linux";

/** An upgrade to a script, beside a pid file in a folder of its own. */
class Scripted implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  readonly pidFile = new PidFile();
  readonly upgrade: Upgrade;

  constructor(script: string, timeoutMs: number) {
    const program = `${this.folder}/program`;
    const own = `#!/bin/sh\ncd '${this.folder}'\n${script}\n`;
    Deno.writeTextFileSync(program, own, { mode: 0o755 });
    this.pidFile.write(`${this.folder}/it.pid`);
    this.upgrade = new Upgrade({
      pidFile: this.pidFile,
      refusal: undefined,
      holdings: () => ({ ports: new Map(), sockets: new Set(), copies: 1 }),
      commandLine: () => Promise.resolve({ program, flags: [], words: [] }),
      timeoutMs,
    });
  }

  get files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** Long enough for a script that does not wait for anything, in ms. */
const PLENTY_MS = 60_000;

const TESTED = 'case "$1" in -t) exit 0;; esac';

const FAILURES: readonly {
  readonly name: string;
  readonly script: string;
  readonly says: string;
  readonly timeoutMs?: number;
}[] = [
  {
    name: "that never ends its test",
    script: "exec sleep 5",
    says: 'program -t" was not done within 0.3 s and was killed',
    timeoutMs: 300,
  },
  {
    name: "whose test leaves somebody behind who has its output",
    script: "sleep 2",
    says: 'program -t" was not done within 0.3 s and was killed',
    timeoutMs: 300,
  },
  {
    name: "that says nothing about what is wrong",
    script: "exit 7",
    says: 'program -t" has ended with status 7: ',
  },
  {
    name: "that never serves",
    script: `${TESTED}; exec sleep 5`,
    says: "was not done within 1 s and was killed",
    timeoutMs: 1000,
  },
  {
    name: "that ends",
    script: `${TESTED}; exit 3`,
    says: "has ended before it served, with status 3",
  },
  {
    name: "that says that it serves in no words",
    script: `${TESTED}; echo 12x >it.pid.ready; exit 3`,
    says: "has ended before it served, with status 3",
  },
];

for (const { name, script, says, timeoutMs = PLENTY_MS } of FAILURES) {
  Deno.test({
    name: `nothing has changed after a program ${name}`,
    ignore: !LINUX,
    // Who is left behind is not waited for.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      using it = new Scripted(script, timeoutMs);
      await assertRejects(() => it.upgrade.run(), Error, says);
      assertEquals(it.files, ["it.pid", "program"]);
      assertEquals(it.pidFile.path, `${it.folder}/it.pid`);
    },
  });
}

Deno.test({
  name: "who serves may have been started by a script",
  ignore: !LINUX,
  async fn() {
    using it = new Scripted(
      `${TESTED}; sh -c 'echo $$ | tee it.pid >it.pid.ready; sleep 0.2'`,
      PLENTY_MS,
    );
    const { pid } = await it.upgrade.run();
    assertEquals(Deno.readTextFileSync(`${it.folder}/it.pid`), `${pid}\n`);
    assertEquals(it.files, ["it.pid", "it.pid.oldbin", "program"]);
  },
});

Deno.test({
  name: "what keeps the pid file from coming back is told of too",
  ignore: !LINUX,
  async fn() {
    using it = new Scripted(`${TESTED}; mkdir it.pid; exit 3`, PLENTY_MS);
    const error = await assertRejects(
      () => it.upgrade.run(),
      Error,
      "before it served, with status 3",
    );
    assertEquals(
      /; and rename\(\) ".*it\.pid\.oldbin" to ".*it\.pid" failed \(21: Is a directory\)$/
        .test(error.message),
      true,
      error.message,
    );
  },
});

Deno.test({
  name: "a device is no pid file that makes room for another one",
  ignore: !LINUX,
  async fn() {
    const pidFile = new PidFile();
    pidFile.write("/dev/null");
    assertEquals(pidFile.movablePath, undefined);
    const upgrade = new Upgrade({
      pidFile,
      refusal: undefined,
      holdings: () => {
        throw new Error("nobody asks");
      },
      commandLine: () => Promise.reject(new Error("nobody asks")),
    });
    await assertRejects(() => upgrade.run(), Error, "there is no pid file");
  },
});
