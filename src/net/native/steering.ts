/**
 * Which of the sockets that share an address (`SO_REUSEPORT`) are given new
 * clients. The system chooses any of them, and resets whoever waits at one that
 * is closed. So before the sockets of one process are closed because those of
 * another take their place, new clients are sent to the others, by a filter of
 * four instructions (`SO_ATTACH_REUSEPORT_CBPF`) that all who share the address
 * have in common.
 *
 * Sockets are numbered in the order in which they began to listen. When one is
 * closed the last one has its number, and a number that there is not lets the
 * system choose. So if there are as many new ones as old ones, or more, those
 * from the number of the old ones on, as many as are named here, are new ones
 * until the last old one is closed. With fewer, the system would choose while
 * some old ones are there.
 */

import { loadLibrary } from "./c_library.ts";
import { GETSOCKOPT, isListening, SOL_SOCKET } from "./listening.ts";

const SYMBOLS = {
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  getsockopt: GETSOCKOPT,
} as const satisfies Deno.ForeignLibraryInterface;

/** Numbers of Linux, alike on x86-64 and aarch64. */
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;

/** Instructions of a filter. */
const LOAD_WORD = 0x20;
const MODULO = 0x94;
const ADD = 0x04;
const RETURN_IT = 0x16;

/** Where a filter finds a random number. */
const RANDOM = 0xffff_f038;

/** Bytes of a `struct sock_filter`. */
const INSTRUCTION_BYTES = 8;

/**
 * Up to which descriptor sockets are looked for: those that are listened on
 * are opened at the start, when there are few others.
 */
const MOST_DESCRIPTORS = 8192;

/** The filter for the sockets that this process listens on. */
export class Steering {
  readonly #library = loadLibrary(SYMBOLS);
  /** The instructions, and where they are: told once, while that is allowed. */
  readonly #filter = new Uint8Array(4 * INSTRUCTION_BYTES);
  readonly #program = programAt(this.#filter);
  #sockets: readonly number[] = [];

  /**
   * Sends clients as {@linkcode send} does.
   *
   * @throws {Error} when the C library cannot be loaded
   */
  constructor(first: number, count: number) {
    this.send(first, count);
  }

  /**
   * Of all that share an address with this process, `count` from the number
   * `first` on are given new clients from now on, in no order.
   */
  send(first: number, count: number): void {
    this.#sockets = this.#listening();
    const filter = new DataView(this.#filter.buffer);
    [[LOAD_WORD, RANDOM], [MODULO, count], [ADD, first], [RETURN_IT, 0]]
      .forEach(([code, value], index) => {
        const at = index * INSTRUCTION_BYTES;
        filter.setUint16(at, code!, true);
        filter.setUint32(at + 4, value!, true);
      });
    this.#tell(SO_ATTACH_REUSEPORT_CBPF, this.#program);
  }

  /** How many sockets it is for; those of Unix sockets are among them. */
  get sockets(): number {
    return this.#sockets.length;
  }

  /** The system chooses again. The library is not needed any more. */
  end(): void {
    this.#tell(SO_DETACH_REUSEPORT_BPF, new Uint8Array(4));
    this.#library.close();
  }

  /** What does not share its address with others takes no filter. */
  #tell(option: number, value: Uint8Array<ArrayBuffer>): void {
    const { setsockopt } = this.#library.symbols;
    for (const fd of this.#sockets) {
      setsockopt(fd, SOL_SOCKET, option, value, value.length);
    }
  }

  /** What this process listens on, whichever thread does. */
  #listening(): number[] {
    const { getsockopt } = this.#library.symbols;
    const found: number[] = [];
    for (let fd = 0; fd < MOST_DESCRIPTORS; fd++) {
      if (isListening(getsockopt, fd)) found.push(fd);
    }
    return found;
  }
}

/** A `struct sock_fprog`: how many instructions there are, and where. */
function programAt(filter: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const program = new DataView(new ArrayBuffer(16));
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(filter));
  program.setUint16(0, filter.length / INSTRUCTION_BYTES, true);
  program.setBigUint64(8, BigInt(address), true);
  return new Uint8Array(program.buffer);
}
