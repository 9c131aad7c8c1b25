import { assertEquals } from "@std/assert";
import { unzipSync } from "fflate";
import { type Entry, tarGz, zip } from "../../../tools/release/archive.ts";
import { writeFiles } from "../../support/server_process.ts";

const AT = new Date("2026-01-02T03:04:06Z");

const ENTRIES: readonly Entry[] = [
  { path: "a/webserv", bytes: new Uint8Array(70_000), executable: true },
  { path: "a/docs/x.md", bytes: new TextEncoder().encode("# x\n") },
  { path: "a/LICENSE", bytes: new TextEncoder().encode("MIT\n") },
];

Deno.test("archives are the same whatever order their files come in", async () => {
  const turned = [...ENTRIES].reverse();
  assertEquals(await tarGz(turned, AT), await tarGz(ENTRIES, AT));
  assertEquals(zip(turned, AT), zip(ENTRIES, AT));
});

Deno.test("tarGz() is what tar reads", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    writeFiles(folder, {});
    Deno.writeFileSync(`${folder}/x.tar.gz`, await tarGz(ENTRIES, AT));
    const { stdout } = await new Deno.Command("tar", {
      args: ["-tvzf", `${folder}/x.tar.gz`, "--full-time", "--utc"],
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout).replaceAll(/ +/g, " ").split("\n"),
      [
        "-rw-r--r-- root/root 4 2026-01-02 03:04:06 a/LICENSE",
        "-rw-r--r-- root/root 4 2026-01-02 03:04:06 a/docs/x.md",
        "-rwxr-xr-x root/root 70000 2026-01-02 03:04:06 a/webserv",
        "",
      ],
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("zip() holds every file, and its time without a zone", () => {
  const archive = zip(ENTRIES, AT);
  const files = unzipSync(archive);
  assertEquals(Object.keys(files), ["a/LICENSE", "a/docs/x.md", "a/webserv"]);
  assertEquals(files["a/webserv"], ENTRIES[0]!.bytes);
  const view = new DataView(archive.buffer);
  // MS-DOS: 5 bits of hours, 6 of minutes, 5 of seconds by two.
  assertEquals(view.getUint16(10, true), (3 << 11) | (4 << 5) | 3);
});
