/**
 * The running server: its listeners, its connections, and their end. A reload
 * gives the listeners a new generation of the configuration; connections end
 * with the one they began with.
 */

import { DateCache } from "../http/date.ts";
import { logger } from "../logging/logger.ts";
import { plainAddress } from "../net/address.ts";
import type { Connection } from "../net/connection.ts";
import type { ConnectionState, EndReason } from "../net/connection_state.ts";
import { DeadlineSweep } from "../net/deadlines.ts";
import { Listener } from "../net/listener.ts";
import type { Generation } from "./configuration.ts";
import { groupFor, type ListenerPlan } from "./plan.ts";
import { Session, type SessionHost } from "./session.ts";

const log = logger("server");

/** How often timed-out connections are summed up in the log, in ms. */
const SUMMARY_INTERVAL_MS = 60_000;

/** How many idle connections are ended at a time to make room (nginx: 32). */
const EVICTED_AT_A_TIME = 32;

/** How often a full server is logged, in ms. */
const FULL_LOG_INTERVAL_MS = 1000;

/** The level at which each end of a connection is logged. */
const END_LEVELS = {
  done: "debug",
  eof: "debug",
  premature_eof: "info",
  reset: "info",
  broken_pipe: "info",
  timeout: "info",
  evicted: "info",
  error: "error",
} as const satisfies Record<EndReason, string>;

/** An address that is listened on. */
export interface BoundAddress {
  /** The address as configured. */
  readonly hostname: string;
  /** The port, chosen by the system if 0 was configured. */
  readonly port: number;
  /** The listener's plan. */
  readonly plan: ListenerPlan;
}

/** A listener and what it serves now. */
interface OpenListener {
  readonly listener: Listener;
  plan: ListenerPlan;
}

/** The key by which a listener survives a reload. */
function keyOf({ hostname, port }: ListenerPlan, index: number): string {
  return port === 0 ? `${hostname}:0 ${index}` : `${hostname}:${port}`;
}

/** See the top of the file. */
export class Server {
  /** Where deadlines are looked at: holds every live connection. */
  readonly sweep = new DeadlineSweep<Connection>();
  readonly #dates = new DateCache();
  readonly #sessions = new Set<Session>();
  readonly #listeners = new Map<string, OpenListener>();
  readonly #accepting = new Set<Promise<void>>();
  readonly #empty = Promise.withResolvers<void>();
  #current: ServedGeneration | undefined;
  #stopping = false;
  #timeouts = 0;
  #fullLoggedAt = -Infinity;
  #summaryTimer: ReturnType<typeof setInterval> | undefined;

  /** How many connections there are. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** How many connections are in each state. */
  connectionsByState(): Record<ConnectionState | "idle", number> {
    const counts = { reading: 0, writing: 0, closed: 0, error: 0, idle: 0 };
    for (const { connection } of this.#sessions) {
      counts[connection.idle ? "idle" : connection.state]++;
    }
    return counts;
  }

  /** The addresses that are listened on. */
  get addresses(): readonly BoundAddress[] {
    return [...this.#listeners.values()].map(({ listener, plan }) => ({
      hostname: plan.hostname,
      port: listener.port,
      plan,
    }));
  }

  /**
   * Serves `generation` from now on. Listeners it shares with the one before
   * are kept; connections of the one before finish their response and end.
   *
   * @throws {BindError} when a new address cannot be bound; then nothing has
   * changed
   */
  serve(generation: Generation): void {
    const opened = this.#bindNew(generation);
    const previous = this.#current;
    this.#current = new ServedGeneration(generation);
    generation.environment.logs.start();
    const wanted = new Set<string>();
    generation.plan.listeners.forEach((plan, index) => {
      const key = keyOf(plan, index);
      wanted.add(key);
      const fresh = opened.get(key);
      if (fresh === undefined) this.#listeners.get(key)!.plan = plan;
      else this.#open(key, { listener: fresh, plan });
    });
    for (const [key, { listener }] of [...this.#listeners]) {
      if (wanted.has(key)) continue;
      listener.close();
      this.#listeners.delete(key);
    }
    previous?.retire();
    for (const session of [...this.#sessions]) {
      if (session.owner === previous) session.retire();
    }
    this.#summaryTimer ??= setInterval(
      () => this.#summarize(),
      SUMMARY_INTERVAL_MS,
    );
  }

  /** Opens the logs of the current configuration again. */
  async reopenLogs(): Promise<void> {
    await this.#current?.generation.environment.logs.reopen();
  }

  /** Stops now: connections end where they are. Logs are written. */
  async stop(): Promise<void> {
    this.#stopAccepting();
    for (const { connection } of [...this.#sessions]) connection.end("evicted");
    await this.#finish();
  }

  /** Stops accepting, finishes responses in flight, and then stops. */
  async drain(): Promise<void> {
    this.#stopAccepting();
    for (const session of [...this.#sessions]) session.retire();
    if (this.#sessions.size > 0) await this.#empty.promise;
    await this.#finish();
  }

  #bindNew(generation: Generation): Map<string, Listener> {
    const opened = new Map<string, Listener>();
    try {
      generation.plan.listeners.forEach((plan, index) => {
        const key = keyOf(plan, index);
        if (!this.#listeners.has(key)) opened.set(key, new Listener(plan));
      });
    } catch (error) {
      for (const listener of opened.values()) listener.close();
      throw error;
    }
    return opened;
  }

  #open(key: string, open: OpenListener): void {
    this.#listeners.set(key, open);
    const run = open.listener.run(
      (socket) => this.#accepted(socket, open),
      () => this.#evictIdle(),
    );
    this.#accepting.add(run);
    run.finally(() => this.#accepting.delete(run));
  }

  #accepted(socket: Deno.TcpConn, { plan }: OpenListener): void {
    const served = this.#current;
    try {
      const local = plainAddress(socket.localAddr.hostname);
      const group = groupFor(plan, local);
      if (group === undefined || served === undefined || !this.#hasRoom()) {
        socket.close();
        return;
      }
      const session = new Session(socket, group, served, this.#hostFor(served));
      this.#sessions.add(session);
      served.enter();
      session.run();
    } catch (error) {
      log.info("connection lost while it was accepted", { error });
      try {
        socket.close();
      } catch {
        // The client was gone before its connection was set up.
      }
    }
  }

  /**
   * Whether there is room for one more connection. The oldest idle ones give
   * way first, as in nginx; a new one is refused when none can be spared.
   */
  #hasRoom(): boolean {
    const { maxConnections } = this.#current!.generation.plan;
    if (this.#sessions.size < maxConnections) return true;
    if (this.#evictIdle() > 0) return true;
    const now = performance.now();
    if (now - this.#fullLoggedAt > FULL_LOG_INTERVAL_MS) {
      this.#fullLoggedAt = now;
      log.alert(`${maxConnections} worker_connections are not enough`);
    }
    return false;
  }

  /** Ends some of the connections that have waited longest for a request. */
  #evictIdle(): number {
    const idle = [...this.#sessions].filter((session) => session.isIdle)
      .sort((a, b) => a.connection.lastActivityAt - b.connection.lastActivityAt)
      .slice(0, EVICTED_AT_A_TIME);
    for (const { connection } of idle) connection.end("evicted");
    return idle.length;
  }

  #hostFor(served: ServedGeneration): SessionHost {
    return served.host ??= {
      sweep: this.sweep,
      date: () => this.#dates.at(Date.now()),
      ended: (session, reason, error) => {
        this.#ended(session, reason, error);
        served.leave();
      },
    };
  }

  #ended(session: Session, reason: EndReason, error: unknown): void {
    this.#sessions.delete(session);
    if (reason === "timeout") this.#timeouts++;
    const level = END_LEVELS[reason];
    if (log.enabled(level)) {
      log.log(level, `connection ended: ${reason.replace("_", " ")}`, {
        client: session.connection.remoteAddress,
        ...(error === undefined ? {} : { error }),
      });
    }
    if (this.#stopping && this.#sessions.size === 0) this.#empty.resolve();
  }

  #stopAccepting(): void {
    this.#stopping = true;
    for (const { listener } of this.#listeners.values()) listener.close();
    this.#listeners.clear();
    clearInterval(this.#summaryTimer);
    this.#summaryTimer = undefined;
    this.#summarize();
  }

  async #finish(): Promise<void> {
    await Promise.all(this.#accepting);
    this.#current?.retire();
    await this.#current?.closed;
  }

  #summarize(): void {
    if (this.#timeouts === 0) return;
    const count = this.#timeouts;
    this.#timeouts = 0;
    log.notice(`${count} connection${count === 1 ? "" : "s"} timed out`);
  }
}

/** A generation and the connections that began with it. */
class ServedGeneration {
  readonly generation: Generation;
  host: SessionHost | undefined;
  readonly #closed = Promise.withResolvers<void>();
  #sessions = 0;
  #retired = false;

  constructor(generation: Generation) {
    this.generation = generation;
  }

  /** Settles when its logs are written and its files closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  enter(): void {
    this.#sessions++;
  }

  leave(): void {
    this.#sessions--;
    this.#closeIfUnused();
  }

  /** No new connections will begin with it. */
  retire(): void {
    this.#retired = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#sessions > 0) return;
    const { files, logs } = this.generation.environment;
    files.clear();
    logs.close().finally(() => this.#closed.resolve());
  }
}
