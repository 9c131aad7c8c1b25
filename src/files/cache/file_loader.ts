/** From a path to a {@linkcode FileEntry}: `stat`, `open`, `read`. */

import { Buffer } from "node:buffer";
import type { ContainedPath } from "../../routing/path_map.ts";
import { ContentSample } from "./content_sample.ts";
import { FileEntry } from "./file_entry.ts";
import {
  type FileIdentity,
  identityOf,
  isSettled,
  TICK_MS,
} from "./file_identity.ts";
import { OpenFile } from "./open_file.ts";
import {
  checkSymlinks,
  type Finding,
  PathChanged,
  proveNoSymlinks,
  type SymlinkPolicy,
} from "./symlinks.ts";
import { pauseThread } from "./thread_pause.ts";

/** Bytes before a body in memory, for the response head to be put there. */
export const BODY_HEADROOM_BYTES = 1024;

/** How often a file that changes while it is read is read again. */
const MAX_READ_ATTEMPTS = 3;

/** How often one is read that is not just appended to. */
const MAX_TORN_ATTEMPTS = 5;

/** How often a path that changes while it is opened is opened again. */
const MAX_OPEN_ATTEMPTS = 3;

/** How paths are looked at. */
export interface LoadOptions {
  /** Largest file that is read into memory, in bytes. */
  readonly maxBodyBytes: number;
  /** What is made of symbolic links. */
  readonly symlinks: SymlinkPolicy;
}

/**
 * What is at `path` without opening a file: an identity for a regular file,
 * an entry for everything else. `trusted` characters of the path may hold
 * links.
 */
export function probe(
  path: ContainedPath,
  trusted: number,
  { symlinks }: LoadOptions,
): FileIdentity | FileEntry {
  return attempt(path, () => {
    const info = Deno.statSync(path);
    const identity = identityOf(info);
    if (info.isFile) return identity;
    if (!info.isDirectory) return new FileEntry(path, "special");
    if (symlinks !== "off") proveNoSymlinks(path, trusted, symlinks, identity);
    return new FileEntry(path, "directory", { identity });
  });
}

/**
 * Whether `path` still leads to `identity` without forbidden links, of a file
 * whose way was proven when it was opened: what is served was open then, so
 * one look is enough.
 */
export function isStillAllowed(
  path: ContainedPath,
  trusted: number,
  { symlinks }: LoadOptions,
  identity: FileIdentity,
): boolean {
  return symlinks === "off" || holds(path, () => {
    checkSymlinks(path, trusted, symlinks, identity);
  });
}

/**
 * Whether `path` is proven to lead to the folder `identity` without forbidden
 * links, where `findings` are.
 */
export function isStill(
  path: ContainedPath,
  trusted: number,
  { symlinks }: LoadOptions,
  identity: FileIdentity,
  findings: readonly Finding[],
): boolean {
  return symlinks === "off" || holds(path, () => {
    proveNoSymlinks(path, trusted, symlinks, identity, findings);
  });
}

function holds(path: ContainedPath, check: () => void): boolean {
  return attempt(path, check) === undefined;
}

/** Opens the file at `path`; small ones are read whole and closed. */
export function load(
  path: ContainedPath,
  trusted: number,
  options: LoadOptions,
): FileEntry {
  return attempt(path, () => {
    let file: OpenFile | undefined = open(path);
    try {
      const entry = entryOf(path, file, trusted, options);
      if (entry.open) file = undefined;
      return entry;
    } finally {
      file?.close();
    }
  });
}

/** Links were followed before: one that is met now has just come. */
function open(path: ContainedPath): OpenFile {
  try {
    return OpenFile.open(path);
  } catch (error) {
    throw hasCode(error, "ELOOP") ? new PathChanged(path) : error;
  }
}

/** The entry of what is open, which holds it open if it is large. */
function entryOf(
  path: ContainedPath,
  file: OpenFile,
  trusted: number,
  { maxBodyBytes, symlinks }: LoadOptions,
): FileEntry {
  const identity = file.identity();
  // It was a file when it was looked at; something has taken its place.
  if (identity === undefined) return new FileEntry(path, "special");
  if (symlinks !== "off") proveNoSymlinks(path, trusted, symlinks, identity);
  if (identity.size <= maxBodyBytes) return readWhole(path, file, identity);
  return largeEntry(path, file, identity);
}

/**
 * Holds a large file open. One that was written to a moment ago is looked at
 * again after the tick of the kernel's clock that it was written in: a write
 * that comes then has another time, and so is noticed while the file is sent.
 */
function largeEntry(
  path: ContainedPath,
  file: OpenFile,
  first: FileIdentity,
): FileEntry {
  const isFresh = Math.abs(Date.now() - first.mtimeMs) <= TICK_MS &&
    pauseThread(TICK_MS);
  const seenAt = Date.now();
  const identity = isFresh ? file.identity() ?? first : first;
  const sample = new ContentSample(file, identity.size);
  const parts = { identity, handle: file, sample, seenAt };
  return new FileEntry(path, "file", parts);
}

/**
 * Reads a small file, with headroom, so that it is one version of it. One that
 * is appended to all the time is read as far as it was long.
 *
 * @throws {Error} when others are written in its place all the time
 */
function readWhole(
  path: ContainedPath,
  file: OpenFile,
  first: FileIdentity,
): FileEntry {
  let identity = first;
  for (let attempt = 1;; attempt++) {
    const seenAt = Date.now();
    const memory = new Uint8Array(BODY_HEADROOM_BYTES + identity.size);
    const whole = memory.subarray(BODY_HEADROOM_BYTES);
    const body = whole.subarray(0, fill(whole, file));
    const after = file.identityAfter(identity);
    const isWhole = body.length === whole.length && after === identity;
    // Times that are the same say nothing of two writes right after each other.
    if (
      isWhole &&
      (isSettled(identity, seenAt) || isStillThere(body, file))
    ) return new FileEntry(path, "file", { identity, body, seenAt });
    const isAppended = after.size > body.length;
    if (
      attempt >= MAX_READ_ATTEMPTS && isAppended && isStillThere(body, file)
    ) {
      return new FileEntry(path, "file", {
        identity: { ...identity, size: body.length },
        body,
        torn: true,
        seenAt,
      });
    }
    if (attempt === MAX_TORN_ATTEMPTS) {
      throw new Error("it is written to while it is read");
    }
    identity = after;
  }
}

/** Whether the file, read once more, begins with `body`. */
function isStillThere(body: Uint8Array, file: OpenFile): boolean {
  const again = new Uint8Array(body.length);
  return fill(again, file) === body.length && Buffer.compare(again, body) === 0;
}

/** Reads as much as there is, and says how much that was. */
function fill(target: Uint8Array, file: OpenFile): number {
  let filled = 0;
  while (filled < target.length) {
    const count = file.read(target.subarray(filled), filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** What `look` finds, again if the path changes under its eyes, or fails with. */
function attempt<T>(path: ContainedPath, look: () => T): T | FileEntry {
  for (let count = 1;; count++) {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof PathChanged) || count === MAX_OPEN_ATTEMPTS) {
        return failedEntry(path, error);
      }
    }
  }
}

/** The entry that says why `path` cannot be served. */
function failedEntry(path: ContainedPath, error: unknown): FileEntry {
  if (
    error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR") ||
    hasCode(error, "ENAMETOOLONG")
  ) return new FileEntry(path, "missing", { error: codeOf(error) });
  if (
    error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.NotCapable || hasCode(error, "ELOOP") ||
    hasCode(error, "EACCES") || hasCode(error, "EPERM")
  ) return new FileEntry(path, "forbidden", { error });
  return new FileEntry(path, "failed", { error });
}

/** The system's code alone: an error and its stack are many bytes to keep. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function hasCode(error: unknown, code: string): boolean {
  return codeOf(error) === code;
}
