import { assert, assertEquals } from "@std/assert";
import { Exchanger } from "../../support/exchanger.ts";
import { FileCache } from "../../../src/files/cache/file_cache.ts";
import type { SymlinkPolicy } from "../../../src/files/cache/symlinks.ts";
import { checkSymlinks } from "../../../src/files/cache/symlinks.ts";
import { identityOf } from "../../../src/files/cache/file_identity.ts";
import { contained } from "../../support/contained.ts";

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

/** How long somebody may try to get at what is not theirs, in ms. */
const ATTACK_MS = 1500;

const LINUX = Deno.build.os === "linux";

/** Whether files made here are root's. */
function isRoot(): boolean {
  const file = Deno.makeTempFileSync();
  try {
    return Deno.statSync(file).uid === 0;
  } finally {
    Deno.removeSync(file);
  }
}

/** What `path` was seen to be, again and again, by a cache that knows nothing. */
function seenAt(
  path: string,
  trusted: string,
  symlinks: SymlinkPolicy,
): Set<string> {
  const seen = new Set<string>();
  const end = performance.now() + ATTACK_MS;
  while (performance.now() < end) {
    const cache = new FileCache({ symlinks, maxBodyBytes: 64 });
    const { kind, body } = cache.lookup(contained(path), trusted.length);
    seen.add(body === undefined ? kind : new TextDecoder().decode(body));
    cache.clear();
  }
  // Linux may find neither of two names that are exchanged just then.
  seen.delete("missing");
  return seen;
}

/** A user's folder, and secrets beside it that have the same names. */
async function withSecrets(
  test: (user: string, secret: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const [user, secret] = [`${folder}/user`, `${folder}/secret`];
  try {
    for (const [place, text] of [[user, "mine"], [secret, "secret"]] as const) {
      Deno.mkdirSync(`${place}/deep`, { recursive: true });
      Deno.writeTextFileSync(`${place}/deep/file`, text);
    }
    await test(user, secret);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const what of ["folder", "file"]) {
  Deno.test({
    name: `disable_symlinks: a link exchanged with a ${what} all the time`,
    ignore: !LINUX,
    fn: () =>
      withSecrets(async (user, secret) => {
        const name = what === "folder" ? "deep" : "deep/file";
        Deno.symlinkSync(`${secret}/${name}`, `${user}/link`);
        await using _exchanger = await Exchanger.start(
          `${user}/${name}`,
          `${user}/link`,
        );
        const seen = seenAt(`${user}/deep/file`, user, "on");
        assertEquals(seen.difference(new Set(["forbidden", "mine"])).size, 0);
      }),
  });
}

Deno.test({
  name: "disable_symlinks if_not_owner: a link that is exchanged all the time",
  // Only root can give files away.
  ignore: !LINUX || !isRoot(),
  fn: () =>
    withSecrets(async (user, secret) => {
      const nobody = 65_534;
      Deno.symlinkSync(`${secret}/deep`, `${user}/link`);
      Deno.chownSync(`${user}/deep`, nobody, nobody);
      Deno.chownSync(`${user}/deep/file`, nobody, nobody);
      // A link cannot be given away by its name here; what it leads to can.
      Deno.chownSync(`${secret}/deep`, nobody, nobody);
      await using _exchanger = await Exchanger.start(
        `${user}/deep`,
        `${user}/link`,
      );
      const seen = seenAt(`${user}/deep/file`, user, "if_not_owner");
      assertEquals(seen.difference(new Set(["forbidden", "mine"])).size, 0);
    }),
});

Deno.test({
  name: "a FIFO that takes a file's place makes nobody wait",
  ignore: !LINUX,
  fn: () =>
    withSecrets(async (user) => {
      const path = `${user}/deep/file`;
      new Deno.Command("mkfifo", { args: [`${user}/fifo`] }).outputSync();
      await using _exchanger = await Exchanger.start(path, `${user}/fifo`);
      for (const policy of ["off", "on"] as const) {
        const seen = seenAt(path, user, policy);
        seen.delete("forbidden");
        assertEquals(seen.difference(new Set(["mine", "special"])).size, 0);
        assert(seen.size > 0, policy);
      }
    }),
});

Deno.test("disable_symlinks: a path of too many parts proves nothing", () => {
  withTree((folder) => {
    const path = folder + "/real".repeat(65);
    let message = "";
    try {
      checkSymlinks(path, 0, "on", identityOf(Deno.statSync(folder)));
    } catch (error) {
      message = (error as Error).message;
    }
    assertEquals(message, `"${path}" has too many parts`);
  });
});
