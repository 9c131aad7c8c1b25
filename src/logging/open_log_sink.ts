/** Opens what a log is called, whatever it is. */

import { dirname } from "@std/path/posix/dirname";
import {
  APPENDING,
  briefSink,
  gzipSink,
  isPipe,
  pipeSink,
} from "./file_sinks.ts";
import { wayOf } from "./log_name.ts";
import { canonicalLogPath, type LogSink } from "./log_sink.ts";
import { SYSLOG_PREFIX } from "./syslog.ts";
import { openSyslogSink } from "./syslog_sink.ts";

/**
 * Opens `path` for appending. A missing file is made with mode 0644, and so is
 * a missing parent folder.
 *
 * @throws {Deno.errors.PermissionDenied} and the other errors of opening
 */
export function openLogSink(path: string): LogSink {
  if (path.startsWith(SYSLOG_PREFIX)) return openSyslogSink(path);
  const way = wayOf(path);
  if (way !== undefined) {
    return way.level === undefined
      ? briefSink(way.path)
      : gzipSink(openLogSink(way.path), way.level);
  }
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

function openForAppending(path: string): LogSink {
  return isPipe(path) ? pipeSink(path) : Deno.openSync(path, APPENDING);
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
