import { FileCache } from "../../src/files/cache/file_cache.ts";
import { contained } from "../../tests/support/contained.ts";

const folder = Deno.makeTempDirSync({ dir: "/tmp" });
const path = `${folder}/1k.html`;
Deno.writeFileSync(path, new Uint8Array(1024));
globalThis.addEventListener("unload", () => {
  Deno.removeSync(folder, { recursive: true });
});

/** Longer than a benchmark takes, in ms. */
const FOREVER_MS = 1e9;

const trusting = new FileCache({ validMs: FOREVER_MS });
const checking = new FileCache({ validMs: 0 });
const forgetful = new FileCache({ validMs: 0, errorValidMs: 0 });
const remembering = new FileCache({
  validMs: FOREVER_MS,
  errorValidMs: FOREVER_MS,
});

function expectKind(cache: FileCache, name: string, kind: string): void {
  const entry = cache.lookup(contained(name));
  if (entry.kind !== kind) throw new Error(`${name} is ${entry.kind}`);
}

Deno.bench({
  name: "FileCache.lookup() of a file that is known",
  baseline: true,
  fn: () => expectKind(trusting, path, "file"),
});

Deno.bench("FileCache.lookup() of a file that is checked", () => {
  expectKind(checking, path, "file");
});

Deno.bench("FileCache.lookup() of a file that is read", () => {
  forgetful.clear();
  expectKind(forgetful, path, "file");
});

Deno.bench("FileCache.lookup() of nothing, remembered", () => {
  expectKind(remembering, `${path}.gone`, "missing");
});

Deno.bench("FileCache.lookup() of nothing, looked for", () => {
  expectKind(forgetful, `${path}.gone`, "missing");
});
