/**
 * A socket that is listened on by the system's own calls, with the options
 * that the runtime cannot set.
 */

import { systemError } from "../../os_error.ts";
import type { Soon } from "../transport.ts";
import { ERRNO } from "./c_library.ts";
import { type EventLoop, eventLoop, type Pollable } from "./event_loop.ts";
import { NativeSocket } from "./native_socket.ts";
import {
  decodeAddress,
  encodeAddress,
  encodePath,
  FAMILY,
  familyOf,
  type SocketAddress,
} from "./socket_address.ts";

/** How many are accepted in a round before others have their turn. */
const ACCEPTS_A_ROUND = 64;

/** How many are accepted at the end: more than a queue has for a moment. */
const MOST_AT_THE_END = 4096;

/** Levels of options, on Linux. */
const LEVEL = { socket: 1, tcp: 6, ipv6: 41 } as const;

/** Options: their level and their number. */
const OPTION = {
  reuseAddress: [LEVEL.socket, 2],
  sendBuffer: [LEVEL.socket, 7],
  receiveBuffer: [LEVEL.socket, 8],
  keepAlive: [LEVEL.socket, 9],
  reusePort: [LEVEL.socket, 15],
  keepIdle: [LEVEL.tcp, 4],
  keepInterval: [LEVEL.tcp, 5],
  keepCount: [LEVEL.tcp, 6],
  deferAccept: [LEVEL.tcp, 9],
  fastOpen: [LEVEL.tcp, 23],
  ipv6Only: [LEVEL.ipv6, 26],
} as const satisfies Record<string, readonly [level: number, name: number]>;

/** What is set on a socket, and on those that it accepts. */
export interface SocketOptions {
  /** Bytes of the receive buffer; the system's choice if left out. */
  readonly receiveBuffer?: number | undefined;
  /** Bytes of the send buffer; the system's choice if left out. */
  readonly sendBuffer?: number | undefined;
  /** Seconds for which a client is not told of that has sent nothing. */
  readonly deferSeconds?: number | undefined;
  /** How many may wait that begin with data (TCP Fast Open). */
  readonly fastOpen?: number | undefined;
  /** Whether silent clients are asked whether they are still there. */
  readonly keepAlive?: boolean | undefined;
  /** After how many seconds; the system's choice if left out. */
  readonly keepIdle?: number | undefined;
  /** How often after that, in seconds; the system's choice if left out. */
  readonly keepInterval?: number | undefined;
  /** How often in vain; the system's choice if left out. */
  readonly keepCount?: number | undefined;
}

/** What is listened on. */
export interface NativeAddress extends SocketOptions {
  /** An address of IPv4 or IPv6; not used with a path. */
  readonly hostname: string;
  /** The path of a Unix socket, if it is one. */
  readonly path?: string | undefined;
  /** The port; 0 lets the system choose. */
  readonly port: number;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** Whether other sockets of this user may share it. */
  readonly reusePort?: boolean;
  /** Whether a socket of IPv6 leaves IPv4 alone. */
  readonly ipv6Only?: boolean;
  /** A descriptor of a socket that is bound there and listened on already. */
  readonly handedOver?: number | undefined;
}

/** A socket that is listened on. */
export class NativeListener implements Pollable {
  /** Where it is bound. */
  readonly addr: SocketAddress;
  readonly #loop: EventLoop;
  #fd: number;
  #slot = -1;
  #acceptable = true;
  #round = -1;
  #accepted = 0;
  #pending: PromiseWithResolvers<NativeSocket> | undefined;
  /** Whether each client has to be asked for which address it has come. */
  readonly #isWildcard: boolean;
  /** Whether its descriptor stands for a socket that stays open. */
  readonly #isDuplicate: boolean;

  /**
   * Binds and listens, or accepts from a socket that was handed over.
   *
   * @throws {Error} what the system says, and {@linkcode Deno.errors.NotCapable}
   * when the program may not use the network so
   */
  constructor(loop: EventLoop, address: NativeAddress) {
    this.#loop = loop;
    const { hostname, path, handedOver } = address;
    checkPermission(address);
    this.#isDuplicate = handedOver !== undefined;
    this.#isWildcard = hostname === "::" || hostname === "0.0.0.0";
    this.#fd = checked(
      handedOver !== undefined
        ? loop.library.duplicate(handedOver)
        : loop.library.socket(
          path === undefined ? familyOf(hostname) : FAMILY.unix,
        ),
    );
    try {
      if (handedOver === undefined) this.#bind(address);
      else this.#setOptions(address);
      checked(loop.library.listen(this.#fd, address.backlog));
      this.addr = path === undefined
        ? this.#addressOf(this.#fd)
        : { transport: "unix", path };
    } catch (error) {
      loop.library.close(this.#fd);
      throw error;
    }
  }

  /**
   * The next connection, at once if there is one.
   *
   * @throws {Error} what the system says
   */
  accept(): Soon<NativeSocket> {
    const socket = this.#acceptNow();
    if (socket !== undefined) return socket;
    if (this.#slot < 0) this.#slot = this.#loop.add(this.#fd, this);
    this.#pending = Promise.withResolvers();
    return this.#pending.promise;
  }

  /** Stops; who waits for a connection is rejected. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    if (this.#slot >= 0) {
      this.#loop.remove(this.#slot, this.#isDuplicate ? fd : undefined);
    }
    this.#slot = -1;
    this.#loop.library.close(fd);
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(new Deno.errors.BadResource("the listener is closed"));
  }

  /** Accepts at once, if somebody waits, for who waits for a connection. */
  look(): void {
    this.ready();
  }

  /** Everybody who waits, for who is about to close it. */
  rest(): NativeSocket[] {
    const sockets: NativeSocket[] = [];
    try {
      for (let i = 0; i < MOST_AT_THE_END; i++) {
        this.#round = -1;
        this.#acceptable = true;
        const socket = this.#acceptNow();
        if (socket === undefined) break;
        sockets.push(socket);
      }
    } catch {
      // Whoever is behind them is lost: there are no descriptors left.
    }
    return sockets;
  }

  /**
   * Has another backlog and other options from now on; nobody who waits is
   * lost. As with nginx, sizes of buffers and the rhythm of probes stay where
   * nothing is said of them any more.
   *
   * @throws {Error} what the system says
   */
  adapt(backlog: number, options: SocketOptions): void {
    checked(this.#loop.library.listen(this.#fd, backlog));
    this.#setBuffers(options);
    if (this.addr.transport !== "tcp") return;
    this.#set("keepAlive", options.keepAlive === true ? 1 : 0);
    this.#setProbes(options);
    this.#set("deferAccept", options.deferSeconds ?? 0);
    this.#set("fastOpen", options.fastOpen ?? 0);
  }

  /** Called by the loop. */
  ready(): void {
    this.#acceptable = true;
    const pending = this.#pending;
    if (pending === undefined) return;
    try {
      const socket = this.#acceptNow();
      if (socket === undefined) return;
      this.#pending = undefined;
      pending.resolve(socket);
    } catch (error) {
      this.#pending = undefined;
      pending.reject(error);
    }
  }

  #acceptNow(): NativeSocket | undefined {
    if (this.#fd < 0) {
      throw new Deno.errors.BadResource("the listener is closed");
    }
    if (!this.#acceptable || !this.#mayGoOn()) return undefined;
    const { library } = this.#loop;
    let fd: number;
    do fd = library.accept(this.#fd); while (fd === -ERRNO.interrupted);
    if (fd === -ERRNO.again) {
      this.#acceptable = false;
      return undefined;
    }
    checked(fd);
    try {
      const remoteAddr = decodeAddress(library.address);
      const localAddr = this.#isWildcard ? this.#addressOf(fd) : this.addr;
      return new NativeSocket(this.#loop, fd, { remoteAddr, localAddr });
    } catch (error) {
      library.close(fd);
      throw error;
    }
  }

  #mayGoOn(): boolean {
    const { round } = this.#loop;
    if (this.#round !== round) {
      this.#round = round;
      this.#accepted = 0;
    }
    if (++this.#accepted <= ACCEPTS_A_ROUND) return true;
    // Only the first who is put off asks for a turn.
    if (this.#accepted === ACCEPTS_A_ROUND + 1) this.#loop.again(this);
    return false;
  }

  #addressOf(fd: number): SocketAddress {
    const { library } = this.#loop;
    checked(library.localAddress(fd));
    return decodeAddress(library.address);
  }

  #bind(address: NativeAddress): void {
    const { hostname, path, port } = address;
    const encoded = path === undefined
      ? encodeAddress(hostname, port)
      : encodePath(path);
    if (path === undefined) {
      this.#set("reuseAddress", 1);
      if (address.reusePort === true) this.#set("reusePort", 1);
      if (familyOf(hostname) === FAMILY.ipv6) {
        this.#set("ipv6Only", address.ipv6Only === true ? 1 : 0);
      }
    }
    this.#setOptions(address);
    checked(this.#loop.library.bind(this.#fd, encoded));
  }

  #setOptions(address: NativeAddress): void {
    this.#setBuffers(address);
    if (address.path !== undefined) return;
    if (address.keepAlive === true) this.#set("keepAlive", 1);
    this.#setProbes(address);
    this.#set("deferAccept", address.deferSeconds);
    this.#set("fastOpen", address.fastOpen);
  }

  #setBuffers({ sendBuffer, receiveBuffer }: SocketOptions): void {
    this.#set("sendBuffer", sendBuffer);
    this.#set("receiveBuffer", receiveBuffer);
  }

  #setProbes({ keepIdle, keepInterval, keepCount }: SocketOptions): void {
    this.#set("keepIdle", keepIdle);
    this.#set("keepInterval", keepInterval);
    this.#set("keepCount", keepCount);
  }

  #set(option: keyof typeof OPTION, value: number | undefined): void {
    if (value === undefined) return;
    const [level, name] = OPTION[option];
    checked(this.#loop.library.setOption(this.#fd, level, name, value));
  }
}

/** Whether the system knows IPv6 at all; a thread without a loop cannot tell. */
export function hasIpv6(): boolean {
  const library = eventLoop()?.library;
  const fd = library?.socket(FAMILY.ipv6) ?? -1;
  if (fd >= 0) library?.close(fd);
  return fd !== -ERRNO.noSuchFamily;
}

/** The system is asked past Deno, which may have been told to refuse. */
function checkPermission({ hostname, path, port }: NativeAddress): void {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const wanted: Deno.PermissionDescriptor[] = path === undefined
    ? [{ name: "net", host: `${host}:${port}` }]
    : [{ name: "read", path }, { name: "write", path }];
  for (const each of wanted) {
    if (Deno.permissions.querySync(each).state !== "granted") {
      throw new Deno.errors.NotCapable(
        `Requires ${each.name} access to "${path ?? `${host}:${port}`}"`,
      );
    }
  }
}

/** @throws {Error} what the system says, when `result` is an error */
function checked(result: number): number {
  if (result < 0) throw systemError(-result);
  return result;
}
