import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const MODULE = new URL(
  "../../../src/files/cache/open_file.ts",
  import.meta.url,
);
const CONFIG = fromFileUrl(new URL("../../../deno.json", import.meta.url));

/** What a program reads from `path`; without `flags` it has all permissions. */
async function readBy(path: string, ...flags: string[]): Promise<string> {
  const script = `${path}.ts`;
  Deno.writeTextFileSync(
    script,
    `import { OpenFile } from ${JSON.stringify(MODULE.href)};
    const file = OpenFile.open(${JSON.stringify(path)});
    const bytes = new Uint8Array(9);
    console.log(new TextDecoder().decode(bytes.subarray(0, file.read(bytes, 0))));
    file.close();`,
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", `--config=${CONFIG}`, "--no-check", ...flags, script],
    stdin: "null",
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: "OpenFile.open() follows links, whatever the program may do",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.writeTextFileSync(`${folder}/file`, "content");
      Deno.symlinkSync("file", `${folder}/link`);
      Deno.symlinkSync("link", `${folder}/twice`);
      for (const name of ["file", "link", "twice"]) {
        for (const flag of ["--allow-read", "--allow-all"]) {
          const text = await readBy(`${folder}/${name}`, flag);
          assertEquals(text, "content", `${name} with ${flag}`);
        }
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
