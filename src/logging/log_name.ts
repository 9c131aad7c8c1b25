/**
 * Names of logs that are written in a way of their own: it stands before the
 * path, so that a worker can name one to the thread that writes it.
 */

import { SYSLOG_PREFIX } from "./syslog.ts";

/** The name of a log that is a gzip file, compressed at `level`, 1 to 9. */
export function gzipName(path: string, level: number): string {
  return `gzip=${level}:${path}`;
}

/** The name of a log that is open only while something is written to it. */
export function briefName(path: string): string {
  return `brief:${path}`;
}

/** The path and the way of a log that has one. */
export function wayOf(
  name: string,
): { readonly path: string; readonly level?: number } | undefined {
  const [, digit, path] = /^(?:gzip=([1-9])|brief):(\/.*)$/s.exec(name) ?? [];
  if (path === undefined) return undefined;
  return digit === undefined ? { path } : { path, level: Number(digit) };
}

/** Whether `name` is the path of a file or stream that is written as it is. */
export function isPlainPath(name: string): boolean {
  return !name.startsWith(SYSLOG_PREFIX) && wayOf(name) === undefined;
}
