import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  FileCache,
  newFileMemory,
} from "../../../src/files/cache/file_cache.ts";
import type { FileCacheOptions } from "../../../src/files/cache/file_cache_options.ts";
import { BODY_HEADROOM_BYTES } from "../../../src/files/cache/file_loader.ts";
import type { FileEntry } from "../../../src/files/cache/file_entry.ts";
import { contained } from "../../support/contained.ts";

/** A cache over an empty temporary folder, which is removed. */
async function withFolder(
  options: Partial<FileCacheOptions>,
  test: (folder: string, cache: FileCache) => void | Promise<void>,
): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const cache = new FileCache(options);
  try {
    await test(folder, cache);
  } finally {
    cache.clear();
    Deno.removeSync(folder, { recursive: true });
  }
}

function contentOf(entry: FileEntry): string {
  return new TextDecoder().decode(entry.body);
}

/** Writes, with a time of long ago, so that times say what changed. */
function write(path: string, text: string, second = 1_000_000): void {
  Deno.writeTextFileSync(path, text);
  Deno.utimeSync(path, second, second);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("FileCache tells what is at a path", async () => {
  await withFolder({ maxBodyBytes: 10 }, async (folder, cache) => {
    write(`${folder}/small`, "small");
    write(`${folder}/empty`, "");
    write(`${folder}/large`, "larger than ten bytes");
    Deno.mkdirSync(`${folder}/dir`);
    Deno.symlinkSync("small", `${folder}/link`);
    Deno.symlinkSync("nowhere", `${folder}/dangling`);
    Deno.symlinkSync("loop", `${folder}/loop`);
    const rows: [string, string][] = [
      ["small", "file"],
      ["empty", "file"],
      ["large", "file"],
      ["dir", "directory"],
      ["dir/", "directory"],
      ["link", "file"],
      ["missing", "missing"],
      ["missing/deep", "missing"],
      ["small/deep", "missing"],
      ["dangling", "missing"],
      ["loop", "forbidden"],
      ["x".repeat(300), "missing"],
      ["y/".repeat(3000), "missing"],
    ];
    for (const [name, kind] of rows) {
      assertEquals(
        cache.lookup(contained(`${folder}/${name}`)).kind,
        kind,
        name,
      );
    }
    const small = cache.lookup(contained(`${folder}/small`));
    assertEquals([contentOf(small), small.size], ["small", 5]);
    assertEquals(small.mtimeMs, 1_000_000_000);
    const large = cache.lookup(contained(`${folder}/large`));
    assertEquals([large.body, large.open, large.size], [undefined, true, 21]);
    assertEquals(cache.lookup(contained(`${folder}/empty`)).body?.length, 0);
    const fifo = new Deno.Command("mkfifo", { args: [`${folder}/fifo`] });
    if ((await fifo.output()).success) {
      assertEquals(cache.lookup(contained(`${folder}/fifo`)).kind, "special");
    }
    assertEquals(cache.lookup(contained("/dev/null")).kind, "special");
    // What root makes is root's, and root may read everything.
    if (Deno.statSync(folder).uid !== 0) {
      Deno.chmodSync(`${folder}/small`, 0);
      cache.clear();
      assertEquals(
        cache.lookup(contained(`${folder}/small`)).kind,
        "forbidden",
      );
    }
  });
});

Deno.test("FileCache trusts an entry while it is valid", async () => {
  await withFolder({ validMs: 60_000 }, (folder, cache) => {
    write(`${folder}/a`, "old");
    const first = cache.lookup(contained(`${folder}/a`));
    write(`${folder}/a`, "new!", 2_000_000);
    assertStrictEquals(cache.lookup(contained(`${folder}/a`)), first);
    assertEquals(cache.counters, { hits: 1, revalidations: 0, misses: 1 });
  });
});

Deno.test("FileCache sees each change when it checks", async () => {
  const changes: [string, (path: string) => void, string][] = [
    ["replaced", (path) => {
      write(`${path}.new`, "other");
      Deno.renameSync(`${path}.new`, path);
    }, "other"],
    ["truncated", (path) => Deno.truncateSync(path, 2), "fi"],
    ["emptied", (path) => Deno.truncateSync(path, 0), ""],
    ["longer", (path) => {
      Deno.writeTextFileSync(path, "more", { append: true });
    }, "firstmore"],
    ["rewritten in place", (path) => write(path, "FIRST"), "FIRST"],
    ["rewritten with another time", (path) => write(path, "FIRST", 5), "FIRST"],
  ];
  for (const [name, change, content] of changes) {
    await withFolder({ validMs: 0 }, async (folder, cache) => {
      write(`${folder}/a`, "first");
      assertEquals(
        contentOf(cache.lookup(contained(`${folder}/a`))),
        "first",
        name,
      );
      await pause(5);
      change(`${folder}/a`);
      const changed = cache.lookup(contained(`${folder}/a`));
      assertEquals([contentOf(changed), changed.size], [
        content,
        content.length,
      ], name);
    });
  }
});

Deno.test("FileCache sees a second write right after the first", async () => {
  await withFolder({ validMs: 0 }, (folder, cache) => {
    for (let i = 0; i < 50; i++) {
      const text = String(i).padStart(3, "0");
      Deno.writeTextFileSync(`${folder}/a`, text);
      assertEquals(contentOf(cache.lookup(contained(`${folder}/a`))), text);
    }
  });
});

Deno.test("FileCache reads a file that is appended to all the time", async () => {
  const options = { validMs: 0, maxBodyBytes: 1e9, bodyBudgetBytes: 1e9 };
  await withFolder(options, async (folder, cache) => {
    const path = `${folder}/log`;
    const line = "a line of it\n";
    Deno.writeTextFileSync(path, line.repeat(50_000));
    const program =
      `for (;;) Deno.writeTextFileSync(${JSON.stringify(path)}, ` +
      `${JSON.stringify(line)}, { append: true });`;
    const appender = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", program],
      stdin: "null",
    }).spawn();
    try {
      const before = Deno.statSync(path).size;
      while (Deno.statSync(path).size === before) await pause(5);
      const end = performance.now() + 1000;
      while (performance.now() < end) {
        const entry = cache.lookup(contained(path));
        assertEquals(entry.kind, "file");
        const text = contentOf(entry)!;
        assertEquals(text.length, entry.size);
        // A write that ends beyond a page of the disk is seen in two steps.
        const whole = line.repeat(Math.ceil(text.length / line.length));
        assert(whole.startsWith(text));
      }
    } finally {
      appender.kill("SIGKILL");
      await appender.status;
    }
  });
});

Deno.test("FileCache sees what comes, goes and becomes something else", async () => {
  await withFolder({ validMs: 0 }, (folder, cache) => {
    const path = `${folder}/a`;
    const kind = () => cache.lookup(contained(path)).kind;
    assertEquals(kind(), "missing");
    write(path, "x");
    assertEquals(kind(), "file");
    Deno.removeSync(path);
    assertEquals(kind(), "missing");
    Deno.mkdirSync(path);
    assertEquals(kind(), "directory");
    Deno.removeSync(path);
    assertEquals([kind(), cache.size, cache.bodyBytes], ["missing", 0, 0]);
  });
});

Deno.test("FileCache revalidates what has not changed", async () => {
  await withFolder({ validMs: 0 }, async (folder, cache) => {
    write(`${folder}/a`, "same");
    await pause(1100);
    const first = cache.lookup(contained(`${folder}/a`));
    for (let i = 0; i < 5; i++) {
      assertStrictEquals(cache.lookup(contained(`${folder}/a`)), first);
    }
    assertEquals(cache.counters, { hits: 0, revalidations: 5, misses: 1 });
  });
});

Deno.test("FileCache forgets soon that nothing was there", async () => {
  const options = { validMs: 60_000, errorValidMs: 20 };
  await withFolder(options, async (folder, cache) => {
    for (let i = 0; i < 2; i++) {
      assertEquals(cache.lookup(contained(`${folder}/a`)).kind, "missing");
    }
    write(`${folder}/a`, "x");
    assertEquals(cache.lookup(contained(`${folder}/a`)).kind, "missing");
    await pause(30);
    assertEquals(cache.lookup(contained(`${folder}/a`)).kind, "file");
  });
});

/** What 100 bytes take in memory. */
const BODY_BYTES = 100 + BODY_HEADROOM_BYTES;

Deno.test("FileCache holds to its limits and drops the oldest", async () => {
  const rows: [Partial<FileCacheOptions>, number][] = [
    [{ maxEntries: 3 }, 3],
    [{ bodyBudgetBytes: 3 * BODY_BYTES + 50 }, 3],
    [{ maxBodyBytes: 10, maxHandles: 3 }, 3],
    [{ bodyBudgetBytes: 1 }, 1], // the newest is always there
  ];
  for (const [options, kept] of rows) {
    await withFolder(options, (folder, cache) => {
      const entries = Array.from({ length: 10 }, (_, i) => {
        write(`${folder}/${i}`, "x".repeat(100));
        return cache.lookup(contained(`${folder}/${i}`));
      });
      const label = JSON.stringify(options);
      assertEquals(cache.size, kept, label);
      if (options.maxBodyBytes === undefined) {
        assertEquals(cache.bodyBytes, kept * BODY_BYTES, label);
      } else {
        assertEquals(cache.handles, kept, label);
        assertEquals(
          entries.map(({ open }) => open),
          entries.map((_, i) => i >= 10 - kept),
        );
      }
      const { misses } = cache.counters;
      assertStrictEquals(cache.lookup(contained(`${folder}/9`)), entries[9]);
      assertEquals(cache.counters.misses, misses);
      cache.lookup(contained(`${folder}/0`));
      assertEquals(cache.counters.misses, misses + 1);
    });
  }
});

Deno.test("FileCache: what is asked for again stays longer", async () => {
  await withFolder({ maxEntries: 4 }, (folder, cache) => {
    for (let i = 0; i < 20; i++) write(`${folder}/${i}`, "x");
    const hot = cache.lookup(contained(`${folder}/0`));
    for (let i = 1; i < 20; i++) {
      cache.lookup(contained(`${folder}/${i}`));
      assertStrictEquals(cache.lookup(contained(`${folder}/0`)), hot, `${i}`);
    }
    assertEquals(cache.size, 4);
  });
});

Deno.test("FileCache: missing paths cost little memory and push out no file", () => {
  const memory = newFileMemory();
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const cache = new FileCache({ maxEntries: 10, validMs: 60_000 }, memory);
  try {
    write(`${folder}/file`, "x");
    const file = cache.lookup(contained(`${folder}/file`));
    const names = memory.stock.held.names;
    const kinds = [
      (i: number) => `${i}`,
      (i: number) => `${i}/index.html`,
      (i: number) => `€${i}`,
      (i: number) => `${i}${"x".repeat(240)}`,
      (i: number) => `${i}/${"y".repeat(500)}`,
      (i: number) => `${i}/${"€".repeat(2000)}`,
      (i: number) => `${i}/${"z/".repeat(4000)}`,
      (i: number) => `file/${i}`,
    ];
    for (const nameOf of kinds) {
      for (let i = 0; i < 2000; i++) {
        const entry = cache.lookup(contained(`${folder}/${nameOf(i)}`));
        assertEquals(entry.kind, "missing");
      }
      assert(memory.absent.bytes <= memory.absent.budget);
      assertEquals(memory.stock.held.names, names);
    }
    const { hits } = cache.counters;
    assertStrictEquals(cache.lookup(contained(`${folder}/file`)), file);
    assertEquals(cache.counters.hits, hits + 1);
    cache.sweep(performance.now() + 61_000);
    assertEquals(memory.absent.bytes, 0, "they matter for a moment only");
  } finally {
    cache.clear();
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("FileCache remembers a missing path for its time", async () => {
  await withFolder({ validMs: 60_000 }, (folder, cache) => {
    const path = contained(`${folder}/missing`);
    // Most are asked for once.
    cache.lookup(path, 0, 999);
    assertEquals(cache.size, 0);
    const first = cache.lookup(path, 0, 1000);
    assertStrictEquals(cache.lookup(path, 0, 1099), first);
    assertEquals(cache.counters, { hits: 1, revalidations: 0, misses: 2 });
    assert(cache.lookup(path, 0, 1100) !== first);
    write(`${folder}/missing`, "x");
    assertEquals(cache.lookup(path, 0, 1201).kind, "file");
    assertEquals(cache.size, 1);
  });
});

Deno.test("FileCache serves a path that is too long to be kept", async () => {
  await withFolder({ maxBodyBytes: 10 }, (folder, cache) => {
    const deep = `${folder}/${`${"d".repeat(200)}/`.repeat(6)}`;
    Deno.mkdirSync(deep, { recursive: true });
    write(`${deep}small`, "small");
    write(`${deep}large`, "larger than ten bytes");
    const small = cache.lookup(contained(`${deep}small`));
    assertEquals([small.kind, contentOf(small)], ["file", "small"]);
    const large = cache.lookup(contained(`${deep}large`));
    assertEquals([large.kind, large.open], ["file", false]);
    const target = new Uint8Array(21);
    assertEquals(large.acquire().read(target, 0), 21);
    large.release();
    assertEquals([large.open, cache.size, cache.handles], [false, 0, 0]);
  });
});

Deno.test("FileCache.sweep() lets go of a deleted file that nobody asks for", async () => {
  await withFolder(
    { maxBodyBytes: 1, validMs: 60_000 },
    (folder, cache) => {
      for (const name of ["deleted", "replaced", "kept"]) {
        write(`${folder}/${name}`, "large");
      }
      const [deleted, replaced, kept] = ["deleted", "replaced", "kept"].map(
        (name) => cache.lookup(contained(`${folder}/${name}`)),
      );
      Deno.removeSync(`${folder}/deleted`);
      write(`${folder}/new`, "other");
      Deno.renameSync(`${folder}/new`, `${folder}/replaced`);
      assertEquals(cache.handles, 3);
      replaced!.acquire();
      cache.sweep();
      assertEquals([deleted!.open, kept!.open, cache.handles], [
        false,
        true,
        1,
      ]);
      assert(replaced!.open, "somebody is still being sent it");
      replaced!.release();
      assert(!replaced!.open);
    },
  );
});

Deno.test("FileCache: caches with other options share their memory", () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const memory = newFileMemory();
  const bodyBudgetBytes = 5 * BODY_BYTES;
  const caches = [1, 2, 3, 4].map((minUses) =>
    new FileCache({ bodyBudgetBytes, minUses }, memory)
  );
  try {
    for (let i = 0; i < 20; i++) write(`${folder}/${i}`, "x".repeat(100));
    for (let i = 0; i < 20; i++) {
      for (const cache of caches) {
        const entry = cache.lookup(contained(`${folder}/${i}`));
        assertEquals(entry.body?.length, 100);
        assert(memory.stock.held.bodies <= bodyBudgetBytes);
      }
    }
    const held = caches.map(({ bodyBytes }) => bodyBytes / BODY_BYTES);
    assertEquals(held.reduce((a, b) => a + b), 5);
    assert(held.every((bodies) => bodies <= 2), "who has most gives first");
    for (const cache of caches) cache.clear();
    const { entries, names, bodies, handles } = memory.stock.held;
    assertEquals([entries, names, bodies, handles], [0, 0, 0, 0]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("FileCache: names count with what they take", () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const memory = newFileMemory();
  const cache = new FileCache({ maxEntries: 20 }, memory);
  try {
    for (let i = 0; i < 40; i++) {
      // Two bytes for each of 800 characters.
      const name = `${"€".repeat(80)}/`.repeat(10) + i;
      Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
      assertEquals(
        cache.lookup(contained(`${folder}/${name}`)).kind,
        "directory",
      );
      const { names } = memory.stock.held;
      assert(names <= memory.stock.limits.names);
      assert(names > cache.size * 1600);
    }
    assert(cache.size < 25);
  } finally {
    cache.clear();
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("FileCache.clear() closes what nobody uses", async () => {
  await withFolder({ maxBodyBytes: 1 }, (folder, cache) => {
    write(`${folder}/a`, "large");
    write(`${folder}/b`, "large");
    const [a, b] = [
      cache.lookup(contained(`${folder}/a`)),
      cache.lookup(contained(`${folder}/b`)),
    ];
    a.acquire();
    cache.clear();
    assertEquals([cache.size, cache.handles], [0, 0]);
    assertEquals([a.open, b.open], [true, false]);
    a.release();
    assert(!a.open);
  });
});

Deno.test("FileEntry keeps what was derived for each owner", async () => {
  await withFolder({}, (folder, cache) => {
    write(`${folder}/a`, "x");
    const entry = cache.lookup(contained(`${folder}/a`));
    const [one, two, three] = [{}, {}, {}];
    assert(entry.underived);
    entry.setDerived(one, 1);
    entry.setDerived(two, 2);
    entry.setDerived(one, 3);
    assertEquals(
      [one, two, three].map((owner) => entry.derivedFor(owner)),
      [3, 2, undefined],
    );
    entry.retire();
    assertEquals(entry.derivedFor(one), undefined);
  });
});
