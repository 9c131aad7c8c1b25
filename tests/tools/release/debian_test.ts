import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { glibcOf, makeDebian, unitOf } from "../../../tools/release/debian.ts";
import { isInstalled } from "../../support/programs.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));

function read(path: string): string {
  return Deno.readTextFileSync(join(PROJECT, path));
}

Deno.test("the unit of the package is the other one, but for its user", () => {
  const unit = read("packaging/webserv.service");
  const own = unitOf(unit).split("\n");
  const others = unit.split("\n");
  assert(own.includes("User=webserv") && own.includes("Group=webserv"));
  assert(!own.includes("DynamicUser=yes"));
  assertEquals(own.filter((line) => !others.includes(line)), [
    "User=webserv",
    "Group=webserv",
  ]);
  // What DynamicUser=yes brings along is said by itself.
  for (
    const line of [
      "ProtectSystem=strict",
      "ProtectHome=yes",
      "PrivateTmp=yes",
      "RemoveIPC=yes",
      "NoNewPrivileges=yes",
      "RestrictSUIDSGID=yes",
    ]
  ) assert(own.includes(line), line);
  assertThrows(() => unitOf("[Service]\nUser=a\n"), Error, "DynamicUser");
});

const IS_LEFT_OUT = Deno.build.os !== "linux" || !isInstalled("dpkg-deb");

Deno.test({
  name: "a Debian package is the same each time it is made" +
    (IS_LEFT_OUT ? " (left out: dpkg-deb is not installed)" : ""),
  ignore: IS_LEFT_OUT,
  async fn() {
    const executable = Deno.readFileSync(Deno.realPathSync("/bin/sh"));
    assert(/^2\.\d+$/.test(glibcOf(executable)));
    const folder = Deno.makeTempDirSync();
    try {
      const made: Uint8Array[] = [];
      for (const name of ["a", "b"]) {
        const path = `${folder}/${name}.deb`;
        await makeDebian({
          version: "1.2.3",
          architecture: "amd64",
          executable,
          manPage: ".Dd x\n",
          completions: { bash: "b\n", zsh: "z\n", fish: "f\n" },
          documents: [["README.md", "x".repeat(5000)]],
          read,
          at: new Date("2026-01-02T03:04:05Z"),
        }, path);
        made.push(Deno.readFileSync(path));
        // A second later the times of its files are others.
        await new Promise((done) => setTimeout(done, 1100));
      }
      assertEquals(made[0], made[1]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
