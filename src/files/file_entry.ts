/**
 * What is known of a path: its kind, and for a regular file its size, time
 * and bytes, all from one open handle.
 */

/** What a path leads to. */
export type FileKind =
  | "file"
  | "directory"
  /** Nothing is there. */
  | "missing"
  /** The operating system does not let us. */
  | "forbidden"
  /** A device, FIFO or socket: never opened. */
  | "special"
  /** Something else failed; `error` says what. */
  | "failed";

/** The facts by which a changed file is noticed. */
export interface FileIdentity {
  /** Size in bytes. */
  readonly size: number;
  /** Modification time in ms since the epoch. */
  readonly mtimeMs: number;
  /** Status-change time in ms since the epoch. */
  readonly ctimeMs: number;
  /** Device number. */
  readonly dev: number;
  /** Inode number. */
  readonly ino: number;
}

/** The identity that a `stat` tells. */
export function identityOf(info: Deno.FileInfo): FileIdentity {
  return {
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
    dev: info.dev,
    ino: info.ino ?? 0,
  };
}

/** Whether two identities are of the same, unchanged file. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs && a.ino === b.ino && a.dev === b.dev;
}

const NOTHING: FileIdentity = {
  size: 0,
  mtimeMs: 0,
  ctimeMs: 0,
  dev: 0,
  ino: 0,
};

/** One path's entry in the file cache. */
export class FileEntry {
  /** The path it was looked up by. */
  readonly path: string;
  /** What the path leads to. */
  readonly kind: FileKind;
  /** Size, times and place; all zero unless it is a file or directory. */
  readonly identity: FileIdentity;
  /** The bytes of a small file, with headroom before them; else `undefined`. */
  readonly body: Uint8Array | undefined;
  /** What failed, for the log. */
  readonly error: unknown;
  /** Until when it may be used unchecked, in ms of `performance.now()`. */
  validUntil = 0;
  /**
   * What a module built from this entry, for its owner to use again; it goes
   * when the file changes. One slot: a file is seldom served by two locations.
   */
  derived: { readonly owner: unknown; readonly value: unknown } | undefined;
  #handle: Deno.FsFile | undefined;
  #users = 0;
  #retired = false;

  /** An entry for `path`. `handle` is the open file of a large one. */
  constructor(
    path: string,
    kind: FileKind,
    parts: {
      readonly identity?: FileIdentity;
      readonly body?: Uint8Array | undefined;
      readonly handle?: Deno.FsFile;
      readonly error?: unknown;
    } = {},
  ) {
    this.path = path;
    this.kind = kind;
    this.identity = parts.identity ?? NOTHING;
    this.body = parts.body;
    this.error = parts.error;
    this.#handle = parts.handle;
  }

  /** Size in bytes. */
  get size(): number {
    return this.identity.size;
  }

  /** Modification time in ms since the epoch. */
  get mtimeMs(): number {
    return this.identity.mtimeMs;
  }

  /** Whether it holds an open file. */
  get open(): boolean {
    return this.#handle !== undefined;
  }

  /**
   * The open file of a large one, held open until {@linkcode release}.
   *
   * @throws {Error} when the entry has none
   */
  acquire(): Deno.FsFile {
    if (this.#handle === undefined) throw new Error(`${this.path} is not open`);
    this.#users++;
    return this.#handle;
  }

  /** Ends one use of {@linkcode acquire}. */
  release(): void {
    this.#users--;
    this.#closeIfUnused();
  }

  /** Takes the entry out of use: the file closes with its last user. */
  retire(): void {
    this.#retired = true;
    this.derived = undefined;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#users > 0) return;
    this.#handle?.close();
    this.#handle = undefined;
  }
}
