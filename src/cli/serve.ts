/** The `serve` command: from the configuration to the last signal. */

import {
  configureDiagnostics,
  type DiagnosticTarget,
  disposeDiagnostics,
  flushDiagnosticsSync,
  reopenDiagnostics,
} from "../logging/diagnostics.ts";
import { logger } from "../logging/logger.ts";
import { pidDirective } from "../modules/core.ts";
import { errorLogDirective } from "../modules/logs.ts";
import {
  type Configuration,
  type Generation,
  prepareGeneration,
  readConfiguration,
} from "../server/configuration.ts";
import { Server } from "../server/server.ts";
import { announcement } from "./announce.ts";
import type { Arguments } from "./arguments.ts";
import { locateConfiguration } from "./locate.ts";
import { removePidFile, writePidFile } from "./pid_file.ts";
import { describeError, report } from "./report.ts";

const log = logger("server");

/** Where diagnostics go when nothing says so. */
const DEFAULT_TARGET: DiagnosticTarget = { path: "stderr", level: "notice" };

/** The targets of diagnostics: `error_log` of the outermost blocks, or `-e`. */
function diagnosticTargets(
  { main }: Configuration,
  args: Arguments,
): readonly DiagnosticTarget[] {
  const [http] = main.childrenOf("http");
  const own = [
    ...main.get(errorLogDirective),
    ...(http?.own(errorLogDirective) ?? []),
  ];
  if (own.length > 0) return own.map(({ path, level }) => ({ path, level }));
  return args.errorLog === undefined
    ? [DEFAULT_TARGET]
    : [{ path: args.errorLog, level: "error" }];
}

/** The pid file, `undefined` when a folder is served. */
function pidPath(configuration: Configuration, generation: Generation) {
  if (configuration.source.statements !== undefined) return undefined;
  return generation.environment.resolvePath(
    configuration.main.get(pidDirective),
  );
}

/**
 * Serves until a signal ends it.
 *
 * @returns the exit status
 */
export async function serve(args: Arguments): Promise<number> {
  const warn = (message: string) => report("warn", message);
  const server = new Server();
  let pid: string | undefined;
  try {
    const configuration = readConfiguration(locateConfiguration(args), warn);
    const targets = diagnosticTargets(configuration, args);
    configureDiagnostics({ targets });
    const generation = prepareGeneration(configuration, warn);
    server.serve(generation);
    pid = pidPath(configuration, generation);
    if (pid !== undefined) writePidFile(pid);
    console.log(
      announcement(
        server.addresses,
        generation,
        targets.map(({ path }) => path),
      ),
    );
  } catch (error) {
    report("emerg", describeError(error));
    await server.stop();
    await disposeDiagnostics();
    return 1;
  }
  // Only `-s` needs to start anything; a server that is taken over cannot.
  await Deno.permissions.revoke({ name: "run" });
  await new Signals(args, server).ended;
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
  #ending = false;

  constructor(args: Arguments, server: Server) {
    this.#args = args;
    this.#server = server;
    this.#on("SIGTERM", () => this.#stop("SIGTERM"));
    this.#on("SIGINT", () => this.#stop("SIGINT"));
    this.#on("SIGQUIT", () => this.#quit());
    this.#on("SIGHUP", () => this.#reload());
    this.#on("SIGUSR1", () => this.#reopen());
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
    let generation: Generation | undefined;
    try {
      const source = locateConfiguration(this.#args);
      const configuration = readConfiguration(source, warn);
      generation = prepareGeneration(configuration, warn);
      this.#server.serve(generation);
      configureDiagnostics({
        targets: diagnosticTargets(configuration, this.#args),
      });
      log.notice("configuration reloaded");
    } catch (error) {
      log.emerg(describeError(error).replaceAll("\n", ": "));
      log.error("the configuration was not reloaded, the old one is served");
    }
  }

  #reopen(): void {
    log.notice("reopening logs");
    this.#server.reopenLogs().catch((error) =>
      log.error("logs could not be reopened", { error })
    );
    reopenDiagnostics().catch((error) =>
      log.error("error logs could not be reopened", { error })
    );
  }
}
