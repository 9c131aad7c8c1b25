import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { readListing } from "../../src/modules/listing_reader.ts";
import { contained } from "../support/contained.ts";

/** A temporary folder, removed at the end. */
async function withFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  try {
    await run(`${folder}/`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("readListing() lists names and what they are, without dotfiles", async () => {
  await withFolder(async (path) => {
    const time = new Date(1_000_000_000_000);
    Deno.writeTextFileSync(`${path}b.txt`, "hello");
    Deno.utimeSync(`${path}b.txt`, time, time);
    Deno.writeTextFileSync(`${path}.hidden`, "");
    Deno.mkdirSync(`${path}sub`);
    Deno.mkdirSync(`${path}.git`);
    Deno.symlinkSync("b.txt", `${path}file-link`);
    Deno.symlinkSync("sub", `${path}folder-link`);
    Deno.symlinkSync("nowhere", `${path}dangling`);
    Deno.symlinkSync("loop", `${path}loop`);
    const listener = Deno.listen({ transport: "unix", path: `${path}socket` });
    const entries = await readListing(contained(path));
    listener.close();
    assertEquals(entries.map(({ name, kind }) => [name, kind]), [
      ["folder-link", "directory"],
      ["sub", "directory"],
      ["b.txt", "file"],
      ["dangling", "other"],
      ["file-link", "file"],
      ["loop", "other"],
      ["socket", "other"],
    ]);
    const sizes = new Map(entries.map(({ name, size }) => [name, size]));
    assertEquals(sizes.get("b.txt"), 5);
    assertEquals(sizes.get("file-link"), 5);
    assertEquals(sizes.get("dangling"), "nowhere".length);
    const [file] = entries.filter(({ name }) => name === "b.txt");
    assertEquals(file!.mtimeMs, time.getTime());
  });
});

Deno.test("readListing() reads a folder once at a time", async () => {
  await withFolder(async (path) => {
    Deno.writeTextFileSync(`${path}a`, "");
    const first = readListing(contained(path));
    assertStrictEquals(readListing(contained(path)), first);
    assertEquals((await first).length, 1);
    Deno.writeTextFileSync(`${path}b`, "");
    assertEquals((await readListing(contained(path))).length, 2);
  });
});

Deno.test("readListing() says what is wrong, each time", async () => {
  await withFolder(async (path) => {
    Deno.writeTextFileSync(`${path}file`, "");
    for (let repeated = 0; repeated < 2; repeated++) {
      await assertRejects(
        () => readListing(contained(`${path}none/`)),
        Deno.errors.NotFound,
      );
    }
    await assertRejects(() => readListing(contained(`${path}file/`)));
  });
});
