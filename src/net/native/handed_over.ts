/**
 * Sockets that whoever has started this program listens on for it, as systemd
 * does (`LISTEN_FDS`, sd_listen_fds(3)). They stay open while the program runs:
 * a reload finds them again, and who comes while it is started anew waits.
 */

import { resolve } from "@std/path/resolve";
import { loadLibrary } from "./c_library.ts";
import { GETSOCKOPT, isListening } from "./listening.ts";
import {
  decodeAddress,
  encodeAddress,
  encodePath,
  type SocketAddress,
} from "./socket_address.ts";

/** `fcntl` takes as many as it is told of: three are passed alike. */
const SYMBOLS = {
  getenv: { parameters: ["buffer"], result: "pointer" },
  getsockopt: GETSOCKOPT,
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The first descriptor that is handed over (`SD_LISTEN_FDS_START`). */
const FIRST = 3;

/** How many are looked at: more than any unit has. */
const MOST = 1024;

/** Numbers of Linux, alike on x86-64 and aarch64. */
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 0o4000;

/** Bytes of the longest address (`struct sockaddr_un` and one zero). */
const ADDRESS_BYTES = 128;

/** Where the path of a Unix socket begins, in bytes. */
const PATH_AT = 2;

/** Where a socket is bound. */
export interface Place {
  /** An address of IPv4 or IPv6; not used with a path. */
  readonly hostname: string;
  /** The port; not used with a path. */
  readonly port: number;
  /** The path of a Unix socket, if it is one. */
  readonly path?: string | undefined;
}

/** A socket that was handed over. */
interface HandedOver {
  readonly fd: number;
  /** Its address, as the system has it. */
  readonly encoded: Uint8Array;
}

/** What was found, once. */
let all: readonly HandedOver[] | undefined;

/** The descriptor of the socket that was handed over for `place`, if one was. */
export function handedOverFor(place: Place): number | undefined {
  all ??= find();
  return all.find((socket) => isAt(socket, place))?.fd;
}

/**
 * Whether a socket was handed over, also one that nobody accepts from here.
 * `false` where that cannot be known.
 */
export function hasBeenHandedSocket(): boolean {
  try {
    const library = loadLibrary(SYMBOLS);
    const isHanded = isListening(library.symbols.getsockopt, FIRST);
    library.close();
    return isHanded;
  } catch {
    return false;
  }
}

/** Where sockets are that were handed over and are for none of `places`. */
export function unclaimed(places: readonly Place[]): SocketAddress[] {
  all ??= find();
  return all.filter((socket) => !places.some((place) => isAt(socket, place)))
    .map(addressOf);
}

function addressOf({ encoded }: HandedOver): SocketAddress {
  const address = decodeAddress(encoded);
  if ("hostname" in address) return address;
  const path = new TextDecoder().decode(encoded.subarray(PATH_AT));
  return { ...address, path: path.replace(/\0+$/, "") };
}

function isAt({ encoded }: HandedOver, place: Place): boolean {
  const { hostname, port, path } = place;
  let wanted: Uint8Array;
  try {
    wanted = path === undefined
      ? encodeAddress(hostname, port)
      // A relative path is bound as it is, and handed over in full.
      : encodePath(resolve(path));
  } catch {
    return false;
  }
  // A path may have a zero behind it, or none.
  const length = Math.max(wanted.length, encoded.length);
  for (let i = 0; i < length; i++) {
    if ((wanted[i] ?? 0) !== (encoded[i] ?? 0)) return false;
  }
  return true;
}

/** All of them; none where the C library cannot be loaded. */
function find(): readonly HandedOver[] {
  let library: Deno.DynamicLibrary<typeof SYMBOLS>;
  try {
    library = loadLibrary(SYMBOLS);
  } catch {
    return [];
  }
  try {
    const { symbols } = library;
    // What a program that this one's parent was has been handed is not for it.
    if (variable(symbols, "LISTEN_PID") !== Deno.pid) return [];
    const count = Math.min(variable(symbols, "LISTEN_FDS"), MOST);
    const found: HandedOver[] = [];
    for (let fd = FIRST; fd < FIRST + count; fd++) {
      const encoded = listeningAt(symbols, fd);
      if (encoded === undefined) continue;
      prepare(symbols, fd);
      found.push({ fd, encoded });
    }
    return found;
  } finally {
    library.close();
  }
}

/** A variable of the environment that is a number; 0 if it is none. */
function variable({ getenv }: Symbols, name: string): number {
  const value = getenv(new TextEncoder().encode(`${name}\0`));
  if (value === null) return 0;
  const text = Deno.UnsafePointerView.getCString(value);
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** The address of a socket that is listened on. */
function listeningAt(
  { getsockopt, getsockname }: Symbols,
  fd: number,
): Uint8Array | undefined {
  if (!isListening(getsockopt, fd)) return undefined;
  const address = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint32Array([address.length]);
  const lengthBytes = new Uint8Array(length.buffer);
  if (getsockname(fd, address, lengthBytes) !== 0) return undefined;
  return address.slice(0, Math.min(length[0]!, address.length));
}

/** It must not block a thread, nor be inherited by what this one starts. */
function prepare({ fcntl }: Symbols, fd: number): void {
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
}
