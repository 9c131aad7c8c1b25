/**
 * The system's calls by way of the C library (`Deno.dlopen`). This file,
 * `steering.ts`, `handed_over.ts` and `listening.ts`, which those two ask, are
 * the only ones that know of pointers: what crosses is a view of bytes that its
 * caller holds until the call has returned, and how long it is is told by the
 * view itself. Each call answers what the system does, or the negative number
 * of its error, which is read before anything else can happen.
 */

/** Names of the C library: of glibc, and of musl by processor. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  x86_64: ["libc.so.6", "libc.musl-x86_64.so.1"],
  aarch64: ["libc.so.6", "libc.musl-aarch64.so.1"],
};

/** Lengths are passed as 32 bits: no view may be longer. */
const MAX_LENGTH = 0x7fff_ffff;

/** Bytes of a `struct epoll_event`: packed on x86-64 only. */
const EVENT_WORDS = Deno.build.arch === "x86_64" ? 3 : 4;

/** Where the eight bytes of the program's own begin in an event, in words. */
const EVENT_DATA_AT = EVENT_WORDS - 2;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  // It takes as many as it is told of: three are passed alike.
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  accept4: {
    parameters: ["i32", "buffer", "buffer", "i32"],
    result: "i32",
  },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  sendfile: { parameters: ["i32", "i32", "buffer", "u32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  epoll_wait_aside: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  memfd_create: {
    parameters: ["buffer", "u32"],
    result: "i32",
    optional: true,
  },
  statx: {
    parameters: ["i32", "buffer", "i32", "u32", "buffer"],
    result: "i32",
    optional: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** Numbers of Linux, alike on x86-64 and aarch64. */
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const F_DUPFD_CLOEXEC = 1030;
const MSG_PEEK = 0x2;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const SHUT_WR = 1;
const SEEK_END = 2;
const EPOLL_CLOEXEC = SOCK_CLOEXEC;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const MFD_CLOEXEC = 1;
const EFD_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

/** The name of files in memory, for whoever looks at the process. */
const MEMORY_FILE_NAME = new TextEncoder().encode("webserv-body\0");

/** The folder of the process's descriptors; no name in it is looked at. */
const DESCRIPTORS = new TextEncoder().encode("/proc/self/fd\0");
const AT_FDCWD = -100;
const STATX_SIZE = 0x200;

/** Bytes of a `struct statx`, and where the size is in it. */
const STATX_BYTES = 256;
const STATX_SIZE_AT = 40;

/** What {@linkcode CLibrary.epollWait} tells of a descriptor. */
export const EPOLL = {
  in: 0x001,
  out: 0x004,
  error: 0x008,
  hangUp: 0x010,
  readHangUp: 0x2000,
} as const;

/** Everything, once for each change. */
const EPOLL_WANTED = EPOLL.in | EPOLL.out | EPOLL.readHangUp | 0x8000_0000;

/** Errors that are told apart, by their numbers. */
export const ERRNO = {
  interrupted: 4,
  again: 11,
  invalid: 22,
  noSuchCall: 38,
  notSupported: 95,
  noSuchFamily: 97,
} as const;

/** Bytes of the longest address (`struct sockaddr_un` and one zero). */
const ADDRESS_BYTES = 128;

/** What a descriptor was told of, and whose it is. */
export class EventList {
  /** How many fit. */
  readonly capacity: number;
  /** The memory, which is held as long as this is. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;

  /** Room for `capacity` events. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#words = new Uint32Array(capacity * EVENT_WORDS);
    this.bytes = new Uint8Array(this.#words.buffer);
  }

  /** What has happened, as bits of {@linkcode EPOLL}. */
  events(index: number): number {
    return this.#words[index * EVENT_WORDS]!;
  }

  /** The first number that was given with the descriptor. */
  slot(index: number): number {
    return this.#words[index * EVENT_WORDS + EVENT_DATA_AT]!;
  }

  /** The second one. */
  generation(index: number): number {
    return this.#words[index * EVENT_WORDS + EVENT_DATA_AT + 1]!;
  }

  /** Makes the first event one that is wanted of a descriptor. */
  want(slot: number, generation: number): void {
    this.#words[0] = EPOLL_WANTED;
    this.#words[EVENT_DATA_AT] = slot;
    this.#words[EVENT_DATA_AT + 1] = generation;
  }
}

/** The calls. Those with a descriptor answer with EBADF for one that is none. */
export class CLibrary {
  readonly #calls: Symbols;
  /** The thread's `errno`, in the C library's own memory. */
  readonly #errno: Int32Array<ArrayBuffer>;
  readonly #address = new Uint8Array(ADDRESS_BYTES);
  readonly #addressLength = new Uint32Array(1);
  readonly #addressLengthBytes = new Uint8Array(this.#addressLength.buffer);
  readonly #value = new Int32Array(1);
  readonly #valueBytes = new Uint8Array(this.#value.buffer);
  readonly #offset = new BigInt64Array(1);
  readonly #offsetBytes = new Uint8Array(this.#offset.buffer);
  readonly #wanted = new EventList(1);
  readonly #counter = new Uint8Array(8);

  /**
   * Loads it for this thread.
   *
   * @throws {Error} when the system is another one, or Deno does not allow it
   */
  constructor() {
    this.#calls = loadLibrary(SYMBOLS).symbols;
    const errno = this.#calls.__errno_location();
    if (errno === null) throw new Error("the C library has no errno");
    this.#errno = new Int32Array(
      Deno.UnsafePointerView.getArrayBuffer(errno, 4),
    );
  }

  /** A socket for a stream that does not block; `family` is `AF_...`. */
  socket(family: number): number {
    return this.#checked(
      this.#calls.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
    );
  }

  /** Sets an option that is a number. */
  setOption(fd: number, level: number, name: number, value: number): number {
    this.#value[0] = value;
    return this.#checked(
      this.#calls.setsockopt(fd, level, name, this.#valueBytes, 4),
    );
  }

  /** Binds to a `struct sockaddr`. */
  bind(fd: number, address: Uint8Array<ArrayBuffer>): number {
    return this.#checked(
      this.#calls.bind(fd, address, lengthOf(address)),
    );
  }

  /** Another descriptor of the same, which programs do not inherit. */
  duplicate(fd: number): number {
    return this.#checked(this.#calls.fcntl(fd, F_DUPFD_CLOEXEC, 0));
  }

  /** Listens. */
  listen(fd: number, backlog: number): number {
    return this.#checked(this.#calls.listen(fd, backlog));
  }

  /** Accepts; {@linkcode address} has the client's address then. */
  accept(fd: number): number {
    this.#addressLength[0] = ADDRESS_BYTES;
    return this.#checked(
      this.#calls.accept4(
        fd,
        this.#address,
        this.#addressLengthBytes,
        SOCK_NONBLOCK | SOCK_CLOEXEC,
      ),
    );
  }

  /** Asks for the own address, which {@linkcode address} has then. */
  localAddress(fd: number): number {
    this.#addressLength[0] = ADDRESS_BYTES;
    return this.#checked(
      this.#calls.getsockname(fd, this.#address, this.#addressLengthBytes),
    );
  }

  /** The address that was asked for last, valid until the next call. */
  get address(): Uint8Array<ArrayBuffer> {
    const length = Math.min(this.#addressLength[0]!, ADDRESS_BYTES);
    return this.#address.subarray(0, length);
  }

  /** Reads into `target`, which is not empty; 0 is the end. */
  receive(fd: number, target: Uint8Array): number {
    const count = this.#calls.recv(fd, held(target), lengthOf(target), 0);
    return count < 0 ? -this.#errno[0]! : count;
  }

  /** Whether there are bytes that nobody has read yet. */
  hasInput(fd: number): boolean {
    return this.#calls.recv(fd, this.#counter, 1, MSG_PEEK) > 0;
  }

  /** Writes some of `bytes`; with `more` they may wait for what follows. */
  send(fd: number, bytes: Uint8Array, more: boolean): number {
    const count = this.#calls.send(
      fd,
      held(bytes),
      lengthOf(bytes),
      more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL,
    );
    return count < 0 ? -this.#errno[0]! : count;
  }

  /** Sends up to `count` bytes of a file from `offset` on; 0 is its end. */
  sendFile(fd: number, file: number, offset: number, count: number): number {
    this.#offset[0] = BigInt(offset);
    return this.#checked(
      this.#calls.sendfile(
        fd,
        file,
        this.#offsetBytes,
        Math.min(count, MAX_LENGTH),
      ),
    );
  }

  /**
   * A file that is only in memory, with a copy of `bytes`; negative if there
   * cannot be one.
   */
  memoryFile(bytes: Uint8Array): number {
    if (this.#calls.memfd_create === null) return -1;
    const file = this.#calls.memfd_create(MEMORY_FILE_NAME, MFD_CLOEXEC);
    for (let at = 0; file >= 0 && at < bytes.length;) {
      const rest = bytes.subarray(at);
      const count = this.#calls.write(file, held(rest), lengthOf(rest));
      if (count <= 0) {
        this.close(file);
        return -1;
      }
      at += count;
    }
    return file;
  }

  /** How long an open file is, in bytes; negative if `file` is none. */
  fileSize(file: number): number {
    return Number(this.#calls.lseek(file, 0n, SEEK_END));
  }

  /**
   * How many descriptors the process has: the size of that folder, which
   * Linux 6.2 and later tell. Before, and without `/proc`, it is 0.
   */
  openDescriptors(): number {
    const stat = new Uint8Array(STATX_BYTES);
    const failed = this.#calls.statx?.(
      AT_FDCWD,
      DESCRIPTORS,
      0,
      STATX_SIZE,
      stat,
    );
    if (failed !== 0) return 0;
    return Number(new DataView(stat.buffer).getBigUint64(STATX_SIZE_AT, true));
  }

  /** Closes the sending side. */
  shutDown(fd: number): number {
    return this.#checked(this.#calls.shutdown(fd, SHUT_WR));
  }

  /** Closes. Whatever it says, the descriptor is another's from now on. */
  close(fd: number): void {
    this.#calls.close(fd);
  }

  /** Makes an epoll. */
  epollCreate(): number {
    return this.#checked(this.#calls.epoll_create1(EPOLL_CLOEXEC));
  }

  /** Tells from now on when `fd` changes, with two numbers of its user. */
  epollAdd(
    epoll: number,
    fd: number,
    slot: number,
    generation: number,
  ): number {
    this.#wanted.want(slot, generation);
    return this.#checked(
      this.#calls.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, this.#wanted.bytes),
    );
  }

  /** Tells nothing more of `fd`, whoever else has the same open file. */
  epollRemove(epoll: number, fd: number): void {
    this.#calls.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, this.#wanted.bytes);
  }

  /** How many of `events` there are within `ms`; the thread waits for them. */
  epollNow(epoll: number, events: EventList, ms: number): number {
    return this.#checked(
      this.#calls.epoll_wait(epoll, events.bytes, events.capacity, ms),
    );
  }

  /**
   * Waits up to `ms` on a thread of its own, for which `events` have to be
   * left alone until then. Nothing is known of an error but that it is one.
   */
  epollWait(epoll: number, events: EventList, ms: number): Promise<number> {
    return this.#calls.epoll_wait_aside(
      epoll,
      events.bytes,
      events.capacity,
      ms,
    );
  }

  /** A descriptor that can be rung as a bell. */
  bell(): number {
    return this.#checked(this.#calls.eventfd(0, EFD_FLAGS));
  }

  /** Rings it. */
  ring(bell: number): void {
    this.#counter.fill(0);
    this.#counter[0] = 1;
    this.#calls.write(bell, this.#counter, 8);
  }

  /** Makes it quiet again. */
  hush(bell: number): void {
    this.#calls.read(bell, this.#counter, 8);
  }

  #checked(result: number): number {
    return result < 0 ? -this.#errno[0]! : result;
  }
}

/** Where memory ends, the system would write on. */
function lengthOf(view: Uint8Array): number {
  const { byteLength } = view;
  if (byteLength === 0 || byteLength > MAX_LENGTH) {
    throw new RangeError(`${byteLength} bytes cannot be passed on`);
  }
  return byteLength;
}

/** As a buffer that calls take; it is only looked at during the call. */
function held(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return view as Uint8Array<ArrayBuffer>;
}

/**
 * Loads some functions of the C library.
 *
 * @throws {Error} when the system is another one, or Deno does not allow it
 */
export function loadLibrary<const S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): Deno.DynamicLibrary<S> {
  const { os, arch } = Deno.build;
  const names = os === "linux" ? LIBRARIES[arch] : undefined;
  if (names === undefined) throw new Error(`there is none on ${os} ${arch}`);
  let failure: unknown;
  for (const name of names) {
    try {
      return Deno.dlopen(name, symbols);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      failure ??= error;
    }
  }
  throw failure;
}
