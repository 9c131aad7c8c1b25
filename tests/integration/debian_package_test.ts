/**
 * The Debian package on a clean Debian: installed, started, upgraded, removed
 * and purged in a root that debootstrap makes. It takes `dist/webserv`.
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { completionScript } from "../../src/cli/completions/completions.ts";
import { freshnessOf } from "../../tools/compile/freshness.ts";
import { makeDebian } from "../../tools/release/debian.ts";
import { isInstalled } from "../support/programs.ts";
import { get } from "../support/raw_client.ts";
import { eventually } from "../support/server_process.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));
const EXECUTABLE = join(PROJECT, "dist/webserv");
const AT = new Date("2026-01-02T03:04:05Z");

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isRoot(): boolean {
  const { stdout } = new Deno.Command("id", { args: ["-u"] }).outputSync();
  return new TextDecoder().decode(stdout).trim() === "0";
}

/** Why it is left out; `undefined` if it is not. */
function reasonToSkip(): string | undefined {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") return "not Linux x64";
  if (!isRoot()) return "only root can chroot";
  if (freshnessOf(EXECUTABLE, PROJECT) !== "fresh") {
    return 'run "deno task compile" first';
  }
  const missing = ["debootstrap", "dpkg-deb"].find((one) => !isInstalled(one));
  return missing === undefined ? undefined : `${missing} is not installed`;
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 0, `${program} ${args.join(" ")}\n${said}`);
  return said;
}

/** Makes a package; `change` is what the next version has of its files. */
async function makePackage(
  output: string,
  version: string,
  change: (path: string, text: string) => string,
): Promise<void> {
  const read = (path: string) =>
    change(path, Deno.readTextFileSync(join(PROJECT, path)));
  await makeDebian({
    version,
    architecture: "amd64",
    executable: Deno.readFileSync(EXECUTABLE),
    manPage: ".Dd x\n",
    completions: {
      bash: completionScript("bash"),
      zsh: completionScript("zsh"),
      fish: completionScript("fish"),
    },
    documents: [["README.md", "short"]],
    read,
    at: AT,
  }, output);
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Starts it as the unit does: its user, its one capability, its folder. */
function start(root: string): Deno.ChildProcess {
  const unit = Deno.readTextFileSync(
    `${root}/usr/lib/systemd/system/webserv.service`,
  );
  const value = (name: string) =>
    new RegExp(`^${name}=(.*)$`, "m").exec(unit)![1]!;
  const user = value("User");
  const capability = value("AmbientCapabilities").toLowerCase()
    .replace("cap_", "+");
  return new Deno.Command("chroot", {
    args: [
      root,
      "setpriv",
      `--reuid=${user}`,
      `--regid=${value("Group")}`,
      "--init-groups",
      `--inh-caps=${capability}`,
      `--ambient-caps=${capability}`,
      ...value("ExecStart").split(" "),
    ],
    clearEnv: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** The Debian of this machine: its keys are here. */
function ownSuite(): string {
  const release = Deno.readTextFileSync("/etc/os-release");
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "stable";
}

/** Makes a Debian at `root`; tells why if this machine cannot. */
async function makeRoot(root: string): Promise<string | undefined> {
  try {
    await run(
      "debootstrap",
      ...["--variant=minbase", "--include=adduser", ownSuite(), root],
    );
    await run("mount", "--bind", "/proc", `${root}/proc`);
  } catch (error) {
    return (error as Error).message;
  }
}

const SKIPPED = reasonToSkip();

Deno.test({
  name: "the Debian package is installed, served from, upgraded and purged" +
    (SKIPPED === undefined ? "" : ` (left out: ${SKIPPED})`),
  ignore: SKIPPED !== undefined,
  async fn(t) {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const root = `${folder}/root`;
    const inRoot = (...words: string[]) => run("chroot", root, ...words);
    const at = (path: string) => `${root}${path}`;
    const text = (path: string) => Deno.readTextFileSync(at(path));
    const [first, second] = [`${folder}/1.deb`, `${folder}/2.deb`] as const;
    await makePackage(first, "1.0", (_, text) => text);
    await makePackage(
      second,
      "1.1",
      (path, text) =>
        /packaging\/webserv\.(conf|logrotate)$/.test(path)
          ? `${text}# new in 1.1\n`
          : text,
    );
    const trouble = await makeRoot(root);
    if (trouble !== undefined) {
      // No network, or a container that may make no devices.
      console.warn(`the package is not installed here: ${trouble}`);
      Deno.removeSync(folder, { recursive: true });
      return;
    }
    const port = freePort();
    const own = freePort();
    const url = `http://127.0.0.1:${port}/`;
    try {
      Deno.copyFileSync(first, at("/1.deb"));
      Deno.copyFileSync(second, at("/2.deb"));

      await t.step("installed, it has its user, folders and unit", async () => {
        await inRoot("dpkg", "-i", "/1.deb");
        assertEquals(
          await inRoot("stat", "-c%U:%G %a", "/var/log/webserv"),
          "webserv:adm 750\n",
        );
        assertEquals(
          await inRoot("stat", "-c%U:%G %a", "/var/lib/webserv"),
          "webserv:webserv 700\n",
        );
        assert(exists(at(
          "/etc/systemd/system/multi-user.target.wants/webserv.service",
        )));
        assertEquals(await inRoot("dpkg", "--verify", "webserv"), "");
      });

      await t.step("it serves what its configuration says", async () => {
        const config = text("/etc/webserv/webserv.conf")
          .replace(/listen +80;/, `listen 127.0.0.1:${port};`)
          .replace(/listen +\[::\]:80;/, "")
          .replace(/127\.0\.0\.1:9180/, `127.0.0.1:${own}`);
        Deno.writeTextFileSync(at("/etc/webserv/webserv.conf"), config);
        Deno.mkdirSync(at("/srv/www"), { recursive: true });
        Deno.writeTextFileSync(at("/srv/www/index.html"), "from Debian");
        Deno.mkdirSync(at("/run/webserv"), { recursive: true });
        await inRoot("chown", "webserv:", "/run/webserv");
        const server = start(root);
        try {
          await eventually(
            () =>
              exists(at("/var/log/webserv/error.log")) &&
              text("/var/log/webserv/error.log").includes(" started, "),
            "it starts",
            30_000,
          );
          assertEquals((await get(port, "/")).text, "from Debian");
          const said = await inRoot("webserv", "probe", url);
          assert(said.startsWith(`${url} answered 200 OK`), said);
          await inRoot("webserv", "-s", "quit");
          assertEquals((await server.status).code, 0);
        } finally {
          try {
            server.kill("SIGKILL");
          } catch {
            // It has ended by itself.
          }
          await server.status;
        }
        assert(
          text("/var/log/webserv/access.log").includes('"GET / HTTP/1.1" 200'),
        );
      });

      await t.step("upgraded, it keeps what was edited", async () => {
        await inRoot("dpkg", "--force-confdef", "-i", "/2.deb");
        assert(text("/etc/webserv/webserv.conf").includes(String(port)));
        assert(!text("/etc/webserv/webserv.conf").includes("new in 1.1"));
        const offered = text("/etc/webserv/webserv.conf.dpkg-dist");
        assert(offered.endsWith("# new in 1.1\n"), offered);
        assert(text("/etc/logrotate.d/webserv").endsWith("# new in 1.1\n"));
        await inRoot("webserv", "-t", "-q");
      });

      await t.step("removed, it leaves configuration and logs", async () => {
        await inRoot("dpkg", "-r", "webserv");
        assert(!exists(at("/usr/bin/webserv")));
        assert(exists(at("/etc/webserv/webserv.conf")));
        assert(exists(at("/var/log/webserv/access.log")));
      });

      await t.step("purged, it leaves nothing but its user", async () => {
        await inRoot("dpkg", "-P", "webserv");
        const found = await inRoot(
          ...["find", "/etc", "/usr", "/var", "-name", "*webserv*"],
          ...["-not", "-path", "/var/log/*.log"],
        );
        assertEquals(found, "");
        assert(text("/etc/passwd").includes("\nwebserv:"));
      });
    } finally {
      await run("umount", at("/proc"));
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
