/** What a connection is read from and written to. */

import type { FilePart, KeptBytes } from "../http/response.ts";
import type { KeyPair } from "./tls/tls_choice.ts";

/** A value that is there, or will be. Only what has to wait is a promise. */
export type Soon<T> = T | Promise<T>;

/** What client and server have agreed on in a TLS handshake. */
export interface TlsTerms {
  /** The version, as `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite, by OpenSSL's name. */
  readonly cipher: string;
  /** The name that was asked for (SNI), empty if none was. */
  readonly serverName: string;
  /** The protocol (ALPN), empty if none was offered. */
  readonly application: string;
  /** Whether a session was resumed. */
  readonly reused: boolean;
  /** The certificate it was answered with, and what was asked for. */
  readonly pair?: KeyPair | undefined;
  /** The cipher suites of the client, two bytes each, as it prefers them. */
  readonly suites?: Uint8Array | undefined;
  /** Its groups for the key exchange, likewise. */
  readonly groups?: Uint8Array | undefined;
  /**
   * The certificates that the client has shown, in DER, its own first; empty
   * without one. It has the key of the first one; nothing else was checked.
   */
  readonly clientChain?: readonly Uint8Array[] | undefined;
}

/**
 * What {@linkcode Transport.sendFile} answers of a file that has to be read:
 * some file systems have no other way.
 */
export const NOT_BY_DESCRIPTOR = -1;

/** Whoever waits for input without a promise. */
export interface ReadWaiter {
  /**
   * A read brings something now, if only the end; called once. `now` is the
   * time, in ms of `performance.now()`, if whoever tells has asked for it.
   */
  readable(now?: number): void;
}

/**
 * One accepted connection of some kind of socket. `Deno.TcpConn` is one as it
 * is; TLS is another. A call that can be answered without waiting may return
 * its value instead of a promise.
 */
export interface Transport {
  /**
   * Whether it sees to it by itself that others have their turn; else whoever
   * reads and writes a lot has to.
   */
  readonly isFair?: boolean;
  /** The address the client connected to. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /**
   * Reads what is there into `target`, at least one byte if that needs no
   * waiting for nothing; `null` at the end of the stream. 0 is not the end.
   *
   * @throws {Deno.errors.ConnectionReset} and the like when the client is gone
   */
  read(target: Uint8Array): Soon<number | null>;
  /** Whether a read brings something that has been read from the socket. */
  readonly hasInput?: boolean;
  /**
   * Whoever reads, where that makes a difference: what may be the client's
   * farewell is taken for one while its reader is idle.
   */
  reader?: { readonly idle: boolean } | undefined;
  /** Whether something has come that was not read, where that is known. */
  readonly hasUnread?: boolean | undefined;
  /**
   * Reads as {@linkcode Transport.read} does, if there is something; else
   * `undefined`, and `waiter` is told when there is, or when it was closed.
   */
  readNow?(
    target: Uint8Array,
    waiter: ReadWaiter,
  ): Soon<number | null> | undefined;
  /**
   * Writes some of `bytes`, which may be used again when it is done. With
   * `more` they may wait for what is written next. What is said to be `kept`
   * is there for who has a copy of that body in a better place.
   *
   * @returns how many were taken, perhaps 0
   * @throws {Deno.errors.BrokenPipe} and the like when the client is gone
   */
  write(bytes: Uint8Array, more?: boolean, kept?: KeptBytes): Soon<number>;
  /**
   * Where a write may be done before the socket has taken all of it: waits
   * until it has, if it has not.
   *
   * @throws as {@linkcode Transport.write}
   */
  flush?(): Promise<void> | undefined;
  /** Whether it can {@linkcode Transport.sendFile}. */
  readonly sendsFiles?: boolean;
  /**
   * Sends some of a file.
   *
   * @returns how many bytes, 0 when the file ends before that, or
   * {@linkcode NOT_BY_DESCRIPTOR}
   * @throws as {@linkcode Transport.write} does
   */
  sendFile?(part: FilePart): Soon<number>;
  /** Says that nothing more will be written, when all of it has been. */
  closeWrite(): Promise<void>;
  /** Closes; what is pending rejects. */
  close(): void;
  /** Closes so that the client knows it has got everything (TLS). */
  finish?(): void;
  /**
   * Whether a client that was to speak TLS speaks HTTP without it, once it is
   * known. What it has said is read as ever, and it is written to in the clear.
   */
  readonly isPlain?: boolean;
  /** The terms of TLS, once they are known; nothing without TLS. */
  readonly tls?: TlsTerms | undefined;
  /** Whether small writes are sent at once (`TCP_NODELAY`). */
  setNoDelay?(on: boolean): void;
}
