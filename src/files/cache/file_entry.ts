/**
 * What is known of a path: its kind, and for a regular file its size, time
 * and bytes, all from one open handle.
 */

import { Buffer } from "node:buffer";
import type { ContainedPath } from "../../routing/path_map.ts";
import {
  type FileIdentity,
  isSameFile,
  isSettled,
  isWrite,
  NO_IDENTITY,
  sameIdentity,
} from "./file_identity.ts";
import type { ContentSample } from "./content_sample.ts";
import { OpenFile } from "./open_file.ts";
import { pauseThread } from "./thread_pause.ts";

/** What a path leads to. */
export type FileKind =
  | "file"
  | "directory"
  /** Nothing is there. */
  | "missing"
  /** The operating system or `disable_symlinks` does not let us. */
  | "forbidden"
  /** A device, FIFO or socket: never opened. */
  | "special"
  /** Something else failed; `error` says what. */
  | "failed";

/**
 * What a version of a file has in common with another one of its path, so that
 * it does not tell the two apart.
 */
type Likeness =
  | "nothing"
  /** The second it was modified in. */
  | "time"
  /** That, and its size: all that is in nginx's entity tag. */
  | "time_and_size";

/** What a {@linkcode FileEntry} is made of. */
interface FileEntryParts
  extends Partial<Pick<FileEntry, "identity" | "body" | "error">> {
  /** The open file of a large one. */
  readonly handle?: OpenFile;
  /** Some of the bytes of a large file. */
  readonly sample?: ContentSample;
  /** When its identity was asked for, in ms since the epoch; now if left out. */
  readonly seenAt?: number;
  /** Whether the file changed while it was read. */
  readonly torn?: boolean;
}

/** The second a version is of: that is how precise dates of HTTP are. */
function secondOf({ mtimeMs }: FileEntry): number {
  return Math.floor(mtimeMs / 1000);
}

/**
 * How long a write that has begun is given to show whether it makes the file
 * longer, in ms: the time changes first, the size a page later.
 */
const WRITE_MS = 1;

let entriesMade = 0;

/** One path's entry in the file cache. */
export class FileEntry {
  /** Its number: no other entry of the process has it. */
  readonly id: number = ++entriesMade;
  /** The path it was looked up by. */
  readonly path: ContainedPath;
  /** What the path leads to. */
  readonly kind: FileKind;
  /** Size, times and place; all zero unless it is a file or directory. */
  readonly identity: FileIdentity;
  /** The bytes of a small file, with headroom before them; else `undefined`. */
  readonly body: Uint8Array | undefined;
  /** What failed, for the log: an error, or the system's code for it. */
  readonly error: unknown;
  /**
   * Whether the file had been left alone for a while when it was read. If
   * not, numbers that are the same do not say that the content is.
   */
  readonly settled: boolean;
  /** What it has in common with a version that was sent before. */
  resembles: Likeness;
  /** What the cache has it under. */
  key: string;
  /** Until when it may be used unchecked, in ms of `performance.now()`. */
  validUntil = 0;
  /** When it was last looked up, in ms of `performance.now()`. */
  usedAt = 0;
  /** When it was last looked up before the hand of the cache met it. */
  metAt = 0;
  /** How many times it was looked up. */
  uses = 0;
  #derivedOwner: unknown;
  #derivedValue: unknown;
  #moreDerived: Map<unknown, unknown> | undefined;
  #siblings: Map<string, ContainedPath> | undefined;
  #handle: OpenFile | undefined;
  readonly #sample: ContentSample | undefined;
  readonly #marks: string | undefined;
  #users = 0;
  #retired = false;

  constructor(
    path: ContainedPath,
    kind: FileKind,
    parts: FileEntryParts = {},
  ) {
    this.path = this.key = path;
    this.kind = kind;
    this.identity = parts.identity ?? NO_IDENTITY;
    this.body = parts.body;
    this.error = parts.error;
    this.#handle = parts.handle;
    this.#sample = parts.sample;
    this.#marks = parts.handle?.marks();
    this.resembles = parts.torn === true ? "time_and_size" : "nothing";
    this.settled = isSettled(this.identity, parts.seenAt ?? Date.now());
  }

  /** Size in bytes. */
  get size(): number {
    return this.identity.size;
  }

  /** Modification time in ms since the epoch. */
  get mtimeMs(): number {
    return this.identity.mtimeMs;
  }

  /** Notes what it has in common with what was at its path before. */
  follow(previous: FileEntry): void {
    if (this.kind !== "file" || previous.kind !== "file") return;
    if (secondOf(this) !== secondOf(previous)) return;
    if (this.resembles === "time_and_size") return;
    if (this.#isContentOf(previous)) this.resembles = previous.resembles;
    else {this.resembles = this.size === previous.size
        ? "time_and_size"
        : "time";}
  }

  /** Whether this is the version that `other` is, read again. */
  #isContentOf(other: FileEntry): boolean {
    return this.body !== undefined && other.body !== undefined
      ? Buffer.compare(this.body, other.body) === 0
      : sameIdentity(this.identity, other.identity);
  }

  /** Whether it holds an open file. */
  get open(): boolean {
    return this.#handle !== undefined;
  }

  /** Whether it holds open a file that no name leads to any more. */
  get deleted(): boolean {
    return this.#handle?.isDeleted(this.identity) === true;
  }

  /** Whether nobody has derived anything from it yet. */
  get underived(): boolean {
    return this.#derivedOwner === undefined;
  }

  /**
   * What `owner` built from this entry, to use again; it goes when the file
   * changes.
   */
  derivedFor(owner: object): unknown {
    return this.#derivedOwner === owner
      ? this.#derivedValue
      : this.#moreDerived?.get(owner);
  }

  /** Keeps what `owner` built. The first owner's is found fastest. */
  setDerived(owner: object, value: unknown): void {
    if (this.#derivedOwner === undefined || this.#derivedOwner === owner) {
      this.#derivedOwner = owner;
      this.#derivedValue = value;
    } else {
      (this.#moreDerived ??= new Map()).set(owner, value);
    }
  }

  /**
   * The path with `suffix` behind it, which has no slash in it: a name in the
   * same folder. The same string each time, so that a map which is asked for
   * it finds the hash in it.
   */
  sibling(suffix: string): ContainedPath {
    let path = this.#siblings?.get(suffix);
    if (path === undefined) {
      path = this.path + suffix as ContainedPath;
      (this.#siblings ??= new Map()).set(suffix, path);
    }
    return path;
  }

  /**
   * The open file of a large one, held open until {@linkcode release}. One
   * that was closed, because the entry went out of use, is opened again.
   *
   * @throws {Error} when it is not there any more, is another file or shorter
   */
  acquire(): OpenFile {
    const handle = this.#handle ??= this.#reopen();
    this.#users++;
    return handle;
  }

  #reopen(): OpenFile {
    if (!this.#retired) throw new Error(`"${this.path}" is not open`);
    const file = OpenFile.open(this.path);
    const now = file.identity();
    // The number of a file that is gone is given to the next one.
    if (
      now !== undefined && isSameFile(now, this.identity) &&
      this.stillHolds(file, now)
    ) return file;
    file.close();
    throw new Error(`"${this.path}" changed before it was sent`);
  }

  /**
   * Whether the open file of this entry, which is `now`, still has what was
   * promised of it: it was appended to at most, or given another time, name or
   * other rights. Bytes are compared too, of which only a few are known.
   */
  stillHolds(file: OpenFile, now: FileIdentity): boolean {
    if (this.settled && sameIdentity(now, this.identity)) return true;
    return now.size >= this.size && (this.#sample?.isIn(file) ?? true) &&
      (now.size > this.size || !this.#isWrittenInPlace(file, now));
  }

  /** Whether the file, which is as long as it was, may have other bytes. */
  #isWrittenInPlace(file: OpenFile, now: FileIdentity): boolean {
    if (now.mtimeMs === this.mtimeMs) {
      // Written, and given its time back, unless something tells of the change.
      return now.ctimeMs !== this.identity.ctimeMs && file.isAtPath &&
        file.marks() === this.#marks;
    }
    if (!isWrite(now)) return false;
    // Without the pause a write that has begun is one in its place.
    pauseThread(WRITE_MS);
    return (file.identity()?.size ?? 0) <= this.size;
  }

  /** Ends one use of {@linkcode acquire}. */
  release(): void {
    this.#users--;
    this.#closeIfUnused();
  }

  /** Takes the entry out of use: the file closes with its last user. */
  retire(): void {
    this.#retired = true;
    this.#derivedOwner = this.#derivedValue = this.#moreDerived = undefined;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#users > 0) return;
    this.#handle?.close();
    this.#handle = undefined;
  }
}
