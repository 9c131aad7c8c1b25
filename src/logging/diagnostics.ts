/**
 * What the program says about itself: nginx's `error_log`.
 *
 * Each target hands its lines to a {@linkcode LogFile}: bounded memory, never
 * waiting, lines dropped and counted when the disk is full. Nothing here throws
 * at whoever logs. Nothing is enabled before {@linkcode configureDiagnostics}.
 */

import type { MemoryUse } from "../bytes/memory_budget.ts";
import {
  type DiagnosticContext,
  formatDiagnosticLine,
  quote,
} from "./diagnostic_line.ts";
import { ErrorLog } from "./error_log.ts";
import { leastSevere, type Level } from "./level.ts";
import { formatErrorLogTime, SecondCache } from "./local_time.ts";
import type { LogFile } from "./log_file.ts";
import { LogFiles } from "./log_files.ts";
import { log } from "./logger.ts";
import type { LogTrouble } from "./log_trouble.ts";

/** The log of the troubles that no error log can take. */
const LAST_RESORT = "/dev/stderr";

/** One `error_log`. */
export interface DiagnosticTarget {
  /** A file's path; `stderr` and `/dev/stderr` are the standard error. */
  readonly path: string;
  /** The least severe level that is written. */
  readonly level: Level;
}

/** How diagnostics are written. */
export interface DiagnosticsOptions {
  /** Where to: a line goes to each target whose level admits it. */
  readonly targets: readonly DiagnosticTarget[];
  /** The number of this thread in each line: 0, the main one, by default. */
  readonly thread?: number;
  /**
   * The least severe level that an {@linkcode ErrorLog} of a server or location
   * writes, if it is less severe than those of `targets`.
   */
  readonly level?: Level;
}

/** How diagnostics of another thread get to the one that writes them. */
interface ForwardingOptions {
  /** The least severe level that is written. */
  readonly level: Level;
  /** The number of this thread in each line. */
  readonly thread: number;
  /** Takes a line with its end. */
  forward(level: Level, line: string): void;
}

const files = new LogFiles({ onTrouble: onDiagnosticsTrouble });
/** The time of a line: there may be thousands in a second. */
const TIME = new SecondCache(formatErrorLogTime);

const NOTHING = new ErrorLog([]);
let processLog = NOTHING;
let lastResort = NOTHING;
let thread = 0;

/**
 * Sends diagnostics to the targets of `options`, and no longer to those of an
 * earlier call. A file that both name stays open.
 *
 * @throws {Deno.errors.PermissionDenied} and the other errors of opening a
 * file; then the earlier targets stay
 */
export function configureDiagnostics(options: DiagnosticsOptions): void {
  const opened = openAll(options.targets);
  const previous = processLog;
  processLog = opened;
  thread = options.thread ?? 0;
  if (lastResort === NOTHING) {
    lastResort = openAll([{ path: LAST_RESORT, level: "debug" }]);
  }
  const levels = opened.targets.map(({ level }) => level);
  log.start(leastSevere([...levels, options.level ?? "emerg"]), write);
  files.start();
  releaseAll(previous);
}

/**
 * Sends diagnostics to the thread that writes them, which hands each line to
 * {@linkcode appendDiagnosticLine}: with one writer lines stay whole.
 */
export function forwardDiagnostics(options: ForwardingOptions): void {
  thread = options.thread;
  log.start(options.level, (level, message, context) => {
    const line = lineOf(level, message, context);
    if (context.errorLog === undefined) options.forward(level, line);
    else context.errorLog.write(level, line);
  });
}

/** Writes a line of another thread to the targets that take its level. */
export function appendDiagnosticLine(level: Level, line: string): void {
  processLog.write(level, line);
}

/** What the buffers of all error logs of this thread take, and may. */
export function diagnosticsMemory(): MemoryUse {
  return files.memory;
}

/** Opens every file again after a log rotation; see {@linkcode LogFile}. */
export function reopenDiagnostics(): Promise<void> {
  return files.reopen();
}

/** Writes what has been logged; resolves to whether all of it was written. */
export function flushDiagnostics(): Promise<boolean> {
  return files.flush();
}

/** Writes what has been logged before it returns, at the very end. */
export function flushDiagnosticsSync(): void {
  files.flushSync();
}

/** Writes what has been logged and closes the files; logging does nothing. */
export async function disposeDiagnostics(): Promise<void> {
  log.stop();
  processLog = NOTHING;
  lastResort = NOTHING;
  await files.close();
}

/** Logs that lines of another log were lost: an `onTrouble` for any log. */
export function reportLogTrouble(trouble: LogTrouble): void {
  const context = trouble.error === undefined ? {} : { error: trouble.error };
  log.alert(() => describeTrouble(trouble), context);
}

function describeTrouble({ path, droppedLines, error }: LogTrouble): string {
  const what = error === undefined ? "is too slow" : "cannot be written";
  const lost = droppedLines === 0 ? "" : `, ${droppedLines} lines dropped`;
  return `log ${quote(path)} ${what}${lost}`;
}

function onDiagnosticsTrouble(trouble: LogTrouble): void {
  reportLogTrouble(trouble);
  if (trouble.path === LAST_RESORT) return;
  const context = { error: trouble.error };
  lastResort.write("alert", lineOf("alert", describeTrouble(trouble), context));
}

function openAll(targets: readonly DiagnosticTarget[]): ErrorLog {
  const opened: { file: LogFile; level: Level }[] = [];
  try {
    for (const { path, level } of targets) {
      opened.push({ file: files.open(path), level });
    }
  } catch (error) {
    releaseAll(new ErrorLog(opened));
    throw error;
  }
  return new ErrorLog(opened);
}

function releaseAll({ targets }: ErrorLog): void {
  // Closing never rejects: what cannot be written is reported as trouble.
  for (const { file } of targets) void files.release(file);
}

function write(
  level: Level,
  message: string,
  context: DiagnosticContext,
): void {
  const target = context.errorLog ?? processLog;
  // Where some server logs more than the process, this may be for nobody.
  if (target.enabled(level)) {
    target.write(level, lineOf(level, message, context));
  }
}

function lineOf(
  level: Level,
  message: string,
  context: DiagnosticContext,
): string {
  return formatDiagnosticLine({
    time: TIME.textAt(Date.now()),
    level,
    pid: Deno.pid,
    thread,
    message,
    context,
  });
}
