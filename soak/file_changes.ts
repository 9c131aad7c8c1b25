/** Changes files under the server's feet, and notes when. */

import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import type { Random } from "../fuzz/random.ts";
import { contentOf, LINE_BYTES } from "./content.ts";
import { SoakFile } from "./files.ts";
import { History } from "./history.ts";
import { pause } from "./pause.ts";

/** How long a file is left alone, in ms. */
const SHORTEST_REST_MS = 200;
const LONGEST_REST_MS = 3000;

/** How many lines are appended at a time. */
const GROWTH_LINES = 17;

/** How many names there are in the folder that is listed. */
const LISTED_NAMES = 20;

/** A file with a compressed one beside it, both replaced now and then. */
export interface Precompressed {
  /** The original. */
  readonly original: SoakFile;
  /** The versions that the compressed one holds. */
  readonly sibling: SoakFile;
}

/** All that changes under the folder `root`. */
export class FileChanges {
  /** Under `/files/`. */
  readonly files: readonly SoakFile[];
  /** Under `/pre/`. */
  readonly precompressed: Precompressed;
  /** Under `/list/`: whether each name is there. */
  readonly listed: ReadonlyMap<string, History<boolean>>;
  /** How many changes were made. */
  count = 0;
  readonly #root: string;
  readonly #random: Random;

  /** Makes the files. */
  constructor(root: string, files: readonly SoakFile[], random: Random) {
    this.#root = root;
    this.#random = random;
    this.files = files;
    this.precompressed = {
      original: new SoakFile("pre.txt", "replaced", 300),
      sibling: new SoakFile("pre.txt", "replaced", 300),
    };
    this.listed = new Map(
      Array.from(
        { length: LISTED_NAMES },
        (_, i) => [`item-${i}.txt`, new History(false)] as const,
      ),
    );
    for (const folder of ["files", "pre", "list", "new"]) {
      Deno.mkdirSync(join(root, folder), { recursive: true });
    }
    for (const file of files) {
      Deno.writeFileSync(this.#path("files", file.name), wholeOf(file, 1));
    }
    Deno.writeFileSync(
      this.#path("pre", "pre.txt"),
      wholeOf(this.precompressed.original, 1),
    );
    Deno.writeFileSync(
      this.#path("pre", "pre.txt.gz"),
      gzipSync(wholeOf(this.precompressed.sibling, 1)),
    );
  }

  /** Changes files until `until`, in ms of `performance.now()`. */
  async run(until: number): Promise<void> {
    const actions: (() => void)[] = [
      ...this.files.map((file) => () => this.changeFile(file)),
      () => this.changePrecompressed(),
      () => this.#changeListed(),
    ];
    await Promise.all(actions.map(async (action) => {
      for (;;) {
        const rest = SHORTEST_REST_MS +
          this.#random.below(LONGEST_REST_MS - SHORTEST_REST_MS);
        if (performance.now() + rest >= until) return;
        await pause(rest);
        action();
        this.count++;
      }
    }));
  }

  /** Changes one file in its way. */
  changeFile(file: SoakFile): void {
    const last = file.history.last;
    const path = this.#path("files", file.name);
    const version = (last?.version ?? this.#lastVersion(file)) + 1;
    const next = { version, size: file.sizeOf(version) };
    switch (file.way) {
      case "replaced":
        return this.#replace(file, path);
      case "rewritten": {
        const content = wholeOf(file, version);
        return file.history.change(
          next,
          () => Deno.writeFileSync(path, content),
        );
      }
      case "truncated": {
        if (last !== undefined && last.size === file.sizeOf(last.version)) {
          const size = file.cutSizeOf(last.version);
          return file.history.change(
            { version: last.version, size },
            () => Deno.truncateSync(path, size),
          );
        }
        const content = wholeOf(file, version);
        return file.history.change(
          next,
          () => Deno.writeFileSync(path, content),
        );
      }
      case "grown": {
        if (last === undefined || last.size >= file.maxGrownSize) {
          return this.#replace(file, path);
        }
        const size = last.size + GROWTH_LINES * LINE_BYTES;
        const added = contentOf(file.name, last.version, size)
          .subarray(last.size);
        return file.history.change(
          { version: last.version, size },
          () => Deno.writeFileSync(path, added, { append: true }),
        );
      }
      case "comes_and_goes":
        if (last === undefined) return this.#replace(file, path);
        this.#gone.set(file, last.version);
        return file.history.change(undefined, () => Deno.removeSync(path));
    }
  }

  readonly #gone = new Map<SoakFile, number>();

  #lastVersion(file: SoakFile): number {
    return this.#gone.get(file) ?? 0;
  }

  #replace(file: SoakFile, path: string): void {
    const version = (file.history.last?.version ?? this.#lastVersion(file)) + 1;
    const fresh = this.#path("new", file.name);
    Deno.writeFileSync(fresh, wholeOf(file, version));
    file.history.change(
      { version, size: file.sizeOf(version) },
      () => Deno.renameSync(fresh, path),
    );
  }

  /** Replaces the original, and mostly what is compressed of it. */
  changePrecompressed(): void {
    const { original, sibling } = this.precompressed;
    this.#replace(original, this.#path("pre", "pre.txt"));
    if (this.#random.below(4) === 0) return;
    const state = original.history.last!;
    const fresh = this.#path("new", "pre.txt.gz");
    Deno.writeFileSync(fresh, gzipSync(wholeOf(original, state.version)));
    sibling.history.change(
      state,
      () => Deno.renameSync(fresh, this.#path("pre", "pre.txt.gz")),
    );
  }

  #changeListed(): void {
    const [name, history] = this.#random.pick([...this.listed]);
    const path = this.#path("list", name);
    if (history.last) history.change(false, () => Deno.removeSync(path));
    else history.change(true, () => Deno.writeTextFileSync(path, name));
  }

  #path(folder: string, name: string): string {
    return join(this.#root, folder, name);
  }
}

function wholeOf(file: SoakFile, version: number): Uint8Array<ArrayBuffer> {
  return contentOf(file.name, version, file.sizeOf(version));
}
