import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  FileCache,
  type FileCacheOptions,
} from "../../src/files/file_cache.ts";
import type { FileEntry } from "../../src/files/file_entry.ts";
import { contained } from "../support/contained.ts";

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
        assert(text.startsWith(line) && text.endsWith(line));
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
    assertEquals([kind(), cache.size, cache.bodyBytes], ["missing", 1, 0]);
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
    assertEquals(cache.lookup(contained(`${folder}/a`)).kind, "missing");
    write(`${folder}/a`, "x");
    assertEquals(cache.lookup(contained(`${folder}/a`)).kind, "missing");
    await pause(30);
    assertEquals(cache.lookup(contained(`${folder}/a`)).kind, "file");
  });
});

Deno.test("FileCache holds to its limits and drops the oldest", async () => {
  const rows: [Partial<FileCacheOptions>, number][] = [
    [{ maxEntries: 3 }, 3],
    [{ bodyBudgetBytes: 350 }, 3],
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
        assertEquals(cache.bodyBytes, kept * 100, label);
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
