import { assertEquals } from "@std/assert";
import { FileCache } from "../../src/files/file_cache.ts";
import type { SymlinkPolicy } from "../../src/files/symlinks.ts";
import { checkSymlinks } from "../../src/files/symlinks.ts";
import { identityOf } from "../../src/files/file_entry.ts";
import { contained } from "../support/contained.ts";

function withTree(test: (folder: string) => void): void {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.mkdirSync(`${folder}/real/sub`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/real/a`, "a");
    Deno.writeTextFileSync(`${folder}/real/sub/b`, "b");
    Deno.symlinkSync("a", `${folder}/real/link`);
    Deno.symlinkSync("sub", `${folder}/real/sublink`);
    Deno.symlinkSync("real", `${folder}/current`);
    Deno.symlinkSync("nowhere", `${folder}/real/dangling`);
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("disable_symlinks: which paths are forbidden", () => {
  withTree((folder) => {
    const rows: [SymlinkPolicy, path: string, trusted: string, kind: string][] =
      [
        ["off", "/current/link", "", "file"],
        ["on", "/real/a", "", "file"],
        ["on", "/real/sub/b", "", "file"],
        ["on", "/real/sub/", "", "directory"],
        ["on", "/real/link", "", "forbidden"],
        ["on", "/real/sublink/b", "", "forbidden"],
        ["on", "/real/sublink/", "", "forbidden"],
        ["on", "/real/sublink", "", "forbidden"],
        ["on", "/current/a", "", "forbidden"],
        ["on", "/current/a", "/current", "file"],
        ["on", "/current/link", "/current", "forbidden"],
        ["on", "/current/sublink/b", "/current", "forbidden"],
        ["on", "/current/sublink/b", "/current/sublink", "file"],
        // What is trusted ends with a whole name.
        ["on", "/current/a", "/curre", "forbidden"],
        ["on", "/real/missing", "", "missing"],
        ["on", "/real/dangling", "", "missing"],
        ["if_not_owner", "/current/link", "", "file"],
        ["if_not_owner", "/real/sublink/b", "", "file"],
      ];
    for (const [symlinks, path, trusted, kind] of rows) {
      for (const maxBodyBytes of [0, 1024]) {
        const cache = new FileCache({ symlinks, maxBodyBytes });
        const entry = cache.lookup(
          contained(folder + path),
          trusted === "" ? 0 : (folder + trusted).length,
        );
        assertEquals(entry.kind, kind, `${symlinks} ${path} from ${trusted}`);
        cache.clear();
      }
    }
  });
});

Deno.test("disable_symlinks: what is trusted is part of the question", () => {
  withTree((folder) => {
    const cache = new FileCache({ symlinks: "on" });
    const path = `${folder}/current/a`;
    assertEquals(cache.lookup(contained(path)).kind, "forbidden");
    assertEquals(
      cache.lookup(contained(path), `${folder}/current`.length).kind,
      "file",
    );
    assertEquals(cache.lookup(contained(path)).kind, "forbidden");
    assertEquals(cache.size, 2);
    cache.clear();
  });
});

Deno.test("disable_symlinks: a link that takes a file's place is seen", () => {
  withTree((folder) => {
    const cache = new FileCache({ symlinks: "on", validMs: 0 });
    const path = `${folder}/real/a`;
    assertEquals(cache.lookup(contained(path)).kind, "file");
    Deno.renameSync(path, `${folder}/real/c`);
    Deno.symlinkSync("c", path);
    assertEquals(cache.lookup(contained(path)).kind, "forbidden");
    cache.clear();
  });
});

Deno.test("checkSymlinks: the open file must be the one the path leads to", () => {
  withTree((folder) => {
    const path = `${folder}/real/a`;
    const other = identityOf(Deno.statSync(`${folder}/real/sub/b`));
    let message = "";
    try {
      checkSymlinks(path, 0, "on", other);
    } catch (error) {
      message = (error as Error).message;
    }
    assertEquals(message, `"${path}" changes while it is opened`);
  });
});
