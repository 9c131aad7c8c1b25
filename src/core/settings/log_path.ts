/** The files that logs and the pid are written to. */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { failureReason, GUARDED_REMEDY, isGuarded } from "../../os_error.ts";

/** Names that mean a stream of the process, not a file under the prefix. */
const STREAMS = /^(?:stderr|\/dev\/(?:stdout|stderr|null))$/;

/**
 * Refuses what is no file.
 *
 * @throws {ConfigError} for `syslog:…`, `memory:…` and variables
 */
export function checkLogPath(path: string, { place, name }: Statement): void {
  if (/^(?:syslog|memory):/.test(path)) {
    throw new ConfigError(
      `"${path}": "${name}" to ${
        path.split(":")[0]
      } is not supported by webserv`,
      place,
      "expected the path of a file, or stderr, which journald reads",
    );
  }
  if (path.includes("$")) {
    throw new ConfigError(
      `"${path}": variables in the path of "${name}" are not supported by webserv`,
      place,
      "expected the path of a file; a log_format can have the variable",
    );
  }
}

/** Whether a log is a file, and not a stream of the process. */
export function isLogFile(path: string): boolean {
  return !STREAMS.test(path);
}

/** The absolute path of a log; streams keep their names. */
export function logPath(
  path: string,
  context: { resolvePath(path: string): string },
): string {
  return isLogFile(path) ? context.resolvePath(path) : path;
}

/** What can be done, by the system's number of the error. */
const REMEDIES: Readonly<Record<string, string>> = {
  "13": "the user of the server needs the right to write there",
  "20": "a part of the path is a file and no folder",
  "21": "expected the name of a file, and this is a folder",
  "28": "the disk is full",
  "30": "nothing can be written there " +
    "(in systemd: ReadWritePaths= or LogsDirectory=)",
};

/** A file that the directive of some name wants to write. */
export interface WrittenFile {
  /** The path, absolute. */
  readonly path: string;
  /** Where it is said, or where its default is in force. */
  readonly place: SourcePlace;
  /** Whether nothing says so: it is the directive's default. */
  readonly isDefault?: boolean | undefined;
}

/** The error of a file that the directive `name` wants to write. */
export function openFault(
  name: string,
  { path, place, isDefault = false }: WrittenFile,
  error: unknown,
): ConfigError {
  const reason = failureReason(error);
  const remedy = isGuarded(error)
    ? GUARDED_REMEDY
    : REMEDIES[reason.split(":")[0]!];
  return new ConfigError(
    `open() "${path}" failed (${reason})`,
    place,
    (isDefault
      ? `this is where "${name}" is by default`
      : `"${name}" names it`) +
      (remedy === undefined ? "" : `; ${remedy}`),
  );
}
