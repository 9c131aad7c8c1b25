/**
 * What a worker's thread does: it serves as it is told, and tells what it
 * counts. An error that nobody caught ends it; whatever it still knows goes to
 * the master first, so that no line of a log and no counter is lost with it.
 */

import { setHostname } from "../config/hostname.ts";
import { finishInSlices, type Steps } from "../config/steps.ts";
import { forwardDiagnostics } from "../logging/diagnostics.ts";
import type { LogSink } from "../logging/log_sink.ts";
import type { EventMethod } from "../core/settings/event_method.ts";
import { log } from "../logging/logger.ts";
import { loopEnded, withoutEpoll } from "../net/native/event_loop.ts";
import type { Module } from "../core/module.ts";
import type { Statistics, StatisticsSnapshot } from "../core/statistics.ts";
import { Zones } from "../core/zones.ts";
import {
  type Generation,
  prepareGenerationSteps,
  readConfigurationSteps,
} from "../server/setup/configuration.ts";
import { MODULES } from "../server/setup/registry.ts";
import { readyToServe } from "../server/setup/start_modules.ts";
import { Server, type Staged } from "../server/server.ts";
import { LineSender } from "./line_sender.ts";
import type { FromWorker, Order, ToWorker } from "./messages.ts";

/**
 * How long a thread that ends waits at most for its descriptors to be closed,
 * in ms: it takes some microseconds, unless what is broken keeps one.
 */
const CLOSING_MS = 1000;

/** How a thread talks to the master, and ends. */
interface MasterPort {
  /** Says something to the master, which owns `transfer` from then on. */
  post(message: FromWorker, transfer?: Transferable[]): void;
  /** Ends the thread. */
  close(): void;
}

/** What an error says, with its stack if it is a mistake in the program. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error.stack ?? `${error.name}: ${error.message}`)
    .replaceAll(/\s*\n\s*/g, " ");
}

/** The side of a worker that serves. */
export class ServingThread {
  readonly #master: MasterPort;
  readonly #id: number;
  readonly #modules: readonly Module[];
  readonly #server = new Server();
  readonly #asking = new Map<number, (total: StatisticsSnapshot) => void>();
  readonly #statistics: Statistics & { draining: boolean };
  readonly #lines: LineSender;
  #lastAsked = 0;
  #staged:
    | {
      readonly ready: Staged;
      readonly order: Order;
      readonly events: EventMethod;
    }
    | undefined;
  /** Whether it was told to end. */
  #leaving = false;
  #ending = false;

  /** A thread with a number, which it has in logs, and its features. */
  constructor(
    master: MasterPort,
    id: number,
    modules: readonly Module[] = MODULES,
  ) {
    this.#modules = modules;
    this.#master = master;
    this.#lines = new LineSender((message, transfer) =>
      master.post(message, transfer)
    );
    this.#id = id;
    this.#statistics = {
      draining: false,
      snapshot: () => this.#askForTotal(),
    };
  }

  /** The master has said something. */
  heard(message: ToWorker): void {
    switch (message.kind) {
      case "stage":
        return void this.#stage(message.order);
      case "commit":
        return this.#commit();
      case "abort":
        this.#staged?.ready.abort();
        this.#staged = undefined;
        return;
      case "count":
        return this.#master.post({
          kind: "counted",
          id: message.id,
          snapshot: this.#server.statistics.snapshot(),
        });
      case "total":
        this.#asking.get(message.id)?.(message.total);
        this.#asking.delete(message.id);
        return;
      case "log_taken":
        return this.#lines.logTaken();
      case "diagnostics_taken":
        return this.#lines.diagnosticsTaken();
      case "drain":
        this.#leaving = true;
        this.#statistics.draining = message.program;
        this.#server.unbound.then(() => {
          if (!this.#ending) this.#master.post({ kind: "unbound" });
        });
        return this.#endAfter(
          this.#server.drain({ othersGoOn: !message.program }),
        );
      case "stop":
        this.#leaving = this.#statistics.draining = true;
        return this.#endAfter(this.#server.stop());
    }
  }

  /** Nobody caught `error`: who knows what is broken, so the thread ends. */
  failed(error: unknown): void {
    if (this.#ending) return;
    this.#ending = true;
    try {
      // Whoever takes its place listens on the same addresses.
      this.#server.closeListeners();
      this.#server.flushLogsSync();
      this.#server.closeConnections();
    } finally {
      this.#leave(() => ({
        kind: "failed",
        reason: describe(error),
        snapshot: this.#server.statistics.snapshot(),
      }));
    }
  }

  /** The last word of the thread, when its descriptors are closed. */
  #leave(lastWord: () => FromWorker): void {
    const leave = () => {
      this.#lines.flushDiagnostics();
      this.#master.post(lastWord());
      this.#master.close();
    };
    const closed = loopEnded();
    if (closed === undefined) return leave();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSING_MS);
    });
    Promise.race([closed, late]).catch(() => {}).then(() => {
      clearTimeout(timer);
      leave();
    });
  }

  async #stage(order: Order): Promise<void> {
    try {
      setHostname(order.hostname);
      const generation = await finishInSlices(this.#prepare(order), () => {
        if (this.#leaving) throw new Error("the worker ends");
      });
      const ready = this.#server.stage(generation, order);
      this.#staged = { ready, order, events: generation.plan.events };
      await readyToServe(generation);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#master.post({ kind: "refused", reason });
    }
    this.#master.post({ kind: "staged" });
  }

  *#prepare(order: Order): Steps<Generation> {
    // The master has read it before and has said what is to be said.
    const silent = () => {};
    const modules = this.#modules;
    return yield* prepareGenerationSteps(
      yield* readConfigurationSteps(order.source, silent, { modules }),
      silent,
      {
        statistics: this.#statistics,
        events: order.events,
        openLog: (path) => this.#openLog(path),
        zones: new Zones(order.zones, this.#id),
      },
    );
  }

  #commit(): void {
    if (this.#staged === undefined) return;
    const { ready, order, events } = this.#staged;
    this.#staged = undefined;
    forwardDiagnostics({
      level: order.level,
      thread: this.#id,
      forward: (level, line) => this.#lines.sendDiagnostic(level, line),
    });
    ready.commit();
    if (events !== order.events) {
      log.warn(
        `this worker uses the event method "${events}" and not ` +
          `"${order.events}" until the next start: ${withoutEpoll()}`,
      );
    }
    this.#master.post({ kind: "committed" });
  }

  /** A log whose lines the master writes. */
  #openLog(path: string): LogSink {
    this.#master.post({ kind: "open_log", path });
    return {
      write: async (bytes) => {
        await this.#lines.sendLog(path, bytes);
        return bytes.length;
      },
      writeSync: (bytes) => {
        this.#lines.sendLog(path, bytes);
        return bytes.length;
      },
      close: () => this.#master.post({ kind: "close_log", path }),
    };
  }

  #askForTotal(): Promise<StatisticsSnapshot> {
    const id = ++this.#lastAsked;
    const { promise, resolve } = Promise.withResolvers<StatisticsSnapshot>();
    this.#asking.set(id, resolve);
    this.#master.post({ kind: "ask", id });
    return promise;
  }

  #endAfter(end: Promise<void>): void {
    end.then(() => {
      if (this.#ending) return;
      this.#ending = true;
      this.#leave(() => ({
        kind: "ended",
        snapshot: this.#server.statistics.snapshot(),
      }));
    }, (error) => this.failed(error));
  }
}
