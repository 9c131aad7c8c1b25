import { assertEquals, assertThrows } from "@std/assert";
import { checkWritable } from "../../src/logging/writable_path.ts";

function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("checkWritable() accepts what could be written, and makes nothing", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a.log`, "kept");
    const before = Deno.statSync(folder).mtime;
    for (
      const path of [
        `${folder}/a.log`,
        `${folder}/new.log`,
        `${folder}/new/folders/new.log`,
        "stderr",
        "/dev/stdout",
        "/proc/self/fd/2",
        "/dev/null",
      ]
    ) checkWritable(path);
    assertEquals(
      [...Deno.readDirSync(folder)].map(({ name }) => name),
      ["a.log"],
    );
    assertEquals(Deno.readTextFileSync(`${folder}/a.log`), "kept");
    assertEquals(Deno.statSync(folder).mtime, before);
  });
});

Deno.test("checkWritable() throws what opening would throw", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const rows: [path: string, error: new (...args: string[]) => Error][] = [
      [folder, Deno.errors.IsADirectory],
      [`${folder}/file/a.log`, Deno.errors.NotADirectory],
      [`${folder}/file/b/a.log`, Deno.errors.NotADirectory],
    ];
    for (const [path, error] of rows) {
      assertThrows(() => checkWritable(path), error, undefined, path);
      const opening = () =>
        Deno.openSync(path, { append: true, create: true }).close();
      assertThrows(opening, error, undefined, `opening ${path}`);
    }
  });
});

Deno.test("checkWritable() does not wait for the reader of a pipe", async () => {
  const folder = Deno.makeTempDirSync();
  const pipe = `${folder}/pipe`;
  const { success } = await new Deno.Command("mkfifo", { args: [pipe] })
    .output();
  assertEquals(success, true);
  checkWritable(pipe);
  Deno.removeSync(folder, { recursive: true });
});
