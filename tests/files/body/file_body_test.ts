import { assertEquals, assertThrows } from "@std/assert";
import { MemoryBudget } from "../../../src/bytes/memory_budget.ts";
import { ChunkPool } from "../../../src/files/body/chunk_pool.ts";
import { FileBody } from "../../../src/files/body/file_body.ts";
import { FileCache } from "../../../src/files/cache/file_cache.ts";
import { PartCache } from "../../../src/files/body/part_cache.ts";
import { drain } from "../drain.ts";
import { contained } from "../../support/contained.ts";

const SIZE = 100_000;

/** The body of a file that was changed long ago. */
function withBody(
  test: (
    parts: {
      path: string;
      content: Uint8Array;
      pool: ChunkPool;
      cache: FileCache;
      body: FileBody;
    },
  ) => void,
): void {
  const path = Deno.makeTempFileSync();
  const content = Uint8Array.from({ length: SIZE }, (_, i) => i * 31 % 251);
  Deno.writeFileSync(path, content);
  const cache = new FileCache({ maxBodyBytes: 10 });
  const pool = new ChunkPool(new MemoryBudget(64 * 1024));
  const entry = cache.lookup(contained(path));
  const body = new FileBody(entry, { chunks: pool, parts: new PartCache() });
  test({ path, content, pool, cache, body });
  cache.clear();
  assertEquals(entry.open, false, "closed with its last user");
  assertEquals(pool.streams, 0);
  Deno.removeSync(path);
}

Deno.test("FileBody.open() gives each request a source of its own", () => {
  withBody(({ content, body, pool }) => {
    const [one, two] = [body.open(), body.open()];
    assertEquals(body.length, SIZE);
    assertEquals(pool.streams, 2);
    assertEquals(drain(one), content);
    assertEquals(drain(two), content);
  });
});

Deno.test("FileBody.part() gives a part", () => {
  withBody(({ content, body }) => {
    const parts = [{ start: 0, end: 10 }, { start: SIZE - 10, end: SIZE }];
    const [first, last] = parts.map((range) => drain(body.part(range)));
    assertEquals(first, content.subarray(0, 10));
    assertEquals(last, content.subarray(-10));
  });
});

Deno.test("FileBody.reader() reads at any place, of the promised version", () => {
  withBody(({ path, content, body }) => {
    const reader = body.reader();
    const target = new Uint8Array(7);
    for (const at of [SIZE - 7, 0, 500]) {
      assertEquals(reader.read(target, at), 7);
      assertEquals(target, content.subarray(at, at + 7));
    }
    assertEquals(reader.read(target, SIZE - 2), 2);
    reader.check();
    assertThrows(() => reader.read(target, SIZE), Error, "changed");
    Deno.writeFileSync(path, new Uint8Array(SIZE));
    reader.read(target, 0);
    assertThrows(() => reader.check(), Error, "changed while it was sent");
    reader.close();
    reader.close();
  });
});

Deno.test("FileBody opens a file again that went out of use", () => {
  withBody(({ content, body, cache }) => {
    cache.clear();
    assertEquals(drain(body.open()), content);
    assertEquals(drain(body.open()), content);
  });
});

Deno.test("FileBody opens a file again that was touched or appended to", () => {
  withBody(({ path, content, body, cache }) => {
    cache.clear();
    Deno.utimeSync(path, 1, 1);
    assertEquals(drain(body.open()), content);
    Deno.writeFileSync(path, new Uint8Array(9), { append: true });
    assertEquals(drain(body.open()), content);
  });
});

Deno.test("FileBody opens no other file than it is of", () => {
  withBody(({ path, body, cache }) => {
    cache.clear();
    Deno.truncateSync(path, SIZE - 1);
    assertThrows(() => body.open(), Error, "changed before it was sent");
    Deno.removeSync(path);
    assertThrows(() => body.open(), Error, "ENOENT");
    Deno.writeFileSync(`${path}.other`, new Uint8Array(SIZE));
    Deno.renameSync(`${path}.other`, path);
    assertThrows(() => body.open(), Error, "changed before it was sent");
    Deno.removeSync(path);
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    assertThrows(() => body.open(), Error, "changed before it was sent");
    Deno.removeSync(path);
    Deno.writeTextFileSync(path, "");
  });
});
