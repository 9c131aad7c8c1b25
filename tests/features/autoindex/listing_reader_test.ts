import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HttpError } from "../../../src/http/errors.ts";
import { parseListingQuery } from "../../../src/features/autoindex/listing_query.ts";
import {
  LISTING_MEMORY,
  readListing,
} from "../../../src/features/autoindex/listing_reader.ts";
import { contained } from "../../support/contained.ts";

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
    const listing = await readListing(contained(path));
    const { entries, total } = listing;
    listener.close();
    assertEquals([total.folders, total.files, total.bytes], [2, 5, 10]);
    listing.release();
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

Deno.test("readListing() reads a folder once at a time, for all who wait", async () => {
  await withFolder(async (path) => {
    Deno.writeTextFileSync(`${path}a`, "");
    const [first, second] = await Promise.all([
      readListing(contained(path)),
      readListing(contained(path)),
    ]);
    assertStrictEquals(first, second);
    assertEquals(first.entries.length, 1);
    const held = LISTING_MEMORY.bytes;
    assert(held > 0);
    first.release();
    assertEquals(LISTING_MEMORY.bytes, held);
    second.release();
    assertEquals(LISTING_MEMORY.bytes, 0);
    Deno.writeTextFileSync(`${path}b`, "");
    const third = await readListing(contained(path));
    assertEquals(third.entries.length, 2);
    third.release();
  });
});

Deno.test("readListing() shows what was made before it was asked for", async () => {
  await withFolder(async (path) => {
    for (let i = 0; i < 200; i++) Deno.writeTextFileSync(`${path}a${i}`, "");
    const early = readListing(contained(path));
    // It has begun, and is not done.
    await Promise.resolve();
    await Promise.resolve();
    Deno.writeTextFileSync(`${path}b`, "");
    const late = [readListing(contained(path)), readListing(contained(path))];
    const listings = await Promise.all([early, ...late]);
    const names = listings.map(({ entries }) =>
      entries.map(({ name }) => name)
    );
    assert(names[1]!.includes("b"));
    assertStrictEquals(listings[1], listings[2]);
    for (const listing of listings) listing.release();
    assertEquals(LISTING_MEMORY.bytes, 0);
  });
});

Deno.test("Listing sorts once for each order that is asked for", async () => {
  await withFolder(async (path) => {
    for (const name of ["b10", "b9", "a"]) {
      Deno.writeTextFileSync(path + name, "");
    }
    const listing = await readListing(contained(path));
    const asked = parseListingQuery("C=N&O=D");
    const [one, two] = await Promise.all([
      listing.inOrder(asked),
      listing.inOrder(asked),
    ]);
    assertStrictEquals(one, two);
    assertEquals(one.map(({ name }) => name), ["b10", "b9", "a"]);
    listing.release();
    assertEquals(LISTING_MEMORY.bytes, 0);
  });
});

Deno.test("readListing() takes no more memory than there is for listings", async () => {
  const { budget } = LISTING_MEMORY;
  await withFolder(async (path) => {
    for (let i = 0; i < 20; i++) Deno.writeTextFileSync(`${path}${i}`, "");
    const listing = await readListing(contained(path));
    const needed = LISTING_MEMORY.bytes;
    try {
      LISTING_MEMORY.budget = needed + 10;
      const error = await assertRejects(
        () => readListing(contained(path)),
        HttpError,
      );
      assertEquals((error as HttpError).status, 503);
      assertEquals(LISTING_MEMORY.bytes, needed);
      assertThrows(() => listing.inOrder(parseListingQuery("")), HttpError);
      listing.release();
      (await readListing(contained(path))).release();
      assertEquals(LISTING_MEMORY.bytes, 0);
    } finally {
      LISTING_MEMORY.budget = budget;
    }
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
