/** From a path to a {@linkcode FileEntry}: `stat`, `open`, `read`. */

import type { ContainedPath } from "../../routing/path_map.ts";
import { ContentSample } from "./content_sample.ts";
import { FileEntry } from "./file_entry.ts";
import { type FileIdentity, identityOf } from "./file_identity.ts";
import { OpenFile } from "./open_file.ts";
import {
  checkSymlinks,
  type Finding,
  PathChanged,
  proveNoSymlinks,
  type SymlinkPolicy,
} from "./symlinks.ts";

/** Bytes before a body in memory, for the response head to be put there. */
export const BODY_HEADROOM_BYTES = 1024;

/** How often a file that changes while it is read is read again. */
const MAX_READ_ATTEMPTS = 3;

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
  const sample = new ContentSample(file, identity.size);
  return new FileEntry(path, "file", { identity, handle: file, sample });
}

/**
 * Reads a small file, with headroom, so that it is one version of it. One that
 * is appended to all the time is read as far as it was long.
 */
function readWhole(
  path: ContainedPath,
  file: OpenFile,
  first: FileIdentity,
): FileEntry {
  let identity = first;
  for (let attempt = 1;; attempt++) {
    const memory = new Uint8Array(BODY_HEADROOM_BYTES + identity.size);
    const body = memory.subarray(BODY_HEADROOM_BYTES);
    const filled = fill(body, file);
    const after = file.identityAfter(identity);
    if (filled === body.length && after === identity) {
      return new FileEntry(path, "file", { identity, body });
    }
    if (attempt === MAX_READ_ATTEMPTS) {
      return new FileEntry(path, "file", {
        identity: { ...identity, size: filled },
        body: body.subarray(0, filled),
        torn: true,
      });
    }
    identity = after;
  }
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
