/**
 * The running server: its listeners, its connections, and their end. A reload
 * gives the listeners a new generation of the configuration; connections go
 * over to it between two requests.
 */

import { INPUT_MEMORY } from "../bytes/byte_buffer.ts";
import { MEMO_MEMORY } from "../bytes/text_memo.ts";
import { log } from "../logging/logger.ts";
import type { Connection } from "../net/connection.ts";
import type { EndReason } from "../net/connection_state.ts";
import type { ServerCounters } from "../core/counters/server_counters.ts";
import { DeadlineSweep } from "../net/deadlines.ts";
import { openLoopProbe } from "../scheduling/loop_probe.ts";
import { pauseBy } from "../scheduling/pause.ts";
import { CROWD_READS, FairReads } from "../scheduling/fair_reads.ts";
import { RUNTIME_USE } from "../scheduling/runtime_use.ts";
import { DenseSet } from "../bytes/dense_set.ts";
import type { AcceptedSocket } from "../net/listener.ts";
import { ProxiedTransport } from "../net/proxied_transport.ts";
import { TlsTransport } from "../net/tls/tls_transport.ts";
import type { Generation } from "./setup/configuration.ts";
import { logAccepted, logEnded, logSweep } from "./sessions/connection_log.ts";
import { connectionAddresses, groupFor } from "./client_addresses.ts";
import {
  Listeners,
  type OpenListener,
  type Shared,
  type StagedListeners,
} from "./listeners.ts";
import type { Plan } from "./setup/plan.ts";
import type { ListenerPlan } from "./setup/listener_plan.ts";
import { knownHosts, mostInput } from "./plan_memory.ts";
import { ServedGeneration, type ServedPlace } from "./served_generation.ts";
import {
  Session,
  type SessionPlace,
  type SharedBySessions,
} from "./sessions/session.ts";
import { ServerStatistics } from "./statistics.ts";

/** How often timed-out connections are summed up in the log, in ms. */
const SUMMARY_INTERVAL_MS = 60_000;

/** How many idle connections are ended at a time to make room (nginx: 32). */
const EVICTED_AT_A_TIME = 32;

/**
 * How long the first request of a client may take to come when the server is
 * drained, in ms: as much as one over HTTP/2 that is on its way. With nginx it
 * is `client_header_timeout`, and a browser that connects ahead keeps the
 * program for a minute.
 */
const FIRST_REQUEST_MS = 1000;

/** How often a full server is logged, in ms. */
const FULL_LOG_INTERVAL_MS = 1000;

/** An address that is listened on. */
export interface BoundAddress {
  /** The address as configured. */
  readonly hostname: string;
  /** The port, chosen by the system if 0 was configured. */
  readonly port: number;
  /** The listener's plan. */
  readonly plan: ListenerPlan;
}

/** A generation that is ready to be served; nothing has changed yet. */
export interface Staged {
  /** Serves it from now on. */
  commit(): void;
  /** Gives up what was bound for it, and its logs. */
  abort(): void;
}

/** What its servers count with; several may count together. */
function countersOf({ servers }: Plan): readonly ServerCounters[] {
  return [...new Set(servers.map(({ counters }) => counters))];
}

/** The listeners and sessions of one thread. */
export class Server {
  /** Where deadlines are looked at: holds every live connection. */
  readonly sweep = new DeadlineSweep<Connection>(undefined, logSweep);
  /** What it counts, for the modules that show it. */
  readonly statistics = new ServerStatistics(
    { connections: this.sweep },
    () => knownHosts(this.#current?.generation.plan),
  );
  readonly #fairReads = new FairReads();
  readonly #endPauses = pauseBy(this.#fairReads);
  #fairReadsOpen: Promise<void> | undefined;
  readonly #sessions = new DenseSet<Session>();
  readonly #listeners = new Listeners({
    accepted: (socket, local, open) => this.#accepted(socket, local, open),
    makeRoom: () => this.#evictIdle(),
  });
  readonly #empty = Promise.withResolvers<void>();
  readonly #unbound = Promise.withResolvers<void>();
  #current: ServedGeneration | undefined;
  /** The current generation, and older ones that are still answering. */
  readonly #generations = new Set<ServedGeneration>();
  #stopping = false;
  #timeouts = 0;
  #fullLoggedAt = -Infinity;
  readonly #shutdownTimers = new Set<ReturnType<typeof setTimeout>>();
  #summaryTimer: ReturnType<typeof setInterval> | undefined;

  /** How many connections there are. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Settles when nothing is listened on any more. */
  get unbound(): Promise<void> {
    return this.#unbound.promise;
  }

  /** The addresses that are listened on. */
  get addresses(): readonly BoundAddress[] {
    return [...this.#listeners.all].map(({ listener, plan }) => ({
      hostname: plan.hostname,
      port: listener.port,
      plan,
    }));
  }

  /**
   * Serves `generation` from now on. Listeners it shares with the one before
   * are kept, and so are connections: what is being answered is answered by
   * the old one, what comes next by the new one.
   *
   * @throws {ConfigError} when a new address cannot be bound; then nothing has
   * changed, and the logs of `generation` are closed
   */
  serve(generation: Generation): void {
    this.stage(generation).commit();
  }

  /**
   * Prepares to serve `generation`: binds what is new and changes nothing.
   * `shared` is given when others have to do with the same addresses.
   *
   * @throws {ConfigError} when a new address cannot be bound
   */
  stage(generation: Generation, shared?: Shared): Staged {
    const { logs } = generation.environment;
    let listeners: StagedListeners;
    try {
      listeners = this.#listeners.stage(generation.plan.listeners, shared);
    } catch (error) {
      logs.close();
      throw error;
    }
    return {
      commit: () => this.#commit(generation, listeners),
      abort: () => {
        listeners.abort();
        logs.close();
      },
    };
  }

  #commit(generation: Generation, listeners: StagedListeners): void {
    const previous = this.#current;
    const counters = countersOf(generation.plan);
    const current = new ServedGeneration(
      generation,
      () => {
        this.statistics.retireCaches(generation.environment);
        this.statistics.retireServers(counters);
      },
    );
    this.#current = current;
    this.#generations.add(current);
    current.closed.then(() => this.#generations.delete(current));
    this.statistics.addCaches(generation.environment);
    this.statistics.addServers(counters);
    this.statistics.lag.start();
    this.sweep.runOn();
    generation.environment.logs.start();
    generation.environment.files.start();
    MEMO_MEMORY.clear();
    INPUT_MEMORY.budget = mostInput(generation.plan);
    listeners.commit();
    previous?.retire();
    if (previous === undefined) this.#fairReadsOpen = this.#openFairReads();
    else this.#replace(previous);
    this.#summaryTimer ??= setInterval(
      () => this.#summarize(),
      SUMMARY_INTERVAL_MS,
    );
  }

  /** Without the loopback interface a crowd is served, but not in turns. */
  async #openFairReads(): Promise<void> {
    try {
      await this.#fairReads.open(openLoopProbe);
    } catch (error) {
      log.info("a crowd will not be served in turns", { error });
    }
  }

  /** Connections of `previous` go over, now or after their response. */
  #replace(previous: ServedGeneration): void {
    for (const session of this.#sessions.toArray()) {
      if (session.generation === previous) session.renew();
    }
    const isOld = (session: Session) => session.generation === previous;
    if (previous.isOpen) {
      this.#endAfter(previous.generation.plan.shutdownTimeoutMs, isOld);
    }
  }

  /** nginx's `worker_shutdown_timeout`: ends those that `which` is true of. */
  #endAfter(ms: number, which: (session: Session) => boolean): void {
    if (ms === 0) return;
    const timer = setTimeout(() => {
      this.#shutdownTimers.delete(timer);
      const late = this.#sessions.toArray().filter(which);
      if (late.length === 0) return;
      log.warn(`${late.length} requests in flight were ended after ${ms} ms`);
      for (const { connection } of late) connection.end("evicted");
    }, ms);
    this.#shutdownTimers.add(timer);
  }

  /**
   * Opens all logs again, also those of older configurations that are still
   * answering: nothing may be written to a file that was rotated away.
   */
  async reopenLogs(): Promise<void> {
    await Promise.all(
      [...this.#generations].map(({ generation }) =>
        generation.environment.logs.reopen()
      ),
    );
  }

  /** Writes the logs before it returns, when nothing can be awaited. */
  flushLogsSync(): void {
    for (const { generation } of this.#generations) {
      generation.environment.logs.flushSync();
    }
  }

  /** Stops accepting, and nothing else, when nothing can be awaited. */
  closeListeners(): void {
    this.#listeners.close();
  }

  /**
   * Ends all connections where they are, when nothing can be awaited and who
   * knows what is broken: those on sockets of the system would stay open when
   * the thread has ended.
   */
  closeConnections(): void {
    for (const { connection } of this.#sessions.toArray()) {
      try {
        connection.end("evicted");
      } catch (error) {
        log.error("a connection cannot be ended", { error });
      }
    }
  }

  /** Stops now: connections end where they are. Logs are written. */
  async stop(): Promise<void> {
    this.#stopAccepting();
    for (const { connection } of this.#sessions.toArray()) {
      connection.end("evicted");
    }
    await this.#finish();
  }

  /**
   * Stops accepting, finishes responses in flight, and then stops; after
   * `worker_shutdown_timeout` those that are not finished end. When others
   * go on with its addresses, `othersGoOn`, nobody may be lost between: idle
   * connections are left for one more request, or until they time out.
   */
  async drain({ othersGoOn = false } = {}): Promise<void> {
    if (othersGoOn) {
      // Who is here is told at once: a busy port takes a while to be quiet.
      this.#retireLater();
      await this.#listeners.closeQuietly();
      // One that was accepted at the last moment is a session by then.
      await this.#listeners.ended();
      this.#retireLater();
    }
    this.#stopAccepting();
    if (!othersGoOn) this.#retireAll();
    this.#endAfter(
      this.#current?.generation.plan.shutdownTimeoutMs ?? 0,
      () => true,
    );
    if (this.#sessions.size > 0) await this.#empty.promise;
    await this.#finish();
  }

  /**
   * Ends those who wait for a request. Who has just come may have sent the
   * first one, and has no other connection to send it on.
   */
  #retireAll(): void {
    const all = this.#sessions.toArray();
    const isFresh = (session: Session) =>
      session.isIdle && session.requests === 0;
    const fresh = all.filter(isFresh);
    for (const session of all) {
      if (isFresh(session)) session.retireLater();
      else session.retire();
    }
    if (fresh.length === 0) return;
    const timer = setTimeout(() => {
      this.#shutdownTimers.delete(timer);
      for (const session of fresh) session.retire();
    }, FIRST_REQUEST_MS);
    this.#shutdownTimers.add(timer);
  }

  #retireLater(): void {
    for (const session of this.#sessions.toArray()) session.retireLater();
  }

  #accepted(socket: AcceptedSocket, local: string, open: OpenListener): void {
    this.statistics.accepted++;
    try {
      const place = this.#placeOf(local, open);
      if (place === undefined || !this.#hasRoom()) {
        socket.close();
        return;
      }
      const { tls, proxyProtocol } = place.group;
      if (open.plan.keepAlive && "setKeepAlive" in socket) {
        socket.setKeepAlive(true);
      }
      const plain = proxyProtocol ? new ProxiedTransport(socket) : socket;
      const transport = tls === undefined
        ? plain
        : new TlsTransport(plain, tls);
      const session = new Session(transport, place, {
        secure: tls !== undefined,
        addresses: connectionAddresses(socket, local, open.plan),
        proxySource: plain instanceof ProxiedTransport ? plain : undefined,
      });
      this.#sessions.add(session);
      if (!session.connection.isFair) RUNTIME_USE.waiting++;
      this.#fairReads.counts = this.#sessions.size >= CROWD_READS;
      place.generation.enter();
      if (log.debugs) {
        logAccepted(
          session.connection,
          this.#sessions.size,
          place.group.fallback.root.errorLog,
        );
      }
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

  /** Where a connection to the address `local` belongs now. */
  #placeOf(local: string, open: OpenListener): ServedPlace | undefined {
    const generation = this.#current;
    const group = groupFor(open.plan, local);
    if (group === undefined || generation === undefined) return undefined;
    const known = generation.places.get(group);
    if (known?.listener === open) return known;
    const place = {
      listener: open,
      group,
      generation,
      shared: this.#sharedFor(generation),
    };
    generation.places.set(group, place);
    return place;
  }

  /** A session of `from` goes over to the current generation, if it may. */
  #successor(
    session: Session,
    from: ServedGeneration,
  ): SessionPlace | undefined {
    if (session.index === -1 || this.#stopping) return undefined;
    const { localAddress, secure } = session.connection;
    const open = this.#listeners.successorOf(
      session.listener as OpenListener,
      localAddress,
    );
    const place = open === undefined
      ? undefined
      : this.#placeOf(localAddress, open);
    // What begins to speak TLS, or no more, does so on new connections.
    const speaksAlike = (place?.group.tls !== undefined) === secure;
    if (place === undefined || !speaksAlike) return undefined;
    place.generation.enter();
    from.leave();
    return place;
  }

  /**
   * Whether there is room for one more connection. The oldest idle ones give
   * way first, as in nginx; a new one is refused when none can be spared.
   */
  #hasRoom(): boolean {
    const { maxConnections } = this.#current!.generation.plan;
    if (this.#sessions.size < maxConnections) return true;
    if (this.#evictIdle() > 0) return true;
    this.statistics.connectionRefused();
    const now = performance.now();
    if (now - this.#fullLoggedAt > FULL_LOG_INTERVAL_MS) {
      this.#fullLoggedAt = now;
      log.alert(`${maxConnections} worker_connections are not enough`);
    }
    return false;
  }

  /** Ends some of the connections that have waited longest for a request. */
  #evictIdle(): number {
    const idle = this.#sessions.toArray().filter((session) => session.isIdle)
      .sort((a, b) => a.connection.lastActivityAt - b.connection.lastActivityAt)
      .slice(0, EVICTED_AT_A_TIME);
    for (const session of idle) session.evict();
    this.statistics.evicted += idle.length;
    return idle.length;
  }

  #sharedFor(served: ServedGeneration): SharedBySessions {
    return served.shared ??= {
      sweep: this.sweep,
      fairReads: this.#fairReads,
      statistics: this.statistics,
      ended: (session, reason, error) => this.#ended(session, reason, error),
      // A response that is cut is logged after its connection has ended, so
      // the logs are needed until its session has nothing left to do.
      left: (session) => (session.generation as ServedGeneration).leave(),
      successor: (session) => this.#successor(session, served),
    };
  }

  #ended(session: Session, reason: EndReason, error: unknown): void {
    this.#sessions.delete(session);
    if (!session.connection.isFair) RUNTIME_USE.waiting--;
    this.#fairReads.counts = this.#sessions.size >= CROWD_READS;
    this.statistics.connectionEnded(session.connection);
    if (reason === "timeout") this.#timeouts++;
    logEnded(session.connection, {
      reason,
      error,
      open: this.#sessions.size,
      requests: session.requests,
      headProgress: session.headProgress,
      context: () => session.diagnosticContext(),
    });
    if (this.#stopping && this.#sessions.size === 0) this.#empty.resolve();
  }

  #stopAccepting(): void {
    this.#stopping = this.statistics.draining = true;
    this.#listeners.close();
    this.#unbound.resolve();
    clearInterval(this.#summaryTimer);
    this.#summaryTimer = undefined;
    this.#summarize();
  }

  async #finish(): Promise<void> {
    this.statistics.lag.stop();
    this.sweep.stop();
    this.#fairReads.close();
    this.#endPauses();
    await this.#fairReadsOpen;
    for (const timer of this.#shutdownTimers) clearTimeout(timer);
    await this.#listeners.ended();
    this.#current?.retire();
    await Promise.all([...this.#generations].map(({ closed }) => closed));
  }

  #summarize(): void {
    if (this.#timeouts === 0) return;
    const count = this.#timeouts;
    this.#timeouts = 0;
    log.notice(`${count} connection${count === 1 ? "" : "s"} timed out`);
  }
}
