/**
 * The master: it has one worker on its own thread, or several on threads of
 * theirs, gives all of them the same configuration, starts those again that
 * die, and ends them. It accepts nothing itself.
 *
 * A reload has two phases. Every worker prepares the new configuration and
 * changes nothing; only when all are ready does any of them serve it. When the
 * number of workers changes, new ones serve before old ones drain.
 */

import {
  appendDiagnosticLine,
  reportLogTrouble,
} from "../logging/diagnostics.ts";
import { hostname } from "../config/hostname.ts";
import { finishInSlices } from "../config/steps.ts";
import type { Level } from "../logging/level.ts";
import { LogFiles } from "../logging/log_files.ts";
import { log } from "../logging/logger.ts";
import type { Stop } from "../core/module.ts";
import type { Statistics } from "../core/statistics.ts";
import { Zones } from "../core/zones.ts";
import {
  type Configuration,
  type Generation,
  prepareGenerationSteps,
} from "../server/setup/configuration.ts";
import { startModules } from "../server/setup/start_modules.ts";
import { listenerKey } from "../server/listeners.ts";
import type { ListenerPlan } from "../server/setup/listener_plan.ts";
import type { Plan } from "../server/setup/plan.ts";
import type { BoundAddress } from "../server/server.ts";
import { copiesFor, type Machine, workerCount } from "./count.ts";
import type { Arrival } from "./arrival.ts";
import { takesSockets } from "./handed_over.ts";
import { ClusterStatistics } from "./cluster_statistics.ts";
import { LocalWorker } from "./local_worker.ts";
import type { Order } from "./messages.ts";
import { RestartDelay } from "./restart_delay.ts";
import { sharedPorts } from "./shared_ports.ts";
import type { StartThread } from "./thread.ts";
import { ThreadWorker } from "./thread_worker.ts";
import type { Worker, WorkerKind } from "./worker.ts";
import { WorkerLogs } from "./worker_logs.ts";

/**
 * How long a handshake that has begun may take, in ms, before the socket it
 * has begun at is closed: clients are some round trips away.
 */
const HANDSHAKE_MS = 500;

/** Why no worker can be started beside those that accept from such sockets. */
const HANDED_OVER = "sockets were handed over at the start (LISTEN_FDS), " +
  "and no new thread may load the C library, which they take";

/** What a program listens on, for one that takes its place. */
export interface Holdings {
  /** The ports, by `listenerKey`. */
  readonly ports: ReadonlyMap<string, number>;
  /** The Unix sockets, by `listenerKey`. */
  readonly sockets: ReadonlySet<string>;
  /** How many sockets each port has, those of all workers together. */
  readonly copies: number;
}

/** What a {@linkcode Supervisor} is made with. */
interface SupervisorOptions {
  /** Starts threads for workers. */
  readonly startThread: StartThread;
  /** What it runs on. */
  readonly machine: Machine;
  /** What it takes over from a program that goes on until it serves. */
  readonly inherited?: Holdings | undefined;
  /** How it does so. */
  readonly arrival?: Pick<Arrival, "listens" | "alone"> | undefined;
  /** The last worker has died, and none can be started. */
  abandoned?(): void;
}

/** A configuration to serve. */
export interface Proposal {
  readonly configuration: Configuration;
  /** The least severe level of diagnostics that anybody reads. */
  readonly level: Level;
  /** Says something at `warn` level. */
  warn(message: string): void;
  /** Called before its addresses are bound. */
  beforeBind?(listeners: readonly ListenerPlan[]): Promise<void>;
  /**
   * What else has to change with it, when every worker is ready. If it throws,
   * the old configuration stays.
   */
  beforeCommit?(generation: Generation): void;
}

interface Served {
  /** The addresses, with the ports that the system chose. */
  readonly addresses: readonly BoundAddress[];
  /** The configuration, compiled. */
  readonly generation: Generation;
  /** How many workers there are. */
  readonly workers: number;
  /** Whether some address is listened on by a socket that was handed over. */
  readonly takesSockets: boolean;
}

/** The place of a worker, which another one takes when it dies. */
interface Slot {
  worker: Worker | undefined;
  startedAt: number;
  readonly delay: RestartDelay;
  timer?: ReturnType<typeof setTimeout>;
}

/** Starts workers, watches them, and leads them through reloads. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #logs = new LogFiles({ onTrouble: reportLogTrouble });
  /** Every worker that has not ended, those that drain too. */
  readonly #workers = new Set<Worker>();
  readonly #statistics = new ClusterStatistics(this.#workers);
  #slots: readonly Slot[] = [];
  #order: Order | undefined;
  #generation: Generation | undefined;
  /** Ends what modules do here while {@linkcode #generation} is served. */
  #stopModules: Stop | undefined;
  /** Those that others have the place of, while they still listen. */
  readonly #leaving = new Set<Worker>();
  #lastId = 0;
  /** Why no worker can be started, if none can. */
  #fixed: string | undefined;
  #ending = false;
  /** Settles when nobody changes anything about the workers. */
  #quiet: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** What all workers have counted together. */
  get statistics(): Statistics {
    return this.#statistics;
  }

  /**
   * From now on no worker can be started, and `why`: the process has given up
   * a right that it takes to accept where the others do.
   */
  fixWorkers(why: string): void {
    this.#fixed ??= why;
  }

  /**
   * Serves for the first time.
   *
   * @throws {Error} when an address cannot be bound, a log cannot be opened or
   * a worker does not start; then nothing is served
   */
  start(proposal: Proposal): Promise<Served> {
    return this.#exclusively(() => this.#serve(proposal));
  }

  /**
   * Serves another configuration, which `read` makes.
   *
   * @throws {Error} when it is wrong or cannot be served; then the old one is
   */
  reload(read: () => Proposal | Promise<Proposal>): Promise<void> {
    return this.#exclusively(async () => {
      try {
        await this.#serve(await read());
        this.#statistics.reloaded();
      } catch (error) {
        this.#statistics.reloadRefused(error);
        throw error;
      }
    });
  }

  /** Opens the logs again, after a rotation. */
  async reopenLogs(): Promise<void> {
    await this.#logs.reopen();
    for (const worker of this.#workers) {
      if (worker instanceof LocalWorker) await worker.server.reopenLogs();
    }
  }

  /** Stops now. Settles when all have ended and their logs are written. */
  async stop(): Promise<void> {
    this.#end();
    for (const worker of this.#workers) worker.stop();
    await this.#finish();
  }

  /** Finishes what is in flight, and then stops. */
  async drain(): Promise<void> {
    this.#end();
    for (const worker of this.#workers) worker.drain(true);
    await this.#finish();
  }

  /**
   * The same when another program has all that is listened on, so that no
   * client may be lost: who has come here is served, idle connections have one
   * more answer. `unbound` is called when nothing is listened on any more.
   */
  async handOver(unbound: () => void): Promise<void> {
    this.#end(false);
    // The other has done the same already.
    this.#stopModules?.();
    this.#stopModules = undefined;
    await new Promise((resolve) => setTimeout(resolve, HANDSHAKE_MS));
    const workers = [...this.#workers];
    for (const worker of workers) worker.drain(false);
    await Promise.all(workers.map((worker) => worker.unbound));
    unbound();
    await this.#finish();
  }

  /** What is listened on; nothing before the start. */
  get holdings(): Holdings {
    return {
      ports: this.#order?.ports ?? new Map(),
      sockets: this.#order?.sockets ?? new Set(),
      copies: (this.#order?.copies ?? 1) *
        (this.#slots.length + this.#leaving.size),
    };
  }

  #end(draining = true): void {
    this.#ending = true;
    this.#statistics.draining ||= draining;
    for (const { timer } of this.#slots) clearTimeout(timer);
  }

  async #finish(): Promise<void> {
    while (this.#workers.size > 0) {
      await Promise.all([...this.#workers].map(({ ended }) => ended));
    }
    await this.#quiet;
    this.#stopModules?.();
    await this.#logs.close();
  }

  /** One change of the workers at a time. */
  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#quiet.then(change);
    this.#quiet = done.catch(() => {});
    return done;
  }

  async #serve(proposal: Proposal): Promise<Served> {
    this.#checkNotEnding();
    const { configuration, level, warn } = proposal;
    const { machine } = this.#options;
    const fixed = this.#fixed === undefined ? undefined : this.#slots;
    const count = workerCount(configuration, machine, warn, fixed?.length);
    const kind: WorkerKind = fixed?.[0]?.worker?.kind ??
      (count > 1 ? "thread" : "local");
    const zones = new Zones(this.#order?.zones);
    const generation = await finishInSlices(
      prepareGenerationSteps(configuration, warn, {
        statistics: this.statistics,
        events: this.#order?.events,
        zones,
      }),
      () => this.#checkNotEnding(),
    );
    tellOfSockets(generation.plan, count, warn);
    const { inherited } = this.#options;
    const held = this.#order === undefined && inherited !== undefined
      ? inherited
      : this.holdings;
    let order: Order;
    try {
      await proposal.beforeBind?.(generation.plan.listeners);
      const ports = machine.sharesPorts
        ? sharedPorts(generation.plan, held.ports)
        : undefined;
      const { source, recording: { texts, listings } } = configuration;
      order = {
        source: { ...source, recording: { texts, listings } },
        ports,
        sockets: held.sockets,
        copies: this.#order?.copies ?? copiesFor(count, inherited?.copies ?? 0),
        hostname: hostname(),
        events: generation.plan.events,
        level,
        zones: zones.memory,
      };
    } catch (error) {
      generation.environment.logs.close();
      throw error;
    }
    try {
      await this.#replace(kind, count, order, generation, proposal);
    } finally {
      // Threads have compiled it for themselves.
      if (kind === "thread") generation.environment.logs.close();
    }
    const addresses = this.#addresses();
    const takes = takesSockets(addresses);
    if (takes) this.fixWorkers(HANDED_OVER);
    return {
      addresses,
      generation,
      workers: count,
      takesSockets: takes,
    };
  }

  /** Both phases: all workers prepare it, and only then do all serve it. */
  async #replace(
    kind: WorkerKind,
    count: number,
    order: Order,
    generation: Generation,
    { beforeCommit }: Proposal,
  ): Promise<void> {
    const kept = this.#slots.filter(({ worker }) => worker?.kind === kind)
      .slice(0, count);
    const staged = kept.length > 0
      ? kept
      : Array.from({ length: count }, () => this.#newSlot(kind));
    const arrival = this.#order === undefined
      ? this.#options.arrival
      : undefined;
    const results = await Promise.allSettled(
      staged.map(async ({ worker }, index) => {
        await worker!.stage(orderOf(order, index), generation);
        arrival?.listens();
      }),
    );
    try {
      const failure = results.find(({ status }) => status === "rejected");
      if (failure?.status === "rejected") throw failure.reason;
      this.#checkNotEnding();
      beforeCommit?.(generation);
    } catch (error) {
      // Those of the other program share its clients out among themselves.
      arrival?.alone();
      for (const { worker } of staged) {
        worker?.abort();
        if (kept.length === 0) worker?.stop();
      }
      throw error;
    }
    const surplus = this.#slots.filter((slot) => !staged.includes(slot));
    this.#slots = staged;
    this.#order = { ...order, sockets: socketKeys(generation.plan) };
    this.#generation = generation;
    this.#stopModules?.();
    this.#stopModules = startModules("supervise", generation);
    const serving = staged.map(({ worker }) => worker?.commit());
    for (const slot of staged) {
      if (!kept.includes(slot)) slot.startedAt = performance.now();
    }
    this.#logs.start();
    await Promise.all(serving);
    // They prepare what others serve already, so this is no reason to refuse.
    const more = Array.from({ length: count - staged.length }, emptySlot);
    this.#slots = [...this.#slots, ...more];
    await Promise.all(more.map((slot) => this.#fill(slot)));
    for (const { worker, timer } of surplus) {
      clearTimeout(timer);
      if (worker === undefined) continue;
      this.#leaving.add(worker);
      worker.unbound.then(() => this.#leaving.delete(worker));
      worker.drain(false);
      worker.ended.then(() => log.notice(`worker ${worker.id} has ended`));
    }
  }

  #checkNotEnding(): void {
    if (this.#ending) throw new Error("the program ends");
  }

  #newSlot(kind: WorkerKind): Slot {
    const slot = emptySlot();
    slot.worker = kind === "local" ? this.#newLocal() : this.#newThread();
    return slot;
  }

  #newLocal(): LocalWorker {
    const worker: LocalWorker = new LocalWorker((last) => {
      this.#workers.delete(worker);
      this.#statistics.close(last);
    });
    this.#workers.add(worker);
    return worker;
  }

  #newThread(): ThreadWorker {
    const worker = new ThreadWorker({
      id: ++this.#lastId,
      start: this.#options.startThread,
      logs: new WorkerLogs(
        this.#logs,
        (path, error) => reportLogTrouble({ path, error, droppedLines: 0 }),
      ),
      diagnostic: appendDiagnosticLine,
      total: () => this.#statistics.snapshot(),
      ended: (ended, { last, reason, served }) => {
        this.#workers.delete(ended);
        this.#statistics.close(last);
        if (reason !== undefined && served) this.#died(ended, reason);
      },
    });
    this.#workers.add(worker);
    return worker;
  }

  /** A worker has died that served; another one takes its place. */
  #died(worker: Worker, reason: string): void {
    log.alert(`worker ${worker.id} died: ${reason}`);
    const slot = this.#slots.find((each) => each.worker === worker);
    if (slot === undefined) return;
    slot.worker = undefined;
    if (this.#fixed === undefined) {
      return this.#restartLater(slot, performance.now() - slot.startedAt);
    }
    log.alert(`no other can be started: ${this.#fixed}; restart the program`);
    this.#slots = this.#slots.filter((each) => each !== slot);
    if (this.#slots.length === 0) this.#options.abandoned?.();
  }

  #restartLater(slot: Slot, livedMs: number): void {
    if (this.#ending) return;
    const ms = slot.delay.next(livedMs);
    log.notice(`a worker is started again in ${ms} ms`);
    slot.timer = setTimeout(
      () =>
        this.#exclusively(async () => {
          if (slot.worker !== undefined || !this.#slots.includes(slot)) return;
          if (await this.#fill(slot)) this.#statistics.restarts++;
        }),
      ms,
    );
  }

  /** Starts a worker for a place that has none; tries again if it fails. */
  async #fill(slot: Slot): Promise<boolean> {
    if (this.#ending) return false;
    const worker = this.#newThread();
    try {
      await worker.stage(orderOf(this.#order!, this.#slots.indexOf(slot)));
      this.#checkNotEnding();
    } catch (error) {
      worker.stop();
      if (this.#ending) return false;
      const reason = error instanceof Error ? error.message : String(error);
      log.alert(`worker ${worker.id} could not be started: ${reason}`);
      this.#restartLater(slot, 0);
      return false;
    }
    slot.worker = worker;
    slot.startedAt = performance.now();
    await worker.commit();
    return true;
  }

  #addresses(): BoundAddress[] {
    const ports = this.#order?.ports;
    if (ports === undefined) {
      const [local] = this.#workers;
      return local instanceof LocalWorker ? [...local.server.addresses] : [];
    }
    return this.#generation!.plan.listeners.map((plan, index) => ({
      hostname: plan.hostname,
      port: ports.get(listenerKey(plan, index)) ?? plan.port,
      plan,
    }));
  }
}

/** The order as the worker at `index` gets it: the first has Unix sockets. */
function orderOf(order: Order, index: number): Order {
  return index === 0 ? order : { ...order, sockets: undefined };
}

/** The Unix sockets of a plan, by `listenerKey`. */
function socketKeys({ listeners }: Pick<Plan, "listeners">): Set<string> {
  return new Set(
    listeners.filter(({ path }) => path !== undefined).map(listenerKey),
  );
}

/** Threads cannot share a Unix socket, and the load is not what it seems. */
function tellOfSockets(
  { listeners }: Pick<Plan, "listeners">,
  workers: number,
  warn: (message: string) => void,
): void {
  const first = listeners.find(({ path }) => path !== undefined);
  if (first === undefined || workers === 1) return;
  const { file, line } = first.address.place;
  warn(
    `"listen ${first.hostname}": one of the ${workers} workers accepts on ` +
      `Unix sockets, which threads cannot share in ${file}:${line}`,
  );
}

function emptySlot(): Slot {
  return { worker: undefined, startedAt: 0, delay: new RestartDelay() };
}
