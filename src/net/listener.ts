/**
 * Accepting connections. One accept is pending at a time. Running out of file
 * descriptors is not an error of the listener: it asks for some to be given
 * up, or else pauses; that is logged once a minute, and it goes on when there
 * are some.
 */

import { log } from "../logging/logger.ts";

/** First pause after a failed accept, in ms. It doubles up to the longest. */
const FIRST_PAUSE_MS = 10;

/** Longest pause after a failed accept, in ms (nginx's `accept_mutex_delay`
 * is 500). */
const LONGEST_PAUSE_MS = 500;

/** How often it is logged that accepting fails, in ms. */
const LOG_INTERVAL_MS = 60_000;

/** How long nobody must have come for a listener to be called quiet, in ms. */
const QUIET_MS = 1;

/**
 * How often {@linkcode Listener.closeQuietly} looks for a quiet moment: with
 * 3,000 connections a second one comes within some dozens of looks.
 */
const QUIET_LOOKS = 1000;

const ANY_IPV4 = "0.0.0.0";

/** Where a listener is bound. */
export interface BindAddress {
  /** The address. */
  readonly hostname: string;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** Whether other listeners of this user may share it; only on Linux. */
  readonly reusePort?: boolean;
  /**
   * Whether `::` stands for all addresses of IPv4 too, also where the system
   * sees it otherwise. Default `false`.
   */
  readonly takesIpv4?: boolean;
}

/** An address that cannot be bound. `message` names address and port. */
export class BindError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "BindError";
}

/** An address that is bound, and its accept loop. */
export class Listener {
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** The sockets: one, or two where IPv6 and IPv4 are kept apart. */
  readonly #sockets: readonly Deno.TcpListener[];
  #closed = false;
  #accepted = 0;

  /**
   * Binds `address`.
   *
   * @throws {BindError} when the address is in use, not there or not allowed
   */
  constructor(address: BindAddress) {
    const { hostname, port, backlog } = address;
    this.backlog = backlog;
    try {
      this.#sockets = bind(address);
    } catch (error) {
      const text = hostname.includes(":") ? `[${hostname}]` : hostname;
      throw new BindError(
        `bind() to ${text}:${port} failed (${reasonOf(error)})`,
        { cause: error },
      );
    }
  }

  /** The port it is bound to. */
  get port(): number {
    return this.#sockets[0]!.addr.port;
  }

  /**
   * Gives every connection to `accepted` until {@linkcode close}.
   * `makeRoom` ends connections that can be spared and says how many.
   */
  async run(
    accepted: (socket: Deno.TcpConn) => void,
    makeRoom: () => number = () => 0,
  ): Promise<void> {
    await Promise.all(
      this.#sockets.map((listener) =>
        this.#accept(listener, accepted, makeRoom)
      ),
    );
  }

  async #accept(
    listener: Deno.TcpListener,
    accepted: (socket: Deno.TcpConn) => void,
    makeRoom: () => number,
  ): Promise<void> {
    let pauseMs = 0;
    let loggedAt = -Infinity;
    while (!this.#closed) {
      try {
        const socket = await listener.accept();
        pauseMs = 0;
        this.#accepted++;
        accepted(socket);
      } catch (error) {
        if (this.#closed) return;
        if (isClientFault(error)) continue;
        const now = performance.now();
        if (now - loggedAt > LOG_INTERVAL_MS) {
          loggedAt = now;
          log.crit("accept() fails, connections have to wait", { error });
        }
        pauseMs = Math.min(
          Math.max(pauseMs * 2, FIRST_PAUSE_MS),
          LONGEST_PAUSE_MS,
        );
        const ms = isExhausted(error) && makeRoom() > 0 ? 0 : pauseMs;
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    }
  }

  /** Whether it has stopped accepting. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Stops accepting at a moment when nobody waits, because others go on with
   * the same address: the system resets who is in the queue of a socket that
   * is closed, unless `net.ipv4.tcp_migrate_req` is on.
   */
  async closeQuietly(): Promise<void> {
    for (let looks = 0; looks < QUIET_LOOKS && !this.#closed; looks++) {
      const before = this.#accepted;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      if (this.#accepted === before) break;
    }
    this.close();
  }

  /** Stops accepting; accepted connections go on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#sockets) listener.close();
  }
}

/**
 * The sockets of an address. A socket of `::` has the clients of IPv4 too, as
 * a rule. Where it has not (Windows, Linux with `net.ipv6.bindv6only=1`) there
 * is a second one; where there is no IPv6, one of IPv4 has to do.
 */
function bind(address: BindAddress): readonly Deno.TcpListener[] {
  const { hostname, takesIpv4 = false } = address;
  if (hostname !== "::" || !takesIpv4) return [listen(address)];
  let ipv6: Deno.TcpListener;
  try {
    ipv6 = listen(address);
  } catch (error) {
    if (!isWithoutIpv6(error)) throw error;
    return [listen({ ...address, hostname: ANY_IPV4 })];
  }
  if (!keepsIpv4Apart()) return [ipv6];
  try {
    const { port } = ipv6.addr;
    return [ipv6, listen({ ...address, hostname: ANY_IPV4, port })];
  } catch (error) {
    ipv6.close();
    throw error;
  }
}

/**
 * Whether a socket of `::` leaves the clients of IPv4 alone: then its port is
 * still free for them. It is tried with a port that nobody asks for, because
 * others may accept on the one in question.
 */
function keepsIpv4Apart(): boolean {
  const any = { hostname: "::", port: 0, backlog: 1 };
  const ipv6 = listen(any);
  try {
    const { port } = ipv6.addr;
    listen({ ...any, hostname: ANY_IPV4, port }).close();
    return true;
  } catch {
    return false;
  } finally {
    ipv6.close();
  }
}

function listen(address: BindAddress): Deno.TcpListener {
  const { hostname, port, backlog, reusePort = false } = address;
  return Deno.listen({
    hostname,
    port,
    tcpBacklog: backlog,
    ...(reusePort ? { reusePort } : {}),
  });
}

/** Whether the system knows no IPv6 at all. */
function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    error.code === "EAFNOSUPPORT";
}

/** The operating system's words for why an address cannot be bound. */
function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "98: Address already in use";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "99: Cannot assign requested address";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "13: Permission denied";
  }
  return error instanceof Error ? error.message : String(error);
}

/** A client that was gone before it was accepted. */
function isClientFault(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    // Deno asks for the client's address, and there is no client any more.
    error instanceof Deno.errors.NotConnected ||
    (error instanceof Error && "code" in error && error.code === "EINVAL");
}

/** Whether the process or the system has no file descriptor left. */
function isExhausted(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "EMFILE" || error.code === "ENFILE");
}
