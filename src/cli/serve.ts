/** The `serve` command: from the configuration to the last signal. */

import {
  configureDiagnostics,
  type DiagnosticsOptions,
  type DiagnosticTarget,
  disposeDiagnostics,
  flushDiagnosticsSync,
} from "../logging/diagnostics.ts";
import { ConfigError } from "../config/errors.ts";
import { FaultList } from "../config/fault_list.ts";
import { finishInSlices } from "../config/steps.ts";
import { leastSevere } from "../logging/level.ts";
import { log } from "../logging/logger.ts";
import {
  type Configuration,
  readConfigurationSteps,
} from "../server/setup/configuration.ts";
import { warnOfFolders } from "../server/setup/folder_check.ts";
import { checkWrittenFiles } from "../server/setup/preflight.ts";
import {
  errorLogsOf,
  innerErrorLogsOf,
  isLogFile,
  loadCode,
  permissionsOf,
  pidFileOf,
  upgradesOf,
  userOf,
} from "../server/setup/process_settings.ts";
import { thisMachine } from "../cluster/count.ts";
import { Arrival } from "../cluster/arrival.ts";
import { type Proposal, Supervisor } from "../cluster/supervisor.ts";
import { threadsOf } from "../cluster/thread.ts";
import { announcement, startNotice } from "./announce.ts";
import type { Arguments } from "./arguments.ts";
import { UsageError } from "./usage_error.ts";
import { checkConfiguration, errorLogFiles } from "./check.ts";
import { DEBUGGER_ADDRESS, DebuggerPort } from "./debugger.ts";
import { dropPrivileges } from "./drop_privileges.ts";
import { withFreePort } from "./folder/address.ts";
import {
  certificateNotes,
  provideCertificate,
  renewCertificate,
} from "./folder/certificate.ts";
import { isPreview } from "./folder/preview.ts";
import { showPreview } from "./folder/showing.ts";
import { locateConfiguration } from "./locate.ts";
import { networkAddresses } from "./network.ts";
import { type Needs, revokePermissions } from "./permissions.ts";
import { PidFile } from "./pid_file.ts";
import { accountFor, ownUser, privilegeNotice } from "./privileges.ts";
import { logFaults, report, reportFaults } from "./report.ts";
import { Signals } from "./signals.ts";
import { ownTerminal } from "./terminal.ts";
import { type TakeOver, tellReady } from "./upgrade/take_over.ts";
import { Upgrade } from "./upgrade/upgrade.ts";

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

/** What the process holds while it serves, whatever it serves. */
interface Held {
  readonly debuggerPort: DebuggerPort;
  readonly pidFile: PidFile;
  readonly supervisor: Supervisor;
  /** Whose rights it has; `null` where that is not known. */
  user: number | null;
}

/** @throws {ConfigError} when files of the process could not be written */
function checkFiles(
  configuration: Configuration,
  { errorLog }: Arguments,
  { path }: PidFile,
): void {
  const faults = new FaultList();
  const pid = pidPath(configuration);
  // The one it has was perhaps made by root, who is root no more.
  const isNew = pid !== undefined && pid !== path;
  checkWrittenFiles(
    errorLogFiles(configuration, errorLog),
    isNew ? pidFileOf(configuration) : undefined,
    faults,
  );
  faults.throwIfFound();
}

/**
 * Reads what the arguments ask for. Diagnostics go to its targets when it is
 * served.
 */
async function propose(
  args: Arguments,
  held: Held,
  warn: (message: string) => void,
  checkWanted: () => void = () => {},
): Promise<Proposal & { readonly diagnostics: DiagnosticsOptions }> {
  const { debuggerPort, pidFile } = held;
  const configuration = await finishInSlices(
    readConfigurationSteps(locateConfiguration(args), warn),
    checkWanted,
  );
  await finishInSlices(
    warnOfFolders(configuration.main, warn),
    checkWanted,
  );
  const account = accountFor(userOf(configuration), held.user, warn);
  checkFiles(configuration, args, pidFile);
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
      if (account !== undefined) await loadCode(configuration);
    },
    beforeCommit: (generation) => {
      const previous = pidFile.path;
      pidFile.moveTo(pidPath(configuration));
      try {
        configureDiagnostics(diagnostics);
        const isServed = previous !== undefined;
        if (isServed && !upgradesOf(configuration)) {
          Deno.permissions.revokeSync({ name: "run" });
        }
        if (account !== undefined) {
          pidFile.open(pidPath(configuration));
          dropPrivileges(account, { configuration, generation, targets }, warn);
          held.user = account.uid;
          held.supervisor.fixWorkers(
            "root has bound the addresses, and is root no more",
          );
        }
        // Every thread has loaded what it needs, and none accepts yet.
        if (!permissionsOf(generation).has("ffi")) {
          Deno.permissions.revokeSync({ name: "ffi" });
        }
      } catch (error) {
        pidFile.moveTo(previous);
        throw error;
      }
    },
  };
}

/** Why `USR2` cannot start the program anew, if how it was started is why. */
function upgradeRefusal(
  { file }: Arguments,
  wasRoot: boolean,
  isHandedOver: boolean,
): string | undefined {
  if (file === "-") {
    return "the configuration came from the standard input, which is at its end";
  }
  if (isHandedOver) {
    return "sockets were handed over at the start (LISTEN_FDS), and are so " +
      "again at the next one: restart it, and whoever comes meanwhile waits";
  }
  return wasRoot
    ? "root has bound the addresses, which the system shares between sockets " +
      "of one user only: restart it; upgrades take a program that is started " +
      "as its user (User= of a unit), with the capability " +
      "CAP_NET_BIND_SERVICE for ports below 1024 (AmbientCapabilities=)"
    : undefined;
}

/**
 * All that keeps what the arguments ask for from being served: `error`, which
 * has come first, and what would come after it.
 */
async function everyFault(
  args: Arguments,
  error: unknown,
  warn: (message: string) => void,
): Promise<unknown> {
  try {
    const source = locateConfiguration(args);
    const { faults } = await checkConfiguration(source, args.errorLog, warn);
    if (error instanceof ConfigError) faults.add(error);
    faults.throwIfFound();
  } catch (all) {
    return all;
  }
  return error;
}

/**
 * Serves until a signal ends it. `workerModule` is what threads of workers
 * run, `takeOver` whose place it takes.
 *
 * @returns the exit status
 * @throws {UsageError} when the folder to serve is none
 */
export async function serve(
  wished: Arguments,
  workerModule: URL,
  takeOver?: TakeOver,
): Promise<number> {
  const { args, note } = withFreePort(wished);
  const debuggerPort = new DebuggerPort();
  // Before anything is waited for: until then the runtime cannot open it.
  debuggerPort.hold();
  const terminal = ownTerminal();
  const pidFile = new PidFile();
  const told = new Set<string>();
  // A start that fails reads the configuration again, for all its mistakes.
  const warn = (message: string) => {
    if (!told.has(message)) report("warn", message);
    told.add(message);
  };
  const arrival = takeOver && new Arrival(takeOver.holdings.copies);
  const supervisor = new Supervisor({
    startThread: threadsOf(workerModule),
    machine: thisMachine(),
    inherited: takeOver?.holdings,
    arrival,
    abandoned: () => {
      status = 1;
      signals.stop("no worker is left, stopping");
    },
  });
  let status = 0;
  const startedAs = ownUser();
  const held = { debuggerPort, pidFile, supervisor, user: startedAs };
  // To whoever started it everything is said on the standard error anyway.
  let logsToFiles = false;
  let needs: Needs;
  let signals: Signals;
  try {
    await provideCertificate(args);
    const proposal = await propose(
      args,
      held,
      warn,
    );
    const { configuration, diagnostics } = proposal;
    // What goes wrong at the start is logged too.
    configureDiagnostics(diagnostics);
    logsToFiles = diagnostics.targets.every(({ path }) => isLogFile(path));
    const errorLogs = pathsOf([
      ...diagnostics.targets,
      ...innerErrorLogsOf(configuration),
    ]);
    const { addresses, generation, workers, takesSockets } = await supervisor
      .start(proposal);
    const hasFile = configuration.source.statements === undefined;
    const isOwnPort = addresses.some(({ port }) =>
      port === DEBUGGER_ADDRESS.port
    );
    if (!isOwnPort) debuggerPort.reportIfTaken(hasFile ? "warn" : "info");
    const refusal = upgradeRefusal(
      args,
      held.user !== startedAs,
      takesSockets,
    );
    const canReload = hasFile || args.https?.kind === "self-made";
    needs = {
      reloads: canReload,
      // A worker that dies, or the port of the debugger when it is free.
      restarts: workers > 1 || !debuggerPort.held,
      needed: new Set([
        ...permissionsOf(generation),
        ...errorLogs.some(isLogFile) ? ["write" as const] : [],
        // A socket that is left behind keeps the next start from binding it.
        ...addresses.some(({ plan }) => plan.path !== undefined)
          ? ["write" as const]
          : [],
        ...hasFile && refusal === undefined && upgradesOf(configuration)
          ? ["run" as const]
          : [],
      ]),
    };
    // Who reads that it has started may tell it to stop.
    signals = new Signals({
      supervisor,
      debuggerPort,
      terminal,
      arrival,
      upgrade: new Upgrade({
        pidFile,
        refusal,
        holdings: () => supervisor.holdings,
      }),
      propose: canReload
        ? async (checkWanted) => {
          await provideCertificate(args);
          return await propose(
            args,
            held,
            (message) => log.warn(message),
            checkWanted,
          );
        }
        : undefined,
    });
    pidFile.write(pidPath(configuration));
    const kept = privilegeNotice(held.user);
    if (kept !== undefined) log.notice(kept);
    log.notice(startNotice(addresses, workers));
    // A certificate of an authority is for names alone.
    const network = hasFile || args.https?.kind === "authority"
      ? []
      : networkAddresses();
    announce(
      announcement(addresses, generation, {
        errorLogs,
        network,
        notes: [
          ...(note === undefined ? [] : [note]),
          ...certificateNotes(args),
        ],
      }),
    );
    arrival?.serves(supervisor.holdings.copies);
    if (takeOver !== undefined) tellReady(takeOver);
    if (isPreview(args)) await showPreview(args, addresses, network);
  } catch (error) {
    arrival?.alone();
    await supervisor.stop();
    if (error instanceof UsageError) {
      await disposeDiagnostics();
      throw error;
    }
    // It must not be found in use where the configuration wants it.
    await debuggerPort.release();
    // The addresses are the other's, which has had all else tested.
    const all = takeOver === undefined
      ? await everyFault(args, error, warn)
      : error;
    if (logsToFiles) logFaults(all);
    await disposeDiagnostics();
    reportFaults("emerg", all);
    return 1;
  }
  await revokePermissions(needs);
  const endRenewal = renewCertificate(args, {
    serve: () => signals.reload(),
    tell: (message) => log.error(message),
  });
  await signals.ended;
  endRenewal();
  pidFile.remove();
  log.notice("exit");
  await disposeDiagnostics();
  flushDiagnosticsSync();
  return status;
}

/** Says it to whoever has started the program, if there still is somebody. */
function announce(text: string): void {
  try {
    console.log(text);
  } catch (error) {
    log.info("nobody reads the standard output", { error });
  }
}
