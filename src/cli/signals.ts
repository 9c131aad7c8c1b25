/** What the process does when it is told something. */

import { reopenDiagnostics } from "../logging/diagnostics.ts";
import { log } from "../logging/logger.ts";
import type { Arrival } from "../cluster/arrival.ts";
import type { Proposal, Supervisor } from "../cluster/supervisor.ts";
import type { DebuggerPort } from "./debugger.ts";
import { logFaults } from "./report.ts";
import { type SignalAction, SIGNALS } from "./options/signals.ts";
import type { Upgrade } from "./upgrade/upgrade.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Signals that would end the process if nobody listened, and that nginx
 * survives as well. SIGPIPE is ignored by the runtime itself: whoever listened
 * would be told of every client that leaves while it is sent a file.
 */
const IGNORED = ["SIGALRM", "SIGIO", "SIGSYS"] as const;

/** What signals are about. */
interface SignalsOptions {
  /** What serves. */
  readonly supervisor: Supervisor;
  /** What must not open at `USR1`. */
  readonly debuggerPort: DebuggerPort;
  /** What `USR2` does. */
  readonly upgrade: Upgrade;
  /** How it came in the place of another program, if it did. */
  readonly arrival: Arrival | undefined;
  /** Where the process was started. */
  readonly terminal: Terminal;
  /**
   * Reads what is to be served next; `undefined` when there is no
   * configuration that could have changed. It ends early with the error that
   * `checkWanted` throws.
   */
  readonly propose:
    | ((checkWanted: () => void) => Proposal | Promise<Proposal>)
    | undefined;
}

/** The signals of the process, and what is done about them. */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #ended = Promise.withResolvers<void>();
  #ending = false;
  #stopping = false;
  /** Whether another program is about to take the place of this one. */
  #upgrading = false;
  /** Whether there is to be a reload if it does not. */
  #reloadsLater = false;
  /** A reload that has not read its files yet does for all who ask. */
  #reloadWaits = false;
  /** Settles when the last reload that was begun is over. */
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: SignalsOptions) {
    this.#options = options;
    const actions: Record<SignalAction, (signal: Deno.Signal) => void> = {
      stop: (signal) => this.stop(`${signal} received, stopping`),
      quit: () => this.#quit(),
      reload: () => this.#hangUp(),
      reopen: (signal) => {
        if (signal === "SIGUSR1") options.debuggerPort.signalled();
        this.#reopen();
      },
      upgrade: () => this.#upgrade(),
    };
    for (const { action, signals } of SIGNALS) {
      for (const signal of signals) on(signal, () => actions[action](signal));
    }
    // The program whose place this one has taken says so.
    on("SIGCONT", () => options.arrival?.alone());
    for (const signal of IGNORED) {
      on(signal, () => log.info(`${signal} received, ignored`));
    }
  }

  /** Settles when the server has stopped. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /**
   * Stops the server, and logs why. A second time it does not wait for
   * whatever the first one waits for.
   */
  stop(why: string): void {
    if (this.#stopping) return this.#ended.resolve();
    log.notice(why);
    this.#ending = this.#stopping = true;
    this.#options.supervisor.stop().finally(() => this.#ended.resolve());
  }

  #quit(): void {
    if (this.#ending) return;
    this.#ending = true;
    log.notice("SIGQUIT received, finishing responses in flight");
    this.#options.supervisor.drain().finally(() => this.#ended.resolve());
  }

  /** Another program takes the place of this one, which then ends. */
  async #upgrade(): Promise<void> {
    const { upgrade, arrival, supervisor } = this.#options;
    if (this.#ending || this.#upgrading) {
      const why = this.#ending ? "this process ends" : "another one starts";
      return log.notice(`SIGUSR2 received, ignored: ${why}`);
    }
    this.#upgrading = true;
    log.notice("SIGUSR2 received, starting the program anew");
    let pid: number;
    try {
      await arrival?.done;
      // It may move the pid file, and changes what is listened on.
      await this.#reloading;
      ({ pid } = await upgrade.run());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = this.#ending ? "ends" : "goes on";
      log.error(
        `the program was not started anew, this one ${what}: ${reason}`,
      );
      // Whatever ends this one takes its own time.
      if (this.#ending) return;
      this.#upgrading = false;
      if (this.#reloadsLater) await this.reload();
      return;
    }
    if (this.#ending) return;
    this.#ending = true;
    log.notice(`process ${pid} serves, finishing responses in flight`);
    supervisor.handOver(() => tellAlone(pid))
      .finally(() => this.#ended.resolve());
  }

  /**
   * The kernel says `HUP` when the terminal is closed, an operator when the
   * configuration is to be read again.
   */
  #hangUp(): void {
    const { terminal, propose } = this.#options;
    if (terminal.isGone) {
      this.stop("SIGHUP received, the terminal is closed, stopping");
    } else if (propose !== undefined) {
      this.reload();
    } else if (terminal.isDetached) {
      log.notice("SIGHUP received, there is no configuration to read again");
    } else {
      this.stop("SIGHUP received, stopping");
    }
  }

  /** Serves what is to be served next. What is wrong changes nothing. */
  async reload(): Promise<void> {
    const { propose } = this.#options;
    if (propose === undefined || this.#ending || this.#reloadWaits) return;
    // The program that starts reads it anyway; if it fails, it is read here.
    this.#reloadsLater = this.#upgrading;
    if (this.#upgrading) return;
    this.#reloading = this.#reloadNow(propose);
    await this.#reloading;
  }

  async #reloadNow(
    propose: NonNullable<SignalsOptions["propose"]>,
  ): Promise<void> {
    const { supervisor, debuggerPort } = this.#options;
    this.#reloadWaits = true;
    try {
      await supervisor.reload(() => {
        this.#reloadWaits = false;
        return propose(() => {
          if (this.#ending) throw new Error("the program ends");
        });
      });
      log.notice("configuration reloaded");
    } catch (error) {
      if (this.#ending) return;
      logFaults(error);
      log.error("the configuration was not reloaded, the old one is served");
    } finally {
      // What listened on its port may be gone.
      debuggerPort.hold();
    }
  }

  #reopen(): void {
    log.notice("reopening logs");
    this.#options.supervisor.reopenLogs().catch((error) =>
      log.error("logs could not be reopened", { error })
    );
    reopenDiagnostics().catch((error) =>
      log.error("error logs could not be reopened", { error })
    );
  }
}

/** The process `pid` has all addresses for itself. */
function tellAlone(pid: number): void {
  try {
    Deno.kill(pid, "SIGCONT");
  } catch {
    // It finds out by itself.
  }
}

function on(signal: Deno.Signal, action: () => void): void {
  try {
    Deno.addSignalListener(signal, action);
  } catch {
    // Windows knows only some signals.
  }
}
