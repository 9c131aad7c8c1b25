/**
 * Where log bytes end up: a file, the program's own standard output or error,
 * or syslog. The standard streams are named as in nginx (`stderr`, `/dev/stderr`,
 * `/dev/stdout`) and are never opened by path, which would need more rights.
 */

import { dirname } from "@std/path/posix/dirname";
import { isPlainPath } from "./log_name.ts";

/** Something that takes log bytes. `Deno.FsFile` and `Deno.stderr` do. */
export interface LogSink {
  /** Writes some of `bytes`; resolves to how many, which may be fewer. */
  write(bytes: Uint8Array): Promise<number>;
  /** Writes some of `bytes` before it returns how many. */
  writeSync(bytes: Uint8Array): number;
  /** Gives the descriptor back. */
  close(): void;
}

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
 * one: images for containers have `/var/log/.../access.log -> /dev/stdout`.
 */
export function canonicalLogPath(path: string): string {
  if (!isPlainPath(path)) return path;
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
