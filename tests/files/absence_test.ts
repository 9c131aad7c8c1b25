import { assertEquals } from "@std/assert";
import { Absence } from "../../src/files/absence.ts";

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

/** Whether nothing is certainly there, without close looks. */
const ROWS: readonly (readonly [name: string, certain: boolean])[] = [
  ["missing", true],
  ["missing/deeper", true],
  ["missing/deeper/still/and/further/down", true],
  ["file/below", true],
  ["file/below/deeper", true],
  ["dangling", true],
  ["dangling/x", true],
  ["x".repeat(300), true],
  ["x/".repeat(2100), true],
  ["é".repeat(2500), true],
  // Too deep to ask.
  ["x/".repeat(100), false],
  ["", false],
  ["file", false],
  ["link", false],
  ["closed", false],
  // Whether this process is one of those who may enter is not asked.
  ["private/missing", false],
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
    for (const [name, certain] of ROWS) {
      const path = `${folder}/${name}`;
      assertEquals(absence.certain(path, 0), certain, name.slice(0, 40));
    }
    // Deno lets nobody look there.
    assertEquals(absence.certain("/proc/none", 0), false);
  });
});

Deno.test("Absence takes nothing for missing that is in a closed folder", async () => {
  await withFolder(async (folder) => {
    const { href } = new URL("../../src/files/absence.ts", import.meta.url);
    const code = `import { Absence } from ${JSON.stringify(href)};
      const absence = new Absence(0);
      for (const name of ${JSON.stringify(CLOSED_ROWS)}) {
        if (absence.certain(${JSON.stringify(folder)} + "/" + name, 0)) {
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
      absence.certain(`${folder}/private/missing`, now);
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
    const certain = (now: number) => absence.certain(`${folder}/missing`, now);
    const at = [0, 0, 999, 999, 999, 1000, 1001, 1002, 1003];
    assertEquals(at.map(certain), [
      ...[false, false, false, true, true],
      ...[false, false, false, true],
    ]);
  });
});
