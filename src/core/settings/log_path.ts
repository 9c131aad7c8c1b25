/** The files that logs and the pid are written to. */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { hostname } from "../../config/hostname.ts";
import { SYSLOG_PREFIX, syslogName } from "../../logging/syslog.ts";
import { failureReason, GUARDED_REMEDY, isGuarded } from "../../os_error.ts";

/** What is no file under the prefix: a stream of the process, or syslog. */
const NO_FILES = /^(?:stderr|\/dev\/(?:stdout|stderr|null)|syslog:.*)$/s;

/** Whether a log is a file. */
export function isLogFile(path: string): boolean {
  return !NO_FILES.test(path);
}

/**
 * What the log is called that `statement` names by its first argument: the
 * absolute path of a file, or a stream or `syslog:...`.
 *
 * @throws {ConfigError} for `memory:...`, and for `syslog:...` that is wrong
 */
export function logPath(
  { args: [path = ""], name, place }: Statement,
  { resolvePath }: { resolvePath(path: string): string },
): string {
  if (path.startsWith(SYSLOG_PREFIX)) {
    try {
      return syslogName(path, {
        hostname: hostname(),
        isErrorLog: name === "error_log",
      });
    } catch (error) {
      throw new ConfigError(
        (error as Error).message,
        place,
        `${name}: expected syslog:server=address[,facility=...]` +
          "[,severity=...][,tag=...][,nohostname]",
      );
    }
  }
  if (name === "error_log" && path.startsWith("memory:")) {
    throw new ConfigError(
      `"${path}": "${name}" to memory is not supported by webserv`,
      place,
      "expected the path of a file, syslog:..., " +
        "or stderr, which journald reads",
    );
  }
  return isLogFile(path) ? resolvePath(path) : path;
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
