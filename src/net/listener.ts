/**
 * Accepting connections. One accept is pending at a time. Running out of file
 * descriptors is not an error of the listener: it asks for some to be given
 * up, or else pauses; that is logged once a minute, and it goes on when there
 * are some.
 */

import { log } from "../logging/logger.ts";
import { failureReason } from "../os_error.ts";
import { type EventLoop, eventLoop } from "./native/event_loop.ts";
import { handedOverFor } from "./native/handed_over.ts";
import {
  type NativeAddress,
  NativeListener,
  type SocketOptions,
} from "./native/native_listener.ts";
import type { NativeSocket } from "./native/native_socket.ts";
import type { Soon } from "./transport.ts";
import { checkUnixSocket, UnixSocket } from "./unix_socket.ts";

/** First pause after a failed accept, in ms. It doubles up to the longest. */
const FIRST_PAUSE_MS = 10;

/** Longest pause after a failed accept, in ms (nginx's `accept_mutex_delay`
 * is 500). */
const LONGEST_PAUSE_MS = 500;

/**
 * How many clients in a row may be gone before they are accepted. Where nobody
 * ever is accepted it is the socket that is broken: one that somebody who has
 * it too has shut down says so for ever, and to ask on takes all of a core.
 */
const MOST_GONE = 1000;

/** How often it is logged that accepting fails, in ms. */
const LOG_INTERVAL_MS = 60_000;

/** How long nobody must have come for a listener to be called quiet, in ms. */
const QUIET_MS = 1;

/**
 * How often {@linkcode Listener.closeQuietly} looks for a quiet moment: with
 * 3,000 connections a second one comes within some dozens of looks.
 */
const QUIET_LOOKS = 1000;

/**
 * How many looks in a row have to be quiet. One says nothing when the program
 * was busy, as it is with a reload: the timer is over before the socket has
 * been looked at. Nobody new comes to a Unix socket whose place is taken, so it
 * can wait until nobody is in its queue for certain; a busy port is never quiet
 * for long.
 */
const QUIET_IN_A_ROW = { port: 3, unix: 10 } as const;

const ANY_IPV4 = "0.0.0.0";

/** An accepted connection. */
export type AcceptedSocket = Deno.TcpConn | Deno.UnixConn | NativeSocket;

/** A socket that is listened on, the runtime's or the system's. */
interface Socket {
  readonly addr: Deno.Addr;
  accept(): Soon<AcceptedSocket>;
  /** Accepts at once, if somebody waits, for who waits for a connection. */
  look?(): void;
  /** Everybody who waits, for who is about to close it. */
  rest?(): AcceptedSocket[];
  /** Has another backlog and other options, if it can without closing. */
  adapt?(backlog: number, options: SocketOptions): void;
  close(): void;
}

/** Where a listener is bound. */
export interface BindAddress {
  /** The address; `unix:` and a path of a Unix socket. */
  readonly hostname: string;
  /** The path of a Unix socket, if it is one. */
  readonly path?: string | undefined;
  /** Whether a Unix socket takes the place of another one of the program. */
  readonly takesOver?: boolean;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** Whether other listeners of this user may share it; only on Linux. */
  readonly reusePort?: boolean;
  /**
   * How many sockets share it here; only with `reusePort` and a port that is
   * known, and not of what was handed over. Default 1.
   */
  readonly copies?: number | undefined;
  /**
   * Whether `::` stands for all addresses of IPv4 too, also where the system
   * sees it otherwise. Default `false`.
   */
  readonly takesIpv4?: boolean;
  /**
   * What the socket is told if it is the system's own; it is the runtime's if
   * left out. The thread must have an {@linkcode eventLoop}.
   */
  readonly native?: SocketOptions | undefined;
}

/** An address that cannot be bound. `message` names address and port. */
export class BindError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "BindError";
}

/** An address that is bound, and its accept loop. */
export class Listener {
  #backlog: number;
  #native: SocketOptions | undefined;
  /** Whether it is bound for all of IPv6, and clients of IPv4 do not come. */
  readonly leavesIpv4: boolean;
  /** The sockets: one or its copies, twice where IPv6 and IPv4 are apart. */
  readonly #sockets: readonly Socket[];
  readonly #unix: UnixSocket<Socket> | undefined;
  #closed = false;
  #accepted = 0;
  /** Who is given connections. */
  #taker: ((socket: AcceptedSocket) => void) | undefined;

  /**
   * Binds `address`.
   *
   * @throws {BindError} when the address is in use, not there or not allowed
   */
  constructor(address: BindAddress) {
    const { path, takesOver = false, backlog, native } = address;
    this.#backlog = backlog;
    this.#native = native;
    try {
      const handedOver = handedOverTo(address);
      this.leavesIpv4 = handedOver === undefined && native !== undefined &&
        address.hostname === "::" && address.takesIpv4 !== true;
      if (handedOver !== undefined) {
        // Its file stays where it is, too.
        this.#sockets = [listenNatively(address, { path, handedOver })];
      } else if (path === undefined) this.#sockets = bindAll(address);
      else {
        this.#unix = new UnixSocket(
          path,
          takesOver,
          (path) => listenAt(address, path),
        );
        this.#sockets = [this.#unix.listener];
      }
    } catch (error) {
      throw bindError(address, error);
    }
  }

  /** Connections the kernel may hold before they are accepted. */
  get backlog(): number {
    return this.#backlog;
  }

  /** What its socket was told, if it is the system's own. */
  get native(): SocketOptions | undefined {
    return this.#native;
  }

  /**
   * Has another backlog and other options from now on, which only a socket of
   * the system can without being closed; it does nothing otherwise.
   */
  adapt(backlog: number, native: SocketOptions): void {
    for (const socket of this.#sockets) {
      try {
        socket.adapt?.(backlog, native);
      } catch (error) {
        log.error("options of a listening socket cannot be changed", { error });
      }
    }
    this.#backlog = backlog;
    this.#native = native;
  }

  /** The port it is bound to; 0 of a Unix socket. */
  get port(): number {
    const { addr } = this.#sockets[0]!;
    return portOf(addr);
  }

  /** Takes its place, if it is to take that of another one. */
  takePlace(): void {
    this.#unix?.takePlace();
  }

  /**
   * Gives every connection to `accepted` until {@linkcode close}.
   * `makeRoom` ends connections that can be spared and says how many.
   */
  async run(
    accepted: (socket: AcceptedSocket) => void,
    makeRoom: () => number = () => 0,
  ): Promise<void> {
    this.#taker = accepted;
    await Promise.all(
      this.#sockets.map((listener) =>
        this.#accept(listener, accepted, makeRoom)
      ),
    );
  }

  async #accept(
    listener: Socket,
    accepted: (socket: AcceptedSocket) => void,
    makeRoom: () => number,
  ): Promise<void> {
    let pauseMs = 0;
    let loggedAt = -Infinity;
    let gone = 0;
    while (!this.#closed) {
      try {
        const accepting = listener.accept();
        const socket = accepting instanceof Promise
          ? await accepting
          : accepting;
        pauseMs = gone = 0;
        this.#accepted++;
        accepted(socket);
      } catch (error) {
        if (this.#closed) return;
        if (isClientFault(error) && ++gone <= MOST_GONE) continue;
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
    const wanted = QUIET_IN_A_ROW[this.#unix === undefined ? "port" : "unix"];
    let quiet = 0;
    for (let looks = 0; looks < QUIET_LOOKS && quiet < wanted; looks++) {
      const before = this.#accepted;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      if (this.#closed) break;
      // Who has come may not have been told of yet.
      for (const socket of this.#sockets) socket.look?.();
      await undefined;
      quiet = this.#accepted === before ? quiet + 1 : 0;
    }
    if (this.#closed) return;
    // Whoever has come since the last look; nothing else runs before the end.
    const late = this.#sockets.flatMap((socket) => socket.rest?.() ?? []);
    this.close();
    for (const socket of late) this.#taker?.(socket);
  }

  /** Stops accepting; accepted connections go on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#unix !== undefined) return this.#unix.close();
    for (const listener of this.#sockets) listener.close();
  }
}

/**
 * Does nothing if `address` can be bound now, and leaves nothing behind: of a
 * Unix socket not even for a moment.
 *
 * @throws {BindError} as {@linkcode Listener} does
 */
export function checkAddress(address: BindAddress): void {
  if (handedOverTo(address) !== undefined) return;
  if (address.path === undefined) return new Listener(address).close();
  try {
    checkUnixSocket(address.path);
  } catch (error) {
    throw bindError(address, error);
  }
}

/**
 * The descriptor of a socket for `address` that whoever has started this
 * program listens on for it. The runtime's own sockets cannot be made of one.
 */
export function handedOverTo(
  address: Pick<BindAddress, "hostname" | "port" | "path" | "native">,
): number | undefined {
  return address.native === undefined ? undefined : handedOverFor(address);
}

function bindError(address: BindAddress, cause: unknown): BindError {
  return new BindError(
    `bind() to ${textOf(address)} failed (${failureReason(cause)})`,
    { cause },
  );
}

/** All that share an address; none if one of them cannot be bound. */
function bindAll(address: BindAddress): readonly Socket[] {
  const { copies = 1 } = address;
  const sockets: Socket[] = [];
  try {
    for (let i = 0; i < copies; i++) sockets.push(...bind(address));
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
  return sockets;
}

/**
 * The sockets of an address. A socket of `::` has the clients of IPv4 too, as
 * a rule. Where it has not (Windows, Linux with `net.ipv6.bindv6only=1`) there
 * is a second one; where there is no IPv6, one of IPv4 has to do.
 */
function bind(address: BindAddress): readonly Socket[] {
  const { hostname, takesIpv4 = false } = address;
  if (hostname !== "::" || !takesIpv4) return [listen(address)];
  let ipv6: Socket;
  try {
    ipv6 = listen(address);
  } catch (error) {
    if (!isWithoutIpv6(error)) throw error;
    return [listen({ ...address, hostname: ANY_IPV4 })];
  }
  if (address.native !== undefined || !keepsIpv4Apart()) return [ipv6];
  try {
    const port = portOf(ipv6.addr);
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
    const port = portOf(ipv6.addr);
    listen({ ...any, hostname: ANY_IPV4, port }).close();
    return true;
  } catch {
    return false;
  } finally {
    ipv6.close();
  }
}

function portOf(address: Deno.Addr): number {
  return "port" in address ? address.port : 0;
}

/** A Unix socket that is bound to `path`, perhaps beside its place. */
function listenAt(address: BindAddress, path: string): Socket {
  if (address.native === undefined) {
    return Deno.listen({ transport: "unix", path });
  }
  return listenNatively(address, { path });
}

function listenNatively(
  address: BindAddress,
  more: Pick<NativeAddress, "path" | "handedOver">,
): Socket {
  const { takesIpv4 = false } = address;
  return new NativeListener(ownLoop(), {
    ...address,
    ...address.native,
    ...more,
    ipv6Only: !takesIpv4,
  });
}

/** @throws {Error} where there is none: it has been looked for before */
function ownLoop(): EventLoop {
  const loop = eventLoop();
  if (loop === undefined) throw new Error("this thread has no epoll");
  return loop;
}

function listen(address: BindAddress): Socket {
  const { hostname, port, backlog, reusePort = false } = address;
  if (address.native !== undefined) return listenNatively(address, {});
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

/** The address as it is logged. */
function textOf({ hostname, path, port }: BindAddress): string {
  if (path !== undefined) return hostname;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
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
