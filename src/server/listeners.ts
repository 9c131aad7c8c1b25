/**
 * The sockets that are listened on, over reloads. One whose address stays is
 * kept and never closed, so that no client is refused.
 *
 * Two addresses of a port may have clients in common: `0.0.0.0` and `::`, or
 * one address and all. The system gives a client to the socket with the
 * narrower address. So when a reload goes from one address to all, the narrow
 * socket stays beside the wide one, because whoever waited in it would be
 * lost; and when it goes from all to one, the narrow socket takes over before
 * the wide one is closed.
 */

import { type AcceptedSocket, Listener } from "../net/listener.ts";
import { bindFault } from "./bind_fault.ts";
import { addressCovers, groupFor, localAddressOf } from "./client_addresses.ts";
import { ANY_IPV4 } from "../core/settings/listen_address.ts";
import type { ListenerPlan } from "./setup/listener_plan.ts";

/** A listener and what it serves now. */
export interface OpenListener {
  /** The socket. */
  readonly listener: Listener;
  /** The address it is bound to; that of its plan may be a wider one. */
  readonly hostname: string;
  /** Its servers. */
  plan: ListenerPlan;
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
  /** A client has come to `localAddress`, which `open` has now. */
  accepted(
    socket: AcceptedSocket,
    localAddress: string,
    open: OpenListener,
  ): void;
  /** Ends connections that can be spared and says how many. */
  makeRoom(): number;
}

/** The key by which a listener survives a reload. */
export function listenerKey(
  { hostname, port, path }: ListenerPlan,
  index: number,
): string {
  if (path !== undefined) return hostname;
  return port === 0 ? `${hostname}:0 ${index}` : `${hostname}:${port}`;
}

/** The address that {@linkcode listenerKey} made a key of. */
export function hostnameOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf(":"));
}

/**
 * Which of the sockets that are bound, by {@linkcode listenerKey}, are not
 * planned and stay all the same, each with the plan that has its clients.
 */
export function retained(
  plans: readonly ListenerPlan[],
  bound: ReadonlyMap<string, number>,
): Map<string, ListenerPlan> {
  const planned = new Set(plans.map(listenerKey));
  const byPort = Map.groupBy(plans, ({ port }) => port);
  const stay = new Map<string, ListenerPlan>();
  for (const [key, port] of bound) {
    if (planned.has(key)) continue;
    const own = hostnameOfKey(key);
    const plan = byPort.get(port)?.find((plan) =>
      addressCovers(plan.hostname, own) && groupFor(plan, own) !== undefined
    );
    if (plan !== undefined) stay.set(key, plan);
  }
  return stay;
}

/** A socket that is to be listened on. */
interface Wanted {
  readonly hostname: string;
  readonly port: number;
  readonly plan: ListenerPlan;
}

/** Whether clients of IPv4 are served through a socket of IPv6. */
export function takesIpv4({ ipv4, groups }: ListenerPlan): boolean {
  return ipv4 !== undefined ||
    groups.keys().some((address) => !address.includes(":"));
}

/** Whether sockets are of one kind and told the same. */
function isLike(
  one: ListenerPlan["native"],
  two: ListenerPlan["native"],
): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}

/** Whether both are of the system. */
function areNative(
  one: ListenerPlan["native"],
  two: ListenerPlan["native"],
): two is NonNullable<ListenerPlan["native"]> {
  return one !== undefined && two !== undefined;
}

/** What others have to do with the addresses. */
export interface Shared {
  /**
   * The ports to bind instead of the configured ones, by
   * {@linkcode listenerKey}, with the {@linkcode retained} ones; `undefined`
   * where addresses cannot be shared.
   */
  readonly ports: ReadonlyMap<string, number> | undefined;
  /**
   * The Unix sockets that the program has already, by
   * {@linkcode listenerKey}; `undefined` if another worker accepts on them.
   */
  readonly sockets: ReadonlySet<string> | undefined;
  /** How many sockets each port has here, where it can be shared. Default 1. */
  readonly copies?: number;
}

/** Nobody else has any of the addresses. */
const ALONE: Shared = { ports: undefined, sockets: new Set() };

/** The addresses that are listened on, and how they change. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #open = new Map<string, OpenListener>();
  /** Those that are open, by the port they have. */
  #byPort: ReadonlyMap<number, readonly OpenListener[]> = new Map();
  /** Those that are not wanted any more and wait for a quiet moment. */
  readonly #leaving = new Set<Listener>();
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
   * What serves a connection now that `open` has accepted: itself, or what
   * has taken its place; `undefined` if its address is served no more.
   */
  successorOf(
    open: OpenListener,
    localAddress: string,
  ): OpenListener | undefined {
    const { listener } = open;
    if (!listener.closed && !this.#leaving.has(listener)) return open;
    const others = this.#byPort.get(listener.port) ?? [];
    return others.find(({ hostname }) => hostname === localAddress) ??
      others.find(({ hostname, plan }) =>
        addressCovers(hostname, localAddress) &&
        groupFor(plan, localAddress) !== undefined
      );
  }

  /**
   * Prepares to listen as `plans` say, and as others leave it.
   *
   * @throws {ConfigError} when a new address cannot be bound
   */
  stage(
    plans: readonly ListenerPlan[],
    { ports, sockets, copies }: Shared = ALONE,
  ): StagedListeners {
    const wanted = this.#wanted(plans, ports);
    if (sockets === undefined) {
      for (const [key, { plan }] of wanted) {
        if (plan.path !== undefined) wanted.delete(key);
      }
    }
    const reusePort = ports !== undefined;
    const fresh = new Map<string, Listener>();
    const abort = () => {
      for (const [key, listener] of fresh) {
        this.#leave({ listener, ...wanted.get(key)! }, false);
      }
    };
    try {
      for (const [key, { hostname, port, plan }] of wanted) {
        const { backlog, path, native } = plan;
        const open = this.#open.get(key)?.listener;
        // Another backlog needs another socket of the runtime, where two can
        // be bound; one of the system takes it as it is.
        const stays = path !== undefined || !reusePort ||
          areNative(open?.native, native) ||
          open?.backlog === backlog && isLike(open.native, native);
        if (open !== undefined && stays) continue;
        try {
          const listener = new Listener({
            hostname,
            path,
            takesOver: sockets?.has(key) ?? false,
            port,
            backlog,
            reusePort,
            copies: reusePort ? copies : undefined,
            takesIpv4: takesIpv4(plan),
            native,
          });
          fresh.set(key, listener);
        } catch (error) {
          throw bindFault(error, plan);
        }
      }
    } catch (error) {
      abort();
      throw error;
    }
    return { abort, commit: () => this.#commit(wanted, fresh) };
  }

  #wanted(
    plans: readonly ListenerPlan[],
    ports: ReadonlyMap<string, number> | undefined,
  ): Map<string, Wanted> {
    const wanted = new Map<string, Wanted>();
    plans.forEach((plan, index) => {
      const key = listenerKey(plan, index);
      const port = ports?.get(key) ?? plan.port;
      wanted.set(key, { hostname: plan.hostname, port, plan });
    });
    const bound = ports ?? new Map(
      [...this.#open].filter(([, { plan }]) => plan.path === undefined)
        .map(([key, { listener }]) => [key, listener.port]),
    );
    for (const [key, plan] of retained(plans, bound)) {
      wanted.set(key, { hostname: hostnameOfKey(key), port: plan.port, plan });
    }
    for (const [key, { port, plan }] of [...wanted]) {
      // It was bound for IPv6 alone, which nothing can change any more.
      const isApart = this.#open.get(key)?.listener.leavesIpv4 === true;
      if (!isApart || !takesIpv4(plan)) continue;
      const ipv4 = { hostname: ANY_IPV4, port, plan };
      wanted.set(listenerKey({ ...plan, ...ipv4 }, plans.indexOf(plan)), ipv4);
    }
    return wanted;
  }

  #commit(
    wanted: ReadonlyMap<string, Wanted>,
    fresh: ReadonlyMap<string, Listener>,
  ): void {
    const old = new Map(this.#open);
    this.#open.clear();
    for (const [key, { hostname, plan }] of wanted) {
      const listener = fresh.get(key);
      if (listener === undefined) {
        const kept = old.get(key)!;
        const { listener } = kept;
        const isAlike = listener.backlog === plan.backlog &&
          isLike(listener.native, plan.native);
        if (!isAlike && areNative(listener.native, plan.native)) {
          listener.adapt(plan.backlog, plan.native);
        }
        kept.plan = plan;
        old.delete(key);
        this.#open.set(key, kept);
      } else {
        const open = { listener, hostname, plan };
        this.#open.set(key, open);
        listener.takePlace();
        this.#run(open);
      }
    }
    this.#byPort = Map.groupBy(
      this.#open.values(),
      ({ listener }) => listener.port,
    );
    for (const open of old.values()) this.#leave(open, true);
  }

  /**
   * Closes a socket that may be accepting, at a moment when nobody waits if
   * others have clients in common with it.
   */
  #leave(open: OpenListener, isAccepting: boolean): void {
    const { listener, hostname } = open;
    const others = this.#byPort.get(listener.port) ?? [];
    const isShared = others.some((other) =>
      addressCovers(other.hostname, hostname) ||
      addressCovers(hostname, other.hostname)
    );
    if (!isShared) return listener.close();
    this.#leaving.add(listener);
    if (!isAccepting) this.#run(open);
    listener.closeQuietly().finally(() => this.#leaving.delete(listener));
  }

  #run(open: OpenListener): void {
    const run = open.listener.run(
      (socket) => {
        const localAddress = localAddressOf(socket, open.hostname);
        const serving = this.successorOf(open, localAddress);
        if (serving === undefined) socket.close();
        else this.#options.accepted(socket, localAddress, serving);
      },
      () => this.#options.makeRoom(),
    );
    this.#accepting.add(run);
    run.finally(() => this.#accepting.delete(run));
  }

  /** Stops accepting at once. */
  close(): void {
    for (const { listener } of this.#open.values()) listener.close();
    for (const listener of this.#leaving) listener.close();
    this.#open.clear();
    this.#byPort = new Map();
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
