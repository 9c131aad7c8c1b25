/** The `serve` command: from the configuration to the last signal. */

import {
  configureDiagnostics,
  type DiagnosticTarget,
  disposeDiagnostics,
  flushDiagnosticsSync,
  reopenDiagnostics,
} from "../logging/diagnostics.ts";
import { logger } from "../logging/logger.ts";
import {
  type Configuration,
  prepareGeneration,
  readConfiguration,
} from "../server/configuration.ts";
import { Server } from "../server/server.ts";
import {
  accessLogsOf,
  errorLogsOf,
  isLogFile,
  pidFileOf,
} from "../server/settings.ts";
import { announcement } from "./announce.ts";
import type { Arguments } from "./arguments.ts";
import { closeDebugger } from "./debugger.ts";
import { locateConfiguration } from "./locate.ts";
import { networkAddresses } from "./network.ts";
import { type Needs, revokePermissions } from "./permissions.ts";
import { removePidFile, writePidFile } from "./pid_file.ts";
import { describeError, report } from "./report.ts";

const log = logger("server");

/** Where diagnostics go when nothing says so. */
const DEFAULT_TARGET: DiagnosticTarget = { path: "stderr", level: "notice" };

/** The targets of diagnostics: `error_log` of the outermost blocks, or `-e`. */
function diagnosticTargets(
  configuration: Configuration,
  args: Arguments,
): readonly DiagnosticTarget[] {
  const own = errorLogsOf(configuration);
  if (own.length > 0) return own;
  return args.errorLog === undefined
    ? [DEFAULT_TARGET]
    : [{ path: args.errorLog, level: "error" }];
}

/** The pid file, `undefined` when a folder is served. */
function pidPath(configuration: Configuration): string | undefined {
  return configuration.source.statements === undefined
    ? pidFileOf(configuration)
    : undefined;
}

/**
 * Serves until a signal ends it.
 *
 * @returns the exit status
 * @throws {UsageError} when the folder to serve is none
 */
export async function serve(args: Arguments): Promise<number> {
  const warn = (message: string) => report("warn", message);
  const source = locateConfiguration(args);
  const server = new Server();
  let pid: string | undefined;
  let needs: Needs;
  let signals: Signals;
  try {
    const configuration = readConfiguration(source, warn);
    const targets = diagnosticTargets(configuration, args);
    configureDiagnostics({ targets });
    const errorLogs = targets.map(({ path }) => path);
    const generation = prepareGeneration(
      configuration,
      warn,
      server.statistics,
    );
    server.serve(generation);
    const hasFile = source.statements === undefined;
    needs = {
      reloads: hasFile,
      writes: [...errorLogs, ...accessLogsOf(generation)].some(isLogFile),
    };
    pid = pidPath(configuration);
    if (pid !== undefined) writePidFile(pid);
    // Who reads that it has started may tell it to stop.
    signals = new Signals(args, server, targets);
    console.log(
      announcement(server.addresses, generation, {
        errorLogs,
        network: hasFile ? [] : networkAddresses(),
      }),
    );
  } catch (error) {
    report("emerg", describeError(error));
    await server.stop();
    await disposeDiagnostics();
    return 1;
  }
  await revokePermissions(needs);
  await signals.ended;
  if (pid !== undefined) removePidFile(pid);
  await disposeDiagnostics();
  flushDiagnosticsSync();
  return 0;
}

/** What the process does when it is told something. */
class Signals {
  readonly #args: Arguments;
  readonly #server: Server;
  readonly #ended = Promise.withResolvers<void>();
  /** Where diagnostics go by the configuration that is served. */
  #targets: readonly DiagnosticTarget[];
  #ending = false;

  constructor(
    args: Arguments,
    server: Server,
    targets: readonly DiagnosticTarget[],
  ) {
    this.#args = args;
    this.#server = server;
    this.#targets = targets;
    this.#on("SIGTERM", () => this.#stop("SIGTERM"));
    this.#on("SIGINT", () => this.#stop("SIGINT"));
    this.#on("SIGQUIT", () => this.#quit());
    this.#on("SIGHUP", () => this.#reload());
    this.#on("SIGUSR1", () => this.#reopen());
    // The signal may have come before anybody listened to it.
    closeDebugger();
  }

  /** Settles when the server has stopped. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  #on(signal: Deno.Signal, action: () => void): void {
    try {
      Deno.addSignalListener(signal, action);
    } catch {
      // Windows knows only some signals.
    }
  }

  #stop(signal: string): void {
    log.notice(`${signal} received, stopping`);
    this.#ending = true;
    this.#server.stop().finally(() => this.#ended.resolve());
  }

  #quit(): void {
    if (this.#ending) return;
    this.#ending = true;
    log.notice("SIGQUIT received, finishing responses in flight");
    this.#server.drain().finally(() => this.#ended.resolve());
  }

  /** A configuration that is wrong changes nothing. */
  #reload(): void {
    if (this.#ending) return;
    const warn = (message: string) => log.warn(message);
    try {
      const source = locateConfiguration(this.#args);
      const configuration = readConfiguration(source, warn);
      // The error logs first: what cannot be opened must be known before
      // anything is served.
      const targets = diagnosticTargets(configuration, this.#args);
      configureDiagnostics({ targets });
      try {
        const { statistics } = this.#server;
        this.#server.serve(prepareGeneration(configuration, warn, statistics));
      } catch (error) {
        configureDiagnostics({ targets: this.#targets });
        throw error;
      }
      this.#targets = targets;
      this.#server.statistics.reloadsDone++;
      log.notice("configuration reloaded");
    } catch (error) {
      this.#server.statistics.reloadsRefused++;
      log.emerg(describeError(error).replaceAll("\n", ": "));
      log.error("the configuration was not reloaded, the old one is served");
    }
  }

  #reopen(): void {
    closeDebugger();
    log.notice("reopening logs");
    this.#server.reopenLogs().catch((error) =>
      log.error("logs could not be reopened", { error })
    );
    reopenDiagnostics().catch((error) =>
      log.error("error logs could not be reopened", { error })
    );
  }
}
