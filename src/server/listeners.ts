/**
 * The sockets that are listened on, over reloads. One whose address stays is
 * kept and never closed, so that no client is refused.
 */

import { Listener } from "../net/listener.ts";
import type { ListenerPlan } from "./plan.ts";

/** A listener and what it serves now. */
export interface OpenListener {
  /** The socket. */
  readonly listener: Listener;
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
  /** A client has come to `open`. */
  accepted(socket: Deno.TcpConn, open: OpenListener): void;
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

/** See the top of the file. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #open = new Map<string, OpenListener>();
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
  stage(
    plans: readonly ListenerPlan[],
    ports: ReadonlyMap<string, number> | undefined,
  ): StagedListeners {
    const fresh = new Map<string, Listener>();
    const abort = () => {
      for (const listener of fresh.values()) listener.close();
    };
    try {
      plans.forEach(({ hostname, port, backlog }, index) => {
        const key = listenerKey(plans[index]!, index);
        if (this.#open.has(key)) return;
        const reusePort = ports !== undefined;
        const address = { hostname, port: ports?.get(key) ?? port, backlog };
        fresh.set(key, new Listener({ ...address, reusePort }));
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
    const wanted = new Set<string>();
    plans.forEach((plan, index) => {
      const key = listenerKey(plan, index);
      wanted.add(key);
      const listener = fresh.get(key);
      if (listener === undefined) this.#open.get(key)!.plan = plan;
      else this.#accept(key, { listener, plan });
    });
    for (const [key, { listener }] of [...this.#open]) {
      if (wanted.has(key)) continue;
      listener.close();
      this.#open.delete(key);
    }
  }

  #accept(key: string, open: OpenListener): void {
    this.#open.set(key, open);
    const run = open.listener.run(
      (socket) => this.#options.accepted(socket, open),
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
