/**
 * An accepted connection on a socket of the system. Reading and writing answer
 * at once when the socket has something or has room, and else wait for what
 * the loop tells. It is registered with the loop when it waits for the first
 * time: a short connection may never have to.
 */

import { systemError } from "../../os_error.ts";
import type { FilePart, KeptBytes } from "../../http/response.ts";
import {
  NOT_BY_DESCRIPTOR,
  type ReadWaiter,
  type Soon,
  type Transport,
} from "../transport.ts";
import { EPOLL, ERRNO } from "./c_library.ts";
import type { EventLoop, Pollable } from "./event_loop.ts";
import type { SocketAddress } from "./socket_address.ts";

/** Whatever ends a connection shows in a read. */
const READABLE = EPOLL.in | EPOLL.error | EPOLL.hangUp | EPOLL.readHangUp;
const WRITABLE = EPOLL.out | EPOLL.error | EPOLL.hangUp;
const NO_MORE = EPOLL.error | EPOLL.hangUp | EPOLL.readHangUp;

/** How often one is read or written in a round before others have their turn. */
const CALLS_A_ROUND = 32;

/**
 * How much of files one sends in a round before others have their turn, and at
 * most by one call, in bytes (nginx's `sendfile_max_chunk`): a socket has room
 * for less as a rule, and for this it takes half a millisecond.
 */
const FILE_BYTES_A_ROUND = 2 * 1024 * 1024;

/** `TCP_NODELAY`, of `IPPROTO_TCP`. */
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;

/** What `sendfile` says of a file, or a system, that it cannot be used with. */
const UNSENDABLE: ReadonlySet<number> = new Set([
  -ERRNO.invalid,
  -ERRNO.noSuchCall,
  -ERRNO.notSupported,
]);

/** Of a Unix socket, whose address is a path. */
const NO_PORT = -1;

/** A call that waits for the socket. */
interface Waiting<T> {
  /** Tries again; `undefined` if it has to wait on. */
  attempt(): T | undefined;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** One connection. */
export class NativeSocket implements Transport, Pollable {
  /** See {@linkcode Transport.isFair}. */
  readonly isFair = true;
  /** The client's address, as the fields of one. */
  readonly #hostname: string;
  readonly #port: number;
  /** The address the client connected to. */
  readonly localAddr: SocketAddress;
  readonly #loop: EventLoop;
  /** The descriptor; -1 when it is closed. */
  #fd: number;
  /** Its place in the loop; -1 before it has waited. */
  #slot = -1;
  /** Whether a read may bring something. */
  #readable = true;
  /** Whether the client has been told that nothing more is written. */
  #isShut = false;
  /** Whether the client has closed its side, or more: only a read tells. */
  #ends = false;
  #round = -1;
  #calls = 0;
  #sends = 0;
  #fileBytes = 0;
  /** Whether what is sent is the rest of what had to wait. */
  #goesOn = false;
  /** Whether it has its turn in the next round. */
  #isNext = false;
  #reader: Waiting<number | null> | undefined;
  #writer: Waiting<number> | undefined;
  #waiter: ReadWaiter | undefined;

  /** Takes over the descriptor `fd`. */
  constructor(
    loop: EventLoop,
    fd: number,
    ends: {
      readonly remoteAddr: SocketAddress;
      readonly localAddr: SocketAddress;
    },
  ) {
    this.#loop = loop;
    this.#fd = fd;
    const { remoteAddr } = ends;
    const isTcp = "port" in remoteAddr;
    this.#hostname = isTcp ? remoteAddr.hostname : remoteAddr.path;
    this.#port = isTcp ? remoteAddr.port : NO_PORT;
    this.localAddr = ends.localAddr;
  }

  /** The client's address. */
  get remoteAddr(): SocketAddress {
    const [hostname, port] = [this.#hostname, this.#port];
    return port === NO_PORT
      ? { transport: "unix", path: hostname }
      : { transport: "tcp", hostname, port };
  }

  /** See {@linkcode Transport.hasUnread}. */
  get hasUnread(): boolean {
    return this.#fd >= 0 && this.#loop.library.hasInput(this.#fd);
  }

  /** See {@linkcode Transport.read}. */
  read(target: Uint8Array): Soon<number | null> {
    const count = this.#receive(target);
    if (count !== undefined) return count;
    return new Promise((resolve, reject) => {
      this.#register();
      const attempt = () => this.#receive(target);
      this.#reader = { attempt, resolve, reject };
    });
  }

  /** See {@linkcode Transport.readNow}. */
  readNow(
    target: Uint8Array,
    waiter: ReadWaiter,
  ): number | null | undefined {
    const count = this.#receive(target);
    if (count !== undefined) return count;
    this.#register();
    this.#waiter = waiter;
    return undefined;
  }

  /** See {@linkcode Transport.write}. */
  write(bytes: Uint8Array, more = false, kept?: KeptBytes): Soon<number> {
    const file = kept === undefined
      ? undefined
      : this.#loop.images.of(kept.body, bytes.length - kept.from);
    const count = file === undefined
      ? this.#send(bytes, more)
      : this.#sendKept(bytes, kept!, file);
    return count ?? this.#waitToWrite(() => this.#send(bytes, more));
  }

  /** Whether files can be sent without reading them. */
  get sendsFiles(): boolean {
    return this.#loop.sharesFiles;
  }

  /** See {@linkcode Transport.sendFile}. */
  sendFile(lent: FilePart): Soon<number> {
    const count = this.#sendFile(lent);
    return count ?? this.#waitToWrite(() => this.#sendFile(lent));
  }

  /** Says that nothing more will be written. */
  closeWrite(): Promise<void> {
    const result = this.#loop.library.shutDown(this.#open());
    this.#isShut = true;
    return result < 0
      ? Promise.reject(systemError(-result))
      : Promise.resolve();
  }

  /** Whether small writes are sent at once; a Unix socket has no such thing. */
  setNoDelay(on: boolean): void {
    if (this.localAddr.transport !== "tcp") return;
    const { library } = this.#loop;
    library.setOption(this.#open(), IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
  }

  /** Closes; what is pending rejects. */
  close(): void {
    const fd = this.#open();
    this.#fd = -1;
    if (this.#slot >= 0) this.#loop.remove(this.#slot);
    this.#slot = -1;
    const { library } = this.#loop;
    // What nobody has read would make it a reset, and nothing else: with this
    // the client sees the end of the stream before that. A read that has
    // emptied the socket does not say that nothing has come since, and to look
    // costs a quarter of what it costs to say so (measured).
    if (!this.#isShut && library.hasInput(fd)) library.shutDown(fd);
    library.close(fd);
    const waiter = this.#waiter;
    this.#waiter = undefined;
    // Not before whoever closes is done with what it does.
    if (waiter !== undefined) queueMicrotask(() => waiter.readable());
    const [reader, writer] = [this.#reader, this.#writer];
    this.#reader = this.#writer = undefined;
    reader?.reject(closed());
    writer?.reject(closed());
  }

  /** Called by the loop. */
  ready(events: number): void {
    if (events === 0) this.#isNext = false;
    if ((events & NO_MORE) !== 0) this.#ends = true;
    if ((events & READABLE) !== 0) this.#readable = true;
    // Its own calls may close it: what waits is looked at one by one.
    if (this.#writer !== undefined && this.#isAwaited(events, WRITABLE)) {
      const writer = this.#writer;
      this.#writer = undefined;
      this.#goesOn = true;
      if (settle(writer)) this.#writer = writer;
      this.#goesOn = false;
    }
    if (this.#fd < 0 || !this.#isAwaited(events, READABLE)) return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      if (settle(reader)) this.#reader = reader;
      return;
    }
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.readable(this.#loop.toldAt);
  }

  #isAwaited(events: number, wanted: number): boolean {
    return events === 0 || (events & wanted) !== 0;
  }

  #waitToWrite(attempt: () => number | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#register();
      this.#writer = { attempt, resolve, reject };
    });
  }

  #register(): void {
    if (this.#slot < 0) this.#slot = this.#loop.add(this.#fd, this);
  }

  /** The descriptor. @throws {Deno.errors.BadResource} when it is closed */
  #open(): number {
    if (this.#fd < 0) throw closed();
    return this.#fd;
  }

  /** Whether it may go on in this round; if not it has a turn in the next. */
  #mayGoOn(): boolean {
    const { round } = this.#loop;
    if (this.#round !== round) {
      this.#round = round;
      this.#calls = this.#sends = this.#fileBytes = 0;
    }
    if (
      ++this.#calls <= CALLS_A_ROUND && this.#fileBytes < FILE_BYTES_A_ROUND
    ) return true;
    return this.#putOff();
  }

  /** As {@linkcode #mayGoOn}: what answers a request is never put off, but for
   * the rest of a large one. */
  #maySend(): boolean {
    if (!this.#mayGoOn()) return false;
    const isFirst = this.#sends++ === 0 && !this.#goesOn;
    return isFirst || this.#loop.maySend || this.#putOff();
  }

  #putOff(): false {
    if (!this.#isNext) {
      this.#isNext = true;
      this.#loop.again(this);
    }
    return false;
  }

  /** What a call has sent; `undefined` when the socket is full. */
  #sent(count: number): number | undefined {
    if (count >= 0) {
      this.#loop.sent(count);
      return count;
    }
    if (count === -ERRNO.again) return undefined;
    throw systemError(-count);
  }

  #receive(target: Uint8Array): number | null | undefined {
    const fd = this.#open();
    if (!this.#readable || !this.#mayGoOn()) return undefined;
    const { library } = this.#loop;
    let count: number;
    do count = library.receive(fd, target); while (
      count === -ERRNO.interrupted
    );
    if (count > 0) {
      // What comes from now on is told; the end of the stream was told once.
      if (count < target.length && !this.#ends) this.#readable = false;
      return count;
    }
    if (count === 0) return null;
    if (count !== -ERRNO.again) throw systemError(-count);
    this.#readable = false;
    return undefined;
  }

  #send(bytes: Uint8Array, more: boolean): number | undefined {
    const fd = this.#open();
    if (bytes.length === 0) return 0;
    if (!this.#maySend()) return undefined;
    const { library } = this.#loop;
    let count: number;
    do count = library.send(fd, bytes, more); while (
      count === -ERRNO.interrupted
    );
    return this.#sent(count);
  }

  /** Sends what is before a body, and that from memory of the system. */
  #sendKept(
    bytes: Uint8Array,
    { from, at }: KeptBytes,
    file: number,
  ): number | undefined {
    const length = bytes.length - from;
    if (from === 0) {
      const count = this.#sendFile({ file, offset: at, length });
      return count === NOT_BY_DESCRIPTOR ? this.#send(bytes, false) : count;
    }
    const head = this.#send(bytes.subarray(0, from), true);
    if (head === undefined || head < from) return head;
    const loop = this.#loop;
    // If there is an error, whatever is written next has it too.
    const count = Math.max(
      loop.library.sendFile(this.#fd, file, at, length),
      0,
    );
    loop.sent(count);
    return head + count;
  }

  #sendFile({ file, offset, length }: FilePart): number | undefined {
    const fd = this.#open();
    if (!this.#maySend()) return undefined;
    const { library } = this.#loop;
    const most = Math.min(length, FILE_BYTES_A_ROUND);
    let count: number;
    do count = library.sendFile(fd, file, offset, most); while (
      count === -ERRNO.interrupted
    );
    if (count > 0) this.#fileBytes += count;
    else if (UNSENDABLE.has(count)) return NOT_BY_DESCRIPTOR;
    return this.#sent(count);
  }
}

/** Whether it has to wait on. */
function settle<T>({ attempt, resolve, reject }: Waiting<T>): boolean {
  try {
    const value = attempt();
    if (value === undefined) return true;
    resolve(value);
  } catch (error) {
    reject(error);
  }
  return false;
}

function closed(): Error {
  return new Deno.errors.BadResource("the socket is closed");
}
