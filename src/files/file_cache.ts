/**
 * The open-file cache. A lookup is synchronous: `stat` and `open` take 2–4 µs
 * when the kernel has the answer, while the same call through Deno's thread
 * pool takes 40–80 µs (measured), which is several whole requests. nginx
 * blocks on them too.
 *
 * Within `validMs` an entry is used unchecked; after that one `stat` tells
 * whether the file is still the same. Small files are kept whole in memory
 * up to a byte budget, large ones as an open handle. A path where nothing is
 * found is remembered for a much shorter time, so that a file appears as
 * soon as it is there.
 */

import {
  FileEntry,
  type FileIdentity,
  identityOf,
  sameIdentity,
} from "./file_entry.ts";

/** Sizes and times of a {@linkcode FileCache}. */
export interface FileCacheOptions {
  /** How long an entry is used unchecked, in ms; 0 checks at every lookup. */
  readonly validMs: number;
  /** How long a failed lookup is remembered, in ms. */
  readonly errorValidMs: number;
  /** Most entries. */
  readonly maxEntries: number;
  /** Largest file that is kept in memory, in bytes. */
  readonly maxBodyBytes: number;
  /** Most bytes of files in memory. */
  readonly bodyBudgetBytes: number;
  /** Most open handles of large files. */
  readonly maxHandles: number;
}

/** The sizes and times where the configuration says nothing. */
export const DEFAULT_FILE_CACHE: FileCacheOptions = {
  validMs: 1000,
  errorValidMs: 100,
  maxEntries: 10_000,
  maxBodyBytes: 1024 * 1024,
  bodyBudgetBytes: 32 * 1024 * 1024,
  maxHandles: 256,
};

/** Bytes before a body in memory, for the response head to be put there. */
export const BODY_HEADROOM_BYTES = 1024;

/** How often a file that changes while it is read is read again. */
const MAX_READ_ATTEMPTS = 3;

/** What the cache did, for the status page. */
export interface FileCacheCounters {
  /** Lookups answered without asking the operating system. */
  hits: number;
  /** Lookups answered by an entry that a `stat` found unchanged. */
  revalidations: number;
  /** Lookups that had to open or fail. */
  misses: number;
}

/** See the top of the file. */
export class FileCache {
  readonly #options: FileCacheOptions;
  /** In order of last check, the longest ago first. */
  readonly #entries = new Map<string, FileEntry>();
  #bodyBytes = 0;
  #handles = 0;
  /** What it did so far. */
  readonly counters: FileCacheCounters = {
    hits: 0,
    revalidations: 0,
    misses: 0,
  };

  /** An empty cache. */
  constructor(options: Partial<FileCacheOptions> = {}) {
    this.#options = { ...DEFAULT_FILE_CACHE, ...options };
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes of files held in memory. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** What `path` leads to. Never throws: failures are kinds of entries. */
  lookup(path: string): FileEntry {
    const entry = this.#entries.get(path);
    if (entry !== undefined && performance.now() < entry.validUntil) {
      this.counters.hits++;
      return entry;
    }
    const fresh = this.#check(path, entry);
    const failed = fresh.kind !== "file" && fresh.kind !== "directory";
    const validMs = failed
      ? Math.min(this.#options.validMs, this.#options.errorValidMs)
      : this.#options.validMs;
    fresh.validUntil = performance.now() + validMs;
    return fresh;
  }

  /** Forgets everything; files in use stay open until they are sent. */
  clear(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  /** The entry again if nothing has changed, otherwise a new one. */
  #check(path: string, entry: FileEntry | undefined): FileEntry {
    let identity: FileIdentity | undefined;
    let fresh: FileEntry | undefined;
    try {
      const info = Deno.statSync(path);
      identity = identityOf(info);
      if (info.isDirectory) {
        fresh = new FileEntry(path, "directory", { identity });
      } else if (!info.isFile) {
        fresh = new FileEntry(path, "special");
      }
    } catch (error) {
      fresh = failedEntry(path, error);
    }
    if (entry !== undefined) {
      if (
        entry.kind === "file" && fresh === undefined &&
        sameIdentity(entry.identity, identity!)
      ) {
        this.counters.revalidations++;
        this.#entries.delete(path);
        this.#entries.set(path, entry);
        return entry;
      }
      this.#drop(entry);
    }
    this.counters.misses++;
    fresh ??= this.#load(path);
    this.#keep(fresh);
    return fresh;
  }

  #load(path: string): FileEntry {
    let file: Deno.FsFile | undefined;
    try {
      file = Deno.openSync(path);
      const identity = identityOf(file.statSync());
      if (identity.size > this.#options.maxBodyBytes) {
        const entry = new FileEntry(path, "file", { identity, handle: file });
        file = undefined;
        return entry;
      }
      return readWhole(path, file, identity);
    } catch (error) {
      return failedEntry(path, error);
    } finally {
      file?.close();
    }
  }

  #keep(entry: FileEntry): void {
    this.#entries.set(entry.path, entry);
    this.#bodyBytes += entry.body?.length ?? 0;
    if (entry.open) this.#handles++;
    const { maxEntries, bodyBudgetBytes, maxHandles } = this.#options;
    for (const oldest of this.#entries.values()) {
      if (
        this.#entries.size <= maxEntries &&
        this.#bodyBytes <= bodyBudgetBytes && this.#handles <= maxHandles
      ) break;
      const helps = this.#entries.size > maxEntries ||
        (this.#bodyBytes > bodyBudgetBytes && oldest.body !== undefined) ||
        (this.#handles > maxHandles && oldest.open);
      if (helps && oldest !== entry) this.#drop(oldest);
    }
  }

  #drop(entry: FileEntry): void {
    if (!this.#entries.delete(entry.path)) return;
    this.#bodyBytes -= entry.body?.length ?? 0;
    if (entry.open) this.#handles--;
    entry.retire();
  }
}

/** Reads a small file, with headroom, so that it is one version of it. */
function readWhole(
  path: string,
  file: Deno.FsFile,
  first: FileIdentity,
): FileEntry {
  let identity = first;
  for (let attempt = 1; attempt <= MAX_READ_ATTEMPTS; attempt++) {
    const memory = new Uint8Array(BODY_HEADROOM_BYTES + identity.size);
    const body = memory.subarray(BODY_HEADROOM_BYTES);
    file.seekSync(0, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < body.length) {
      const count = file.readSync(body.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    const after = identityOf(file.statSync());
    if (filled === body.length && sameIdentity(identity, after)) {
      return new FileEntry(path, "file", { identity, body });
    }
    identity = after;
  }
  return new FileEntry(path, "failed", {
    error: new Error("the file changes faster than it can be read"),
  });
}

/** The entry that says why `path` cannot be served. */
function failedEntry(path: string, error: unknown): FileEntry {
  if (
    error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    hasCode(error, "ENAMETOOLONG") || hasCode(error, "ENOTDIR")
  ) return new FileEntry(path, "missing");
  if (
    error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.NotCapable || hasCode(error, "ELOOP")
  ) return new FileEntry(path, "forbidden", { error });
  return new FileEntry(path, "failed", { error });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
