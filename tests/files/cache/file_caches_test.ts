import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { FileCaches } from "../../../src/files/cache/file_caches.ts";
import { BODY_HEADROOM_BYTES } from "../../../src/files/cache/file_loader.ts";
import { contained } from "../../support/contained.ts";

Deno.test("FileCaches: the same options are the same cache", () => {
  const caches = new FileCaches();
  assertStrictEquals(caches.of(), caches.of({}));
  assertStrictEquals(caches.of({ validMs: 5 }), caches.of({ validMs: 5 }));
  assert(caches.of({ validMs: 5 }) !== caches.of());
  assert(caches.of({ symlinks: "on" }) !== caches.of());
});

Deno.test("FileCaches: counts what all of them did", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "content");
    Deno.utimeSync(path, 1_000_000, 1_000_000);
    const caches = new FileCaches();
    const [one, two] = [caches.of(), caches.of({ maxBodyBytes: 0 })];
    one.lookup(contained(path));
    one.lookup(contained(path));
    two.lookup(contained(path));
    two.lookup(contained(`${path}.missing`));
    assertEquals(caches.counters, { hits: 1, revalidations: 0, misses: 3 });
    assertEquals(caches.size, 2);
    assertEquals(caches.bodies.bytes, BODY_HEADROOM_BYTES + "content".length);
    assertEquals(caches.handles, 1);
    caches.clear();
    assertEquals(
      [caches.size, caches.bodies.bytes, caches.names.bytes, caches.handles],
      [0, 0, 0, 0],
    );
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("FileCache: min_uses, inactive, errors", async () => {
  const folder = Deno.makeTempDirSync();
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
  try {
    Deno.writeTextFileSync(`${folder}/a`, "1");
    Deno.utimeSync(`${folder}/a`, 1_000_000, 1_000_000);
    const caches = new FileCaches();

    const twice = caches.of({ minUses: 3, validMs: 60_000 });
    for (let i = 0; i < 5; i++) twice.lookup(contained(`${folder}/a`));
    assertEquals(twice.counters.hits, 2);

    const shortLived = caches.of({ inactiveMs: 20, validMs: 1 });
    shortLived.lookup(contained(`${folder}/a`));
    shortLived.sweep();
    assertEquals(shortLived.size, 1);
    await pause(40);
    shortLived.sweep();
    assertEquals(shortLived.size, 0);

    const forgetful = caches.of({ errorValidMs: 0, validMs: 60_000 });
    forgetful.lookup(contained(`${folder}/new`));
    Deno.writeTextFileSync(`${folder}/new`, "there");
    assertEquals(forgetful.lookup(contained(`${folder}/new`)).kind, "file");

    const stubborn = caches.of({ errorValidMs: 60_000, validMs: 60_000 });
    stubborn.lookup(contained(`${folder}/later`));
    Deno.writeTextFileSync(`${folder}/later`, "there");
    assertEquals(stubborn.lookup(contained(`${folder}/later`)).kind, "missing");
    caches.clear();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("FileCache: a release that is switched by a link is seen whole", () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    for (const release of ["one", "two"]) {
      Deno.mkdirSync(`${folder}/${release}`);
      for (const name of ["a", "b"]) {
        const path = `${folder}/${release}/${name}`;
        // The same size and time: only the inode tells them apart.
        Deno.writeTextFileSync(path, release);
        Deno.utimeSync(path, 1_000_000, 1_000_000);
      }
    }
    const text = (path: string) =>
      new TextDecoder().decode(cache.lookup(contained(path)).body);
    const cache = new FileCaches().of({ validMs: 0 });
    Deno.symlinkSync("one", `${folder}/current`);
    assertEquals(text(`${folder}/current/a`), "one");
    assertEquals(text(`${folder}/current/b`), "one");
    Deno.symlinkSync("two", `${folder}/next`);
    Deno.renameSync(`${folder}/next`, `${folder}/current`);
    assertEquals(text(`${folder}/current/a`), "two");
    assertEquals(text(`${folder}/current/b`), "two");
    cache.clear();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
