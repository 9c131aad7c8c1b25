import { assertEquals } from "@std/assert";
import { FileCache } from "../../../src/files/cache/file_cache.ts";
import { firstBytes } from "../../../src/files/body/first_bytes.ts";
import { contained } from "../../support/contained.ts";

Deno.test("firstBytes() reads the beginning of a file, in memory or not", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, "0123456789");
  for (const maxBodyBytes of [100, 0]) {
    const cache = new FileCache({ maxBodyBytes });
    const entry = cache.lookup(contained(path));
    assertEquals(entry.body === undefined, maxBodyBytes === 0);
    for (const [count, text] of [[4, "0123"], [10, "0123456789"]] as const) {
      // Twice, because a handle remembers where it was.
      for (let times = 0; times < 2; times++) {
        const bytes = firstBytes(entry, count);
        assertEquals(new TextDecoder().decode(bytes), text);
      }
    }
    assertEquals(firstBytes(entry, 100)?.length, 10);
    cache.clear();
  }
  Deno.removeSync(path);
});

Deno.test("firstBytes() says nothing of a file that has gone", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, "0123456789");
  const cache = new FileCache({ maxBodyBytes: 0 });
  const entry = cache.lookup(contained(path));
  cache.clear();
  Deno.removeSync(path);
  assertEquals(firstBytes(entry, 4), undefined);
});
