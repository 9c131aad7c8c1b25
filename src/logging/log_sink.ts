/**
 * Where log bytes end up: a file, or the program's own standard output or
 * error. The standard streams are named as in nginx (`stderr`, `/dev/stderr`,
 * `/dev/stdout`) and are never opened by path, which would need more rights.
 */

import { dirname } from "@std/path/posix/dirname";

/** Something that takes log bytes. `Deno.FsFile` and `Deno.stderr` do. */
export interface LogSink {
  /** Writes some of `bytes`; resolves to how many, which may be fewer. */
  write(bytes: Uint8Array): Promise<number>;
  /** Writes some of `bytes` before it returns how many. */
  writeSync(bytes: Uint8Array): number;
  /** Gives the descriptor back. */
  close(): void;
}

/** The permissions of a new log file: nginx's `NGX_FILE_DEFAULT_ACCESS`. */
const LOG_FILE_MODE = 0o644;

/** The one name of each spelling of a standard stream. */
const STANDARD_STREAMS: ReadonlyMap<string, string> = new Map([
  ["stderr", "/dev/stderr"],
  ["/dev/stderr", "/dev/stderr"],
  ["/dev/fd/2", "/dev/stderr"],
  ["/proc/self/fd/2", "/dev/stderr"],
  ["/dev/stdout", "/dev/stdout"],
  ["/dev/fd/1", "/dev/stdout"],
  ["/proc/self/fd/1", "/dev/stdout"],
]);

/** How many links from one to the next are followed to find a stream. */
const MAX_LINKS = 8;

/**
 * `path`, or the usual name if it is one of a standard stream's, or a link to
 * one: images for containers have `/var/log/…/access.log → /dev/stdout`.
 */
export function canonicalLogPath(path: string): string {
  let current = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const own = current.replace(`/proc/${Deno.pid}/`, "/proc/self/");
    const stream = STANDARD_STREAMS.get(own);
    if (stream !== undefined) return stream;
    const target = linkTarget(current);
    if (target === undefined) return path;
    current = target;
  }
  return path;
}

/** What the link at `path` names, absolute; `undefined` if it is none. */
function linkTarget(path: string): string | undefined {
  let target: string;
  try {
    target = Deno.readLinkSync(path);
  } catch {
    return undefined; // It is missing, or a plain file.
  }
  return target.startsWith("/") ? target : `${dirname(path)}/${target}`;
}

/** Whether `path` is a standard stream, which cannot be opened again. */
export function isStandardStream(path: string): boolean {
  return STANDARD_STREAMS.has(path);
}

/**
 * Opens `path` for appending. A missing file is made with mode 0644, and so is
 * a missing parent folder.
 *
 * @throws {Deno.errors.PermissionDenied} and the other errors of opening
 */
export function openLogSink(path: string): LogSink {
  const name = canonicalLogPath(path);
  if (name === "/dev/stderr") return standardSink(Deno.stderr);
  if (name === "/dev/stdout") return standardSink(Deno.stdout);
  try {
    return openForAppending(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(dirname(name), { recursive: true });
    return openForAppending(name);
  }
}

/** Each write lands at the end of the file, whoever else writes to it. */
function openForAppending(path: string): LogSink {
  return Deno.openSync(path, {
    append: true,
    create: true,
    mode: LOG_FILE_MODE,
  });
}

/** A standard stream, which stays open when its log is closed. */
function standardSink(
  stream: typeof Deno.stdout | typeof Deno.stderr,
): LogSink {
  return {
    write: (bytes) => stream.write(bytes),
    writeSync: (bytes) => stream.writeSync(bytes),
    close: () => {},
  };
}
