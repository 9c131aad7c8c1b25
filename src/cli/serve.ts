/** The `serve` command: from the configuration to the last signal. */

import {
  configureDiagnostics,
  type DiagnosticsOptions,
  type DiagnosticTarget,
  disposeDiagnostics,
  flushDiagnosticsSync,
  reopenDiagnostics,
} from "../logging/diagnostics.ts";
import { ConfigError, faultsOf } from "../config/errors.ts";
import { leastSevere } from "../logging/level.ts";
import { logger } from "../logging/logger.ts";
import {
  type Configuration,
  readConfiguration,
} from "../server/configuration.ts";
import { warnOfFolders } from "../server/folder_check.ts";
import {
  accessLogsOf,
  errorLogsOf,
  innerErrorLogsOf,
  isLogFile,
  pidFileOf,
} from "../server/settings.ts";
import { thisMachine } from "../server/workers/count.ts";
import { type Proposal, Supervisor } from "../server/workers/supervisor.ts";
import { threadsOf } from "../server/workers/thread.ts";
import { announcement } from "./announce.ts";
import { type Arguments, UsageError } from "./arguments.ts";
import { checkConfiguration } from "./check.ts";
import { DEBUGGER_ADDRESS, DebuggerPort } from "./debugger.ts";
import { locateConfiguration } from "./locate.ts";
import { networkAddresses } from "./network.ts";
import { type Needs, revokePermissions } from "./permissions.ts";
import { removePidFile, writePidFile } from "./pid_file.ts";
import { describeError, report, reportFaults } from "./report.ts";

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

/** The paths of logs, each one once. */
function pathsOf(logs: readonly { readonly path: string }[]): string[] {
  return [...new Set(logs.map(({ path }) => path))];
}

/** The pid file, `undefined` when a folder is served. */
function pidPath(configuration: Configuration): string | undefined {
  return configuration.source.statements === undefined
    ? pidFileOf(configuration).path
    : undefined;
}

/**
 * Reads what the arguments ask for. Diagnostics go to its targets when it is
 * served.
 */
function propose(
  args: Arguments,
  debuggerPort: DebuggerPort,
  warn: (message: string) => void,
): Proposal & { readonly diagnostics: DiagnosticsOptions } {
  const configuration = readConfiguration(locateConfiguration(args), warn);
  warnOfFolders(configuration.main, warn);
  const targets = diagnosticTargets(configuration, args);
  const level = leastSevere(
    [...targets, ...innerErrorLogsOf(configuration)].map(({ level }) => level),
  );
  const diagnostics = { targets, level };
  return {
    configuration,
    diagnostics,
    level,
    warn,
    beforeBind: async (listeners) => {
      const isOwn = listeners.some(({ port }) =>
        port === DEBUGGER_ADDRESS.port
      );
      if (isOwn) await debuggerPort.release();
    },
    beforeCommit: () => configureDiagnostics(diagnostics),
  };
}

/**
 * All that keeps what the arguments ask for from being served: `error`, which
 * has come first, and what would come after it.
 */
async function everyFault(args: Arguments, error: unknown): Promise<unknown> {
  const silent = () => {};
  try {
    const source = locateConfiguration(args);
    const { faults } = await checkConfiguration(source, args.errorLog, silent);
    if (error instanceof ConfigError) faults.add(error);
    faults.throwIfFound();
  } catch (all) {
    return all;
  }
  return error;
}

/**
 * Serves until a signal ends it. `workerModule` is what threads of workers
 * run.
 *
 * @returns the exit status
 * @throws {UsageError} when the folder to serve is none
 */
export async function serve(
  args: Arguments,
  workerModule: URL,
): Promise<number> {
  const debuggerPort = new DebuggerPort();
  // Before anything is waited for: until then the runtime cannot open it.
  debuggerPort.hold();
  const supervisor = new Supervisor({
    startThread: threadsOf(workerModule),
    machine: thisMachine(),
  });
  let pid: string | undefined;
  let needs: Needs;
  let signals: Signals;
  try {
    const proposal = propose(
      args,
      debuggerPort,
      (message) => report("warn", message),
    );
    const { configuration, diagnostics } = proposal;
    // What goes wrong at the start is logged too.
    configureDiagnostics(diagnostics);
    const errorLogs = pathsOf([
      ...diagnostics.targets,
      ...innerErrorLogsOf(configuration),
    ]);
    const { addresses, generation, workers } = await supervisor.start(proposal);
    const hasFile = configuration.source.statements === undefined;
    const isOwnPort = addresses.some(({ port }) =>
      port === DEBUGGER_ADDRESS.port
    );
    if (!isOwnPort) debuggerPort.reportIfTaken(hasFile ? "warn" : "info");
    needs = {
      reloads: hasFile,
      // A worker that dies, or the port of the debugger when it is free.
      restarts: workers > 1 || !debuggerPort.held,
      writes: [...errorLogs, ...accessLogsOf(generation)].some(isLogFile),
    };
    pid = pidPath(configuration);
    if (pid !== undefined) writePidFile(pid);
    // Who reads that it has started may tell it to stop.
    signals = new Signals(
      supervisor,
      debuggerPort,
      () => propose(args, debuggerPort, (message) => log.warn(message)),
    );
    console.log(
      announcement(addresses, generation, {
        errorLogs,
        network: hasFile ? [] : networkAddresses(),
      }),
    );
  } catch (error) {
    await supervisor.stop();
    await disposeDiagnostics();
    if (error instanceof UsageError) throw error;
    // It must not be found in use where the configuration wants it.
    await debuggerPort.release();
    reportFaults("emerg", await everyFault(args, error));
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
  readonly #supervisor: Supervisor;
  readonly #debuggerPort: DebuggerPort;
  readonly #propose: () => Proposal;
  readonly #ended = Promise.withResolvers<void>();
  #ending = false;
  /** A reload that has not read its files yet does for all who ask. */
  #reloadWaits = false;

  constructor(
    supervisor: Supervisor,
    debuggerPort: DebuggerPort,
    propose: () => Proposal,
  ) {
    this.#supervisor = supervisor;
    this.#debuggerPort = debuggerPort;
    this.#propose = propose;
    this.#on("SIGTERM", () => this.#stop("SIGTERM"));
    this.#on("SIGINT", () => this.#stop("SIGINT"));
    this.#on("SIGQUIT", () => this.#quit());
    this.#on("SIGHUP", () => this.#reload());
    this.#on("SIGUSR2", () => this.#reopen());
    this.#on("SIGUSR1", () => {
      debuggerPort.signalled();
      this.#reopen();
    });
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
    this.#supervisor.stop().finally(() => this.#ended.resolve());
  }

  #quit(): void {
    if (this.#ending) return;
    this.#ending = true;
    log.notice("SIGQUIT received, finishing responses in flight");
    this.#supervisor.drain().finally(() => this.#ended.resolve());
  }

  /** A configuration that is wrong changes nothing. */
  async #reload(): Promise<void> {
    if (this.#ending || this.#reloadWaits) return;
    this.#reloadWaits = true;
    try {
      await this.#supervisor.reload(() => {
        this.#reloadWaits = false;
        return this.#propose();
      });
      log.notice("configuration reloaded");
    } catch (error) {
      if (this.#ending) return;
      for (const fault of faultsOf(error)) {
        log.emerg(describeError(fault).replace(/\n\s*/, ": "));
      }
      log.error("the configuration was not reloaded, the old one is served");
    } finally {
      // What listened on its port may be gone.
      this.#debuggerPort.hold();
    }
  }

  #reopen(): void {
    log.notice("reopening logs");
    this.#supervisor.reopenLogs().catch((error) =>
      log.error("logs could not be reopened", { error })
    );
    reopenDiagnostics().catch((error) =>
      log.error("error logs could not be reopened", { error })
    );
  }
}
