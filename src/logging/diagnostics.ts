/**
 * What the program says about itself: nginx's `error_log`, on LogTape.
 *
 * Each target is a LogTape sink that filters by nginx's level and hands the
 * line to a {@linkcode LogFile}: bounded memory, never waiting, lines dropped
 * and counted when the disk is full. Nothing here throws at whoever logs.
 *
 * LogTape's configuration belongs to the whole program, and so does this one.
 * Nothing is enabled before {@linkcode configureDiagnostics}.
 */

import type { MemoryUse } from "../bytes/memory_budget.ts";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import {
  type DiagnosticContext,
  formatDiagnosticLine,
  quote,
} from "./diagnostic_line.ts";
import { fromLogTapeLevel, type Level, rankOf } from "./level.ts";
import { formatErrorLogTime } from "./local_time.ts";
import type { LogFile } from "./log_file.ts";
import { LogFiles } from "./log_files.ts";
import {
  contextOf,
  enableNothing,
  enableRank,
  levelOf,
  logger,
  ROOT_CATEGORY,
} from "./logger.ts";
import type { LogTrouble } from "./log_trouble.ts";

/** Where LogTape speaks of its own faults, such as a sink that throws. */
const META_CATEGORY = ["logtape", "meta"];

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
export interface ForwardingOptions {
  /** The least severe level that is written. */
  readonly level: Level;
  /** The number of this thread in each line. */
  readonly thread: number;
  /** Takes a line with its end. */
  forward(level: Level, line: string): void;
}

type OpenTarget = { readonly file: LogFile; readonly rank: number };

const files = new LogFiles({ onTrouble: onDiagnosticsTrouble });
const encoder = new TextEncoder();
let openTargets: readonly OpenTarget[] = [];
let lastResort: LogFile | undefined;
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
  const previous = openTargets;
  openTargets = opened;
  thread = options.thread ?? 0;
  lastResort ??= files.open(LAST_RESORT);
  sendTo(writeRecord);
  const { level = "emerg" } = options;
  enableRank(Math.min(rankOf(level), ...opened.map(({ rank }) => rank)));
  files.start();
  releaseAll(previous);
}

/**
 * Sends diagnostics to the thread that writes them, which hands each line to
 * {@linkcode appendDiagnosticLine}: with one writer lines stay whole.
 */
export function forwardDiagnostics(options: ForwardingOptions): void {
  thread = options.thread;
  sendTo((record) => {
    const level = levelOf(record) ?? fromLogTapeLevel(record.level);
    if (rankOf(level) < rankOf(options.level)) return;
    const message = record.message.map(String).join("");
    const context = contextOf(record);
    const line = lineOf(level, message, context, record.timestamp);
    if (context.errorLog === undefined) options.forward(level, line);
    else context.errorLog.write(level, line);
  });
  enableRank(rankOf(options.level));
}

/** Writes a line of another thread to the targets that take its level. */
export function appendDiagnosticLine(level: Level, line: string): void {
  const bytes = encoder.encode(line);
  for (const { file, rank } of openTargets) {
    if (rankOf(level) >= rank) file.appendLines(bytes);
  }
}

/**
 * Says that a sink is done with a record when it returns: LogTape need not
 * copy what may change later (measured: 5 µs).
 */
const DONE_AT_ONCE = Symbol.for("LogTape.sinkSnapshotPolicy.immediate");

function sendTo(sink: (record: LogRecord) => void): void {
  Object.defineProperty(sink, DONE_AT_ONCE, { value: true });
  configureSync({
    reset: true,
    sinks: { targets: sink },
    loggers: [
      { category: ROOT_CATEGORY, sinks: ["targets"], lowestLevel: "trace" },
      { category: META_CATEGORY, sinks: ["targets"], lowestLevel: "error" },
    ],
  });
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
  enableNothing();
  resetSync();
  openTargets = [];
  lastResort = undefined;
  await files.close();
}

/** Logs that lines of another log were lost: an `onTrouble` for any log. */
export function reportLogTrouble(trouble: LogTrouble): void {
  const context = trouble.error === undefined ? {} : { error: trouble.error };
  logger("logging").alert(() => describeTrouble(trouble), context);
}

function describeTrouble({ path, droppedLines, error }: LogTrouble): string {
  const what = error === undefined ? "is too slow" : "cannot be written";
  const lost = droppedLines === 0 ? "" : `, ${droppedLines} lines dropped`;
  return `log ${quote(path)} ${what}${lost}`;
}

function onDiagnosticsTrouble(trouble: LogTrouble): void {
  reportLogTrouble(trouble);
  if (trouble.path === LAST_RESORT || lastResort === undefined) return;
  const context = { error: trouble.error };
  writeLine(lastResort, "alert", describeTrouble(trouble), context, Date.now());
}

function openAll(targets: readonly DiagnosticTarget[]): OpenTarget[] {
  const opened: OpenTarget[] = [];
  try {
    for (const { path, level } of targets) {
      opened.push({ file: files.open(path), rank: rankOf(level) });
    }
  } catch (error) {
    releaseAll(opened);
    throw error;
  }
  return opened;
}

function releaseAll(targets: readonly OpenTarget[]): void {
  // Closing never rejects: what cannot be written is reported as trouble.
  for (const { file } of targets) void files.release(file);
}

/** The LogTape sink. */
function writeRecord(record: LogRecord): void {
  const level = levelOf(record) ?? fromLogTapeLevel(record.level);
  const rank = rankOf(level);
  const message = record.message.map(String).join("");
  const context = contextOf(record);
  if (context.errorLog !== undefined) {
    const line = lineOf(level, message, context, record.timestamp);
    return context.errorLog.write(level, line);
  }
  for (const target of openTargets) {
    if (rank < target.rank) continue;
    writeLine(target.file, level, message, context, record.timestamp);
  }
}

function writeLine(
  file: LogFile,
  level: Level,
  message: string,
  context: DiagnosticContext,
  timeMs: number,
): void {
  const line = lineOf(level, message, context, timeMs);
  file.buffer.appendBytes(encoder.encode(line));
  file.urgentLineDone();
}

function lineOf(
  level: Level,
  message: string,
  context: DiagnosticContext,
  timeMs: number,
): string {
  return formatDiagnosticLine({
    time: formatErrorLogTime(timeMs),
    level,
    pid: Deno.pid,
    thread,
    message,
    context,
  });
}
