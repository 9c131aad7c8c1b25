import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  FileSource,
  type SourceMemory,
} from "../../../src/files/body/file_source.ts";
import { PartCache } from "../../../src/files/body/part_cache.ts";
import { concat } from "../../support/latin1.ts";
import { drain, type OpenedFile, withOpenedFile } from "../file_support.ts";
import { contained } from "../../support/contained.ts";

/** A file of `size` bytes, and sources of parts of it. */
function withFile(
  size: number,
  test: (
    parts: OpenedFile & {
      readonly memory: SourceMemory;
      readonly source: (start: number, end: number) => FileSource;
    },
  ) => void,
): void {
  withOpenedFile(size, (file) => {
    const memory = { chunks: file.pool, parts: new PartCache(0) };
    const source = (start: number, end: number) =>
      new FileSource(file.entry, start, end, memory);
    test({ ...file, memory, source });
  });
}

Deno.test("FileSource sends exactly its range", () => {
  const size = 200_000;
  const rows: [number, number][] = [
    [0, size],
    [0, 0],
    [0, 1],
    [size - 1, size],
    [65_535, 65_537],
    [100, 150_000],
  ];
  withFile(size, ({ content, source }) => {
    for (const [start, end] of rows) {
      const body = source(start, end);
      assertEquals(body.length, end - start);
      assertEquals(drain(body), content.subarray(start, end), `${start}`);
    }
  });
});

Deno.test("FileSource keeps streams of one file apart", () => {
  withFile(200_000, ({ content, source, pool }) => {
    const [a, b] = [source(0, 150_000), source(50_000, 200_000)];
    assertEquals(pool.streams, 2);
    const pieces: [Uint8Array[], Uint8Array[]] = [[], []];
    for (let left = 2; left > 0;) {
      left = 0;
      for (const [i, source] of [a, b].entries()) {
        const piece = source.pull();
        if (piece === undefined) continue;
        pieces[i]!.push(piece.slice());
        left++;
      }
    }
    a.close();
    b.close();
    assertEquals(concat(pieces[0]), content.subarray(0, 150_000));
    assertEquals(concat(pieces[1]), content.subarray(50_000));
  });
});

Deno.test("FileSource.close() can be called at any time, and again", () => {
  withFile(200_000, ({ source, cache }) => {
    const body = source(0, 200_000);
    body.pull();
    cache.clear();
    assertEquals(body.pull()?.length, 65_536, "open until it is sent");
    body.close();
    body.close();
  });
});

/** Changes bytes that nobody compares, and so the time of the file. */
function writeInMiddle(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(100_000, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(9));
}

/** What happens to a file of 200,000 bytes while it is sent. */
const CHANGES: [string, (path: string) => void, kept: boolean][] = [
  ["cut", (path) => Deno.truncateSync(path, 70_000), false],
  ["cut by a byte", (path) => Deno.truncateSync(path, 199_999), false],
  ["emptied", (path) => Deno.truncateSync(path, 0), false],
  [
    "written anew",
    (path) => {
      Deno.writeFileSync(path, new Uint8Array(200_000));
      Deno.utimeSync(path, 1, 1);
    },
    false,
  ],
  [
    "written anew, longer",
    (path) => Deno.writeFileSync(path, new Uint8Array(250_000).fill(7)),
    false,
  ],
  [
    "appended to",
    (path) => Deno.writeFileSync(path, new Uint8Array(5), { append: true }),
    true,
  ],
  ["touched", (path) => Deno.utimeSync(path, 1, 1), true],
  ["written to in the middle", writeInMiddle, false],
  [
    "written anew in its place, with its time given back",
    (path) => {
      const { atime, mtime } = Deno.statSync(path);
      Deno.writeFileSync(path, new Uint8Array(200_000));
      Deno.utimeSync(path, atime!, mtime!);
    },
    false,
  ],
  ["given other rights", (path) => Deno.chmodSync(path, 0o600), true],
  ["removed", (path) => Deno.renameSync(path, `${path}.gone`), true],
];

Deno.test("FileSource sends what was promised, or ends", () => {
  for (const [name, change, kept] of CHANGES) {
    withFile(200_000, ({ path, content, source }) => {
      const body = source(0, 200_000);
      const first = body.pull()!.slice();
      change(path);
      if (kept) {
        assertEquals(concat([first, drain(body)]), content, name);
      } else {
        assertThrows(
          () => body.pull(),
          Error,
          "changed while it was sent",
          name,
        );
        body.close();
      }
      if (name === "removed") Deno.renameSync(`${path}.gone`, path);
    });
  }
});

Deno.test("FileSource sends what was promised before the first piece, too", () => {
  for (const [name, change, kept] of CHANGES) {
    withFile(200_000, ({ path, content, source }) => {
      const body = source(150_000, 200_000);
      change(path);
      if (kept) {
        assertEquals(drain(body), content.subarray(150_000), name);
        // What shows in the status-change time alone may be too soon to tell.
        if (/touched|appended/.test(name)) assert(body.changed, name);
      } else {
        assertThrows(() => body.pull(), Error, "changed while", name);
        body.close();
      }
      if (name === "removed") Deno.renameSync(`${path}.gone`, path);
    });
  }
});

Deno.test("FileSource goes on while a file is appended to all the time", () => {
  withFile(600_000, ({ path, content, source }) => {
    const body = source(0, 600_000);
    const pieces: Uint8Array[] = [];
    for (let piece; (piece = body.pull()) !== undefined;) {
      pieces.push(piece.slice());
      Deno.writeFileSync(path, new Uint8Array(999), { append: true });
    }
    body.close();
    assertEquals(concat(pieces), content);
  });
});

Deno.test("FileSource sends the old version of a replaced file", () => {
  withFile(200_000, ({ path, content, source }) => {
    const body = source(0, 200_000);
    const first = body.pull()!.slice();
    const other = `${path}.new`;
    Deno.writeFileSync(other, new Uint8Array(200_000));
    Deno.renameSync(other, path);
    assertEquals(concat([first, drain(body)]), content);
  });
});

Deno.test("FileSource lends no number of a file that it has let go of", () => {
  withFile(200_000, ({ source }) => {
    const body = source(0, 200_000);
    const { offset, length } = body.lend(1000);
    assertEquals([offset, length], [0, 1000]);
    body.taken(1000);
    assertEquals(body.lend(1e9).length, 199_000);
    body.close();
    assertThrows(() => body.lend(1000), Error, "the file is closed");
  });
});

Deno.test("FileSource has the cache look again at a file that changed", () => {
  withFile(200_000, ({ path, source, cache, memory }) => {
    const body = source(0, 200_000);
    Deno.writeFileSync(path, new Uint8Array(150_000));
    assertThrows(() => body.pull(), Error, "changed while it was sent");
    body.close();
    const entry = cache.lookup(contained(path));
    assertEquals(entry.size, 150_000);
    assertEquals(
      drain(new FileSource(entry, 0, 150_000, memory)).length,
      150_000,
    );
  });
});
