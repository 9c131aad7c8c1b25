/**
 * Access logs whose path has variables: as many files as it has values. A
 * client may choose them, so no more than some are kept in memory, none is
 * open but while it is written to, and no path leads out of its folder.
 */

import { RUNTIME_USE } from "../../scheduling/runtime_use.ts";
import { ConfigError } from "../../config/errors.ts";
import { defineDirective, type Directive } from "../../config/directive.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Template } from "../../config/template.ts";
import { parseInteger, parseTime } from "../../config/units.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment } from "../../core/module.ts";
import { contextOf } from "../../core/request_log.ts";
import { touchLog } from "../../logging/file_sinks.ts";
import type { LogFile } from "../../logging/log_file.ts";
import { briefName } from "../../logging/log_name.ts";
import { log } from "../../logging/logger.ts";
import { failureReason } from "../../os_error.ts";
import { hasParentSegment } from "../../routing/path_map.ts";

/** How many such logs are kept, and how long each without a line. */
export interface PathLogLimits {
  /** The most of them. */
  readonly max: number;
  /** In ms. */
  readonly inactiveMs: number;
}

/** nginx's `inactive` where only `max` is said, in ms. */
const DEFAULT_INACTIVE_MS = 10_000;

/** What is kept without `open_log_file_cache`: two buffers of 8 KiB for each. */
const WITHOUT_CACHE: PathLogLimits = {
  max: 256,
  inactiveMs: DEFAULT_INACTIVE_MS,
};

/** How many bytes of lines one of them may hold, both buffers together. */
const MEMORY_BYTES = 512 * 1024;

/** How many may be on their way to their files when they are no longer kept. */
const MAX_LEAVING = 1024;

/** Controls, and bytes that are not UTF-8. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\x00-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]/u;

/** `open_log_file_cache max=N [inactive=time] [min_uses=N] [valid=time]`. */
export const openLogFileCache: Directive<PathLogLimits> = defineDirective<
  PathLogLimits
>({
  name: "open_log_file_cache",
  contexts: ["http", "server", "location"],
  args: [1, 4],
  default: WITHOUT_CACHE,
  summary:
    "How many logs whose path has variables are kept: off | max=N [inactive=time].",
  syntax: "off | max=N [inactive=time] [min_uses=N] [valid=time]",
  defaultText: "off",
  differs:
    "What is kept are lines that wait; a file is opened for each write, so that min_uses and valid have nothing to say.",
  parse: parseLimits,
});

function parseLimits({ args, place }: Statement): PathLogLimits {
  let { max, inactiveMs } = { max: 0, inactiveMs: DEFAULT_INACTIVE_MS };
  let isOff = false;
  for (const word of args) {
    const [, name, text = ""] =
      /^(max|inactive|min_uses|valid)=(.*)$/.exec(word) ?? [];
    const isTime = name === "inactive" || name === "valid";
    const value = isTime ? parseTime(text) : parseInteger(text);
    if (word === "off") isOff = true;
    else if (name === undefined || value === undefined) {
      throw new ConfigError(
        `invalid "open_log_file_cache" parameter "${word}"`,
        place,
        "expected off, or max=N [inactive=time] [min_uses=N] [valid=time]",
      );
    } else if (name === "max") max = value;
    else if (name === "inactive") inactiveMs = value;
  }
  if (isOff) return WITHOUT_CACHE;
  if (max > 0) return { max, inactiveMs };
  throw new ConfigError(
    '"open_log_file_cache" must have "max" parameter',
    place,
    "expected max=N, with N of 1 or more",
  );
}

/** A log that lines are written to. */
interface KeptLog {
  readonly file: LogFile;
  usedAt: number;
}

/** The logs of all locations that have the same limits. */
class PathLogs {
  readonly #files: Environment["logs"];
  readonly #limits: PathLogLimits;
  /** The one that was used last is at the end. */
  readonly #kept = new Map<string, KeptLog>();
  /** Those that are no longer kept, while their lines are written. */
  readonly #leaving = new Map<string, KeptLog>();

  constructor(files: Environment["logs"], limits: PathLogLimits) {
    this.#files = files;
    this.#limits = limits;
  }

  /**
   * The log at `path`, which is made if its folder is there; the time is in ms.
   *
   * @throws {Error} when it cannot be written, or there are too many at once
   */
  get(path: string, nowMs: number): LogFile {
    const known = this.#kept.get(path);
    if (known !== undefined) {
      this.#kept.delete(path);
      this.#kept.set(path, known);
      known.usedAt = nowMs;
      return known.file;
    }
    this.#makeRoom(nowMs);
    // One that comes back has its lines in their order.
    const file = this.#leaving.get(path)?.file ?? this.#open(path);
    this.#leaving.delete(path);
    this.#kept.set(path, { file, usedAt: nowMs });
    return file;
  }

  #open(path: string): LogFile {
    touchLog(path);
    const options = { memoryBytes: MEMORY_BYTES, isPrompt: true };
    return this.#files.open(briefName(path), options);
  }

  #makeRoom(nowMs: number): void {
    const { max, inactiveMs } = this.#limits;
    for (const [path, log] of this.#kept) {
      if (this.#kept.size < max && nowMs - log.usedAt < inactiveMs) break;
      if (this.#leaving.size >= MAX_LEAVING) {
        throw new Error(`${MAX_LEAVING} logs wait already`);
      }
      this.#kept.delete(path);
      this.#leaving.set(path, log);
      // While they wait to be written their files are open.
      RUNTIME_USE.waiting++;
      log.file.flush().then(() => this.#left(path, log))
        .finally(() => RUNTIME_USE.waiting--);
    }
  }

  async #left(path: string, log: KeptLog): Promise<void> {
    // It is kept again, or has left once more since.
    if (this.#leaving.get(path) !== log) return;
    this.#leaving.delete(path);
    await this.#files.release(log.file);
  }
}

/** The logs that an `access_log` with variables in its path writes to. */
export class VariableLog {
  readonly #path: Template<Exchange>;
  readonly #logs: PathLogs;
  readonly #resolvePath: Environment["resolvePath"];

  constructor(
    path: Template<Exchange>,
    logs: PathLogs,
    { resolvePath }: Environment,
  ) {
    this.#path = path;
    this.#logs = logs;
    this.#resolvePath = resolvePath;
  }

  /**
   * The log for the line of an exchange. As in nginx there is none when the
   * document root is missing, so that no client makes logs of hosts that do
   * not exist.
   */
  fileFor(exchange: Exchange): LogFile | undefined {
    let failed = "";
    try {
      const path = this.#path.evaluate(exchange);
      if (hasParentSegment(path) || UNSAFE.test(path)) {
        log.crit(
          `log "${path}" is refused, its path leaves the folder or has ` +
            "characters that no name should have, while logging request",
          contextOf(exchange),
        );
        return undefined;
      }
      const { paths } = exchange.location;
      const root = this.#resolvePath(paths.documentRoot(exchange));
      failed = `testing "${root}" existence failed`;
      checkFolder(root);
      failed = `open() "${path}" failed`;
      return this.#logs.get(path, Date.now());
    } catch (error) {
      const level = failed.startsWith("testing") ? "error" : "crit";
      log.log(
        level,
        `${failed} (${failureReason(error)}) while logging request`,
        contextOf(exchange),
      );
      return undefined;
    }
  }
}

/** @throws {Error} when `path` is no folder */
function checkFolder(path: string): void {
  if (Deno.statSync(path).isDirectory) return;
  throw new Deno.errors.NotADirectory("Not a directory (os error 20)");
}

const pathLogs = new WeakMap<
  Environment["logs"],
  Map<PathLogLimits, PathLogs>
>();

/** Those of `environment` with `limits`. */
export function pathLogsOf(
  { logs }: Environment,
  limits: PathLogLimits,
): PathLogs {
  const known = pathLogs.get(logs) ?? new Map<PathLogLimits, PathLogs>();
  pathLogs.set(logs, known);
  let found = known.get(limits);
  if (found === undefined) {
    known.set(limits, found = new PathLogs(logs, limits));
  }
  return found;
}
