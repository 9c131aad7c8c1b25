/** From a path to a {@linkcode FileEntry}: `stat`, `open`, `read`. */

import type { ContainedPath } from "../routing/path_map.ts";
import {
  FileEntry,
  type FileIdentity,
  identityOf,
  sameIdentity,
} from "./file_entry.ts";
import { checkSymlinks, type SymlinkPolicy } from "./symlinks.ts";

/** Bytes before a body in memory, for the response head to be put there. */
export const BODY_HEADROOM_BYTES = 1024;

/** How often a file that changes while it is read is read again. */
const MAX_READ_ATTEMPTS = 3;

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
  try {
    const info = Deno.statSync(path);
    const identity = identityOf(info);
    if (!info.isFile && !info.isDirectory) {
      return new FileEntry(path, "special");
    }
    if (symlinks !== "off") checkSymlinks(path, trusted, symlinks, identity);
    return info.isFile
      ? identity
      : new FileEntry(path, "directory", { identity });
  } catch (error) {
    return failedEntry(path, error);
  }
}

/** Opens the file at `path`; small ones are read whole and closed. */
export function load(
  path: ContainedPath,
  trusted: number,
  { maxBodyBytes, symlinks }: LoadOptions,
): FileEntry {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path);
    const info = file.statSync();
    if (!info.isFile) return new FileEntry(path, "special");
    const identity = identityOf(info);
    if (symlinks !== "off") checkSymlinks(path, trusted, symlinks, identity);
    if (identity.size <= maxBodyBytes) return readWhole(path, file, identity);
    const entry = new FileEntry(path, "file", { identity, handle: file });
    file = undefined;
    return entry;
  } catch (error) {
    return failedEntry(path, error);
  } finally {
    file?.close();
  }
}

/** Reads a small file, with headroom, so that it is one version of it. */
function readWhole(
  path: ContainedPath,
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
function failedEntry(path: ContainedPath, error: unknown): FileEntry {
  if (
    error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    hasCode(error, "ENAMETOOLONG") || hasCode(error, "ENOTDIR")
  ) return new FileEntry(path, "missing", { error: codeOf(error) });
  if (
    error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.NotCapable || hasCode(error, "ELOOP")
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
