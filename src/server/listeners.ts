/**
 * The sockets that are listened on, over reloads. One whose address stays is
 * kept and never closed, so that no client is refused. One whose certificates
 * change needs a socket that knows the new ones: it is bound beside the old
 * one, which goes when nobody waits at it any more.
 */

import { logger } from "../logging/logger.ts";
import { Listener } from "../net/listener.ts";
import type { ListenerPlan } from "./plan.ts";

const log = logger("server");

/** Whether two sockets of a process can be bound to one address. */
const CAN_SHARE = Deno.build.os === "linux";

/** An accepted connection. */
export type AcceptedSocket = Deno.TcpConn | Deno.TlsConn;

/** A listener and what it serves now. */
export interface OpenListener {
  /** The socket. */
  readonly listener: Listener;
  /** Its servers. */
  readonly plan: ListenerPlan;
}

/** What is ready to be listened on; nothing has changed yet. */
export interface StagedListeners {
  /** Listens on it from now on, and on nothing else. */
  commit(): void;
  /** Gives up what was bound for it. */
  abort(): void;
}

/** Whom {@linkcode Listeners} tell. */
export interface ListenersOptions {
  /** A client has come to `open`, over TLS if `secure`. */
  accepted(socket: AcceptedSocket, open: OpenListener, secure: boolean): void;
  /** Ends connections that can be spared and says how many. */
  makeRoom(): number;
}

/** The key by which a listener survives a reload. */
export function listenerKey(
  { hostname, port }: ListenerPlan,
  index: number,
): string {
  return port === 0 ? `${hostname}:0 ${index}` : `${hostname}:${port}`;
}

type Ports = ReadonlyMap<string, number> | undefined;

/** See the top of the file. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #open = new Map<
    string,
    { listener: Listener; plan: ListenerPlan }
  >();
  readonly #accepting = new Set<Promise<void>>();

  /** Nothing is listened on yet. */
  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** What is listened on. */
  get all(): Iterable<OpenListener> {
    return this.#open.values();
  }

  /**
   * Prepares to listen as `plans` say. `ports` are given when others accept on
   * the same addresses: those to bind instead of the configured ones, by
   * {@linkcode listenerKey}.
   *
   * @throws {BindError} when a new address cannot be bound
   */
  stage(plans: readonly ListenerPlan[], ports: Ports): StagedListeners {
    const fresh = new Map<string, Listener>();
    const abort = () => {
      for (const listener of fresh.values()) listener.close();
    };
    try {
      plans.forEach((plan, index) => {
        const key = listenerKey(plan, index);
        const open = this.#open.get(key);
        if (open === undefined) {
          fresh.set(key, this.#bindNew(key, plan, ports));
        } else if (!isSameKind(open.plan, plan) && open.listener.reusePort) {
          fresh.set(key, this.#bindBeside(key, plan, open.listener.port));
        }
      });
    } catch (error) {
      abort();
      throw error;
    }
    return { abort, commit: () => this.#commit(plans, fresh) };
  }

  #commit(
    plans: readonly ListenerPlan[],
    fresh: ReadonlyMap<string, Listener>,
  ): void {
    const wanted = new Set(plans.map(listenerKey));
    for (const [key, { listener }] of [...this.#open]) {
      if (wanted.has(key)) continue;
      listener.close();
      this.#open.delete(key);
    }
    plans.forEach((plan, index) => {
      const key = listenerKey(plan, index);
      const open = this.#open.get(key);
      const bound = fresh.get(key);
      if (open === undefined) {
        // Without one that is open, there is a fresh one.
        const opened = { listener: bound!, plan };
        this.#open.set(key, opened);
        this.#accept(opened);
      } else {
        const isKept = bound === undefined && isSameKind(open.plan, plan);
        open.plan = plan;
        if (!isKept) this.#exchange(key, bound);
      }
    });
  }

  /**
   * Puts another socket in the place of the one that is open. Without `bound`
   * it has to be closed first: two cannot be bound at once.
   */
  #exchange(key: string, bound?: Listener): void {
    const open = this.#open.get(key)!;
    const { listener: old, plan } = open;
    if (bound !== undefined) {
      open.listener = bound;
      old.closeQuietly();
      return this.#accept(open);
    }
    old.close();
    try {
      open.listener = this.#bindBeside(key, plan, old.port);
    } catch (error) {
      this.#open.delete(key);
      log.emerg("an address is lost", { error });
      return;
    }
    this.#accept(open);
  }

  #bindNew(key: string, plan: ListenerPlan, ports: Ports): Listener {
    const { hostname, port, backlog, tls } = plan;
    if (ports !== undefined) {
      return this.#bind(key, plan, ports.get(key) ?? port, true);
    }
    if (tls === undefined || !CAN_SHARE) {
      return this.#bind(key, plan, port, false);
    }
    // It will share the address with its successor, so another program could
    // share it too: the system must say that nobody else has it.
    const probe = new Listener({ hostname, port, backlog });
    probe.close();
    return this.#bind(key, plan, probe.port, true);
  }

  #bindBeside(key: string, plan: ListenerPlan, port: number): Listener {
    return this.#bind(key, plan, port, CAN_SHARE);
  }

  #bind(
    key: string,
    { hostname, backlog, tls }: ListenerPlan,
    port: number,
    reusePort: boolean,
  ): Listener {
    const onManyNames = () => setTimeout(() => this.#renew(key), 0);
    return new Listener({
      ...{ hostname, port, backlog, reusePort, tls, onManyNames },
    });
  }

  /** The runtime remembers too many names: a new socket knows none. */
  #renew(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined || open.listener.closed) return;
    const { listener, plan } = open;
    try {
      const bound = listener.reusePort
        ? this.#bindBeside(key, plan, listener.port)
        : undefined;
      this.#exchange(key, bound);
    } catch (error) {
      log.error("a TLS listener could not be renewed", { error });
    }
  }

  #accept(open: OpenListener): void {
    const { listener } = open;
    const run = listener.run(
      (socket) => this.#options.accepted(socket, open, listener.secure),
      () => this.#options.makeRoom(),
    );
    this.#accepting.add(run);
    run.finally(() => this.#accepting.delete(run));
  }

  /** Stops accepting at once. */
  close(): void {
    for (const { listener } of this.#open.values()) listener.close();
    this.#open.clear();
  }

  /** Stops accepting when nobody waits, because others go on. */
  async closeQuietly(): Promise<void> {
    await Promise.all(
      [...this.#open.values()].map(({ listener }) => listener.closeQuietly()),
    );
  }

  /** Settles when nothing is accepted any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#accepting);
  }
}

/** Whether the socket of one can be used for the other. */
function isSameKind(a: ListenerPlan, b: ListenerPlan): boolean {
  return a.tls?.digest === b.tls?.digest;
}
