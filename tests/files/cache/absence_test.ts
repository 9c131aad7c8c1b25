import { assertEquals } from "@std/assert";
import { Absence } from "../../../src/files/cache/absence.ts";

/** What is in the folder of the test: a file, folders, links. */
function fill(folder: string): void {
  Deno.writeTextFileSync(`${folder}/file`, "");
  Deno.mkdirSync(`${folder}/closed/inner`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/closed/file`, "");
  Deno.symlinkSync("nowhere", `${folder}/dangling`);
  Deno.symlinkSync("file", `${folder}/link`);
  Deno.chmodSync(`${folder}/closed`, 0);
  Deno.mkdirSync(`${folder}/private`);
  Deno.chmodSync(`${folder}/private`, 0o750);
}

/** Why nothing is certainly there, without close looks. */
const ROWS: readonly (readonly [name: string, code: string | undefined])[] = [
  ["missing", "ENOENT"],
  ["missing/deeper", "ENOENT"],
  ["missing/deeper/still/and/further/down", "ENOENT"],
  ["file/below", "ENOTDIR"],
  ["file/below/deeper", "ENOTDIR"],
  ["dangling", "ENOENT"],
  ["dangling/x", "ENOENT"],
  ["x".repeat(300), "ENOENT"],
  ["x/".repeat(2100), "ENAMETOOLONG"],
  ["é".repeat(4100), "ENAMETOOLONG"],
  // Too deep to ask.
  ["x/".repeat(100), undefined],
  ["", undefined],
  ["file", undefined],
  ["link", undefined],
  ["closed", undefined],
  // Whether this process is one of those who may enter is not asked.
  ["private/missing", undefined],
];

/** Those that only a user who is not root sees so. */
const CLOSED_ROWS: readonly string[] = [
  "closed/file",
  "closed/missing",
  "closed/inner/missing",
  "closed/missing/deeper",
];

async function withFolder(run: (folder: string) => void | Promise<void>) {
  const folder = Deno.makeTempDirSync();
  Deno.chmodSync(folder, 0o777);
  try {
    fill(folder);
    await run(folder);
  } finally {
    Deno.chmodSync(`${folder}/closed`, 0o755);
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("Absence is certain of what is missing, and of nothing else", async () => {
  await withFolder((folder) => {
    const absence = new Absence(0);
    for (const [name, code] of ROWS) {
      const path = `${folder}/${name}`;
      assertEquals(absence.codeFor(path, 0), code, name.slice(0, 40));
    }
    // Deno lets nobody look there.
    assertEquals(absence.codeFor("/proc/none", 0), undefined);
  });
});

Deno.test("Absence takes nothing for missing that is in a closed folder", async () => {
  await withFolder(async (folder) => {
    const { href } = new URL(
      "../../../src/files/cache/absence.ts",
      import.meta.url,
    );
    const code = `import { Absence } from ${JSON.stringify(href)};
      const absence = new Absence(0);
      for (const name of ${JSON.stringify(CLOSED_ROWS)}) {
        if (absence.codeFor(${JSON.stringify(folder)} + "/" + name, 0)) {
          throw new Error(name);
        }
      }`;
    const script = `${folder}/script.ts`;
    Deno.writeTextFileSync(script, code);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", "--allow-read", script],
      env: { DENO_DIR: `${folder}/cache`, NO_COLOR: "1" },
      // Root may enter every folder.
      ...(Deno.statSync(folder).uid === 0 ? { uid: 65_534 } : {}),
    }).output();
    assertEquals([success, success || new TextDecoder().decode(stderr)], [
      true,
      true,
    ]);
  });
});

Deno.test("Absence remembers for a second which folders can be entered", async () => {
  await withFolder((folder) => {
    const absence = new Absence(0);
    const certain = (now: number) =>
      absence.codeFor(`${folder}/private/missing`, now) === "ENOENT";
    assertEquals(certain(0), false);
    absence.found(`${folder}/private/something`);
    assertEquals([certain(1), certain(999), certain(1000)], [
      true,
      true,
      false,
    ]);
  });
});

Deno.test("Absence looks closely as long as missing paths come slowly", async () => {
  await withFolder((folder) => {
    const absence = new Absence(3);
    const certain = (now: number) =>
      absence.codeFor(`${folder}/missing`, now) === "ENOENT";
    const at = [0, 0, 999, 999, 999, 1000, 1001, 1002, 1003];
    assertEquals(at.map(certain), [
      ...[false, false, false, true, true],
      ...[false, false, false, true],
    ]);
  });
});
