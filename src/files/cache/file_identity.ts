/** The facts by which a file, and a version of it, is known again. */

/** What a `stat` tells of a file. */
export interface FileIdentity {
  /** Size in bytes. */
  readonly size: number;
  /** Modification time in ms since the epoch. */
  readonly mtimeMs: number;
  /**
   * Status-change time in ms since the epoch; 0 where there is none. Deno
   * tells it in whole seconds (measured: 2.9.6).
   */
  readonly ctimeMs: number;
  /** Device number. */
  readonly dev: number;
  /** Inode number. */
  readonly ino: number;
}

/** The identity of nothing. */
export const NO_IDENTITY: FileIdentity = {
  size: 0,
  mtimeMs: 0,
  ctimeMs: 0,
  dev: 0,
  ino: 0,
};

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

/** Whether two identities are of the same file, changed or not. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

/** Whether two identities are of the same, unchanged file. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs && isSameFile(a, b);
}

/**
 * How long the kernel may give the same time to all that it stamps, in ms:
 * Linux's clock ticks 100 to 1000 times a second.
 */
export const TICK_MS = 10;

/**
 * How old a change must be before a time says that there was no other, in ms.
 * The kernel stamps files with the time of its last tick, up to 10 ms ago, and
 * a `stat` tells whole milliseconds here: a second write of the same size
 * right after the first one can leave all numbers as they were.
 */
const SETTLING_MS = 50;

/** The precision of {@linkcode FileIdentity.ctimeMs}, in ms. */
const CTIME_PRECISION_MS = 1000;

/**
 * Whether the last change was a write, as far as times tell: it sets both to
 * the same. A time that somebody gave the file is another one, most often.
 */
export function isWrite({ mtimeMs, ctimeMs }: FileIdentity): boolean {
  return Math.abs(mtimeMs - ctimeMs) < CTIME_PRECISION_MS;
}

/**
 * Whether the file had been left alone for a while at `nowMs`. If not, numbers
 * that are the same do not say that the content is.
 */
export function isSettled(
  { mtimeMs, ctimeMs }: FileIdentity,
  nowMs: number,
): boolean {
  const before = nowMs - SETTLING_MS;
  return mtimeMs < before && ctimeMs < before - CTIME_PRECISION_MS;
}
