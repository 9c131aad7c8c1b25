import { assertEquals, assertThrows } from "@std/assert";
import { FileBody } from "../../../src/files/body/file_body.ts";
import { PartCache } from "../../../src/files/body/part_cache.ts";
import { drain, type OpenedFile, withOpenedFile } from "../file_support.ts";

const SIZE = 100_000;

/** A file that was changed long ago, and its body. */
function withBody(
  test: (parts: OpenedFile & { readonly body: FileBody }) => void,
): void {
  withOpenedFile(SIZE, (file) => {
    const memory = { chunks: file.pool, parts: new PartCache() };
    test({ ...file, body: new FileBody(file.entry, memory) });
  });
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

/** How much may be sent between two looks, in bytes. */
const LOOK_AFTER = 8 * 1024 * 1024;

Deno.test("FileBody.reader() looks at what is sent by its descriptor", () => {
  const cases: [name: string, counts: number[], fails: boolean][] = [
    ["a piece", [1], false],
    ["as much as goes unseen", [LOOK_AFTER / 2, LOOK_AFTER / 2 - 1], false],
    ["more than that", [LOOK_AFTER / 2, LOOK_AFTER / 2], true],
    ["all at once", [LOOK_AFTER], true],
    ["the end of the file", [1, 0], true],
  ];
  for (const [name, counts, fails] of cases) {
    withBody(({ path, body }) => {
      const reader = body.reader();
      Deno.writeFileSync(path, new Uint8Array(SIZE + 1));
      Deno.utimeSync(path, 1, 1);
      for (const count of counts.slice(0, -1)) reader.taken(count);
      const take = () => reader.taken(counts.at(-1)!);
      if (fails) assertThrows(take, Error, "changed while it was sent", name);
      else take();
      assertThrows(() => reader.check(), Error, "changed", name);
      reader.close();
    });
  }
});

Deno.test("FileBody.reader() counts anew after each look", () => {
  withBody(({ path, body }) => {
    const reader = body.reader();
    reader.taken(LOOK_AFTER);
    Deno.writeFileSync(path, new Uint8Array(SIZE + 1));
    reader.taken(LOOK_AFTER - 1);
    assertThrows(() => reader.taken(1), Error, "changed while it was sent");
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
