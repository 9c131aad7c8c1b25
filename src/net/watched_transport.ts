/**
 * Reading on from a transport while nobody waits for its input, so that it is
 * noticed when the client leaves: a plain socket says so to a read only. What
 * comes is kept for the next read, up to a limit; who has sent that much is
 * not watched any more.
 */

import type { FilePart, KeptBytes } from "../http/response.ts";
import { ByteBuffer } from "../bytes/byte_buffer.ts";
import { nextTask } from "../scheduling/pause.ts";
import type { ReadWaiter, Soon, TlsTerms, Transport } from "./transport.ts";

/** What is kept at first and at most, in bytes. */
const KEPT_BYTES = { first: 1024, most: 16 * 1024 } as const;

/** A transport whose client can be watched. */
export class WatchedTransport implements Transport {
  /** The address the client connected to. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** See {@linkcode Transport.isFair}. */
  readonly isFair: boolean;
  /** See {@linkcode Transport.readNow}; there if the socket has it. */
  readonly readNow?: NonNullable<Transport["readNow"]>;
  readonly #transport: Transport;
  readonly #left: (error?: unknown) => void;
  #watching = false;
  /** Whether somebody waits for the read that is under way. */
  #hasReader = false;
  /** Settles when no read is under way. */
  #pending: Promise<void> | undefined;
  #kept: ByteBuffer | undefined;
  #ended = false;
  #error: unknown;

  /**
   * `left` is told when the client has left while it is watched, and with
   * which error, if it was one.
   */
  constructor(transport: Transport, left: (error?: unknown) => void) {
    this.localAddr = transport.localAddr;
    this.remoteAddr = transport.remoteAddr;
    this.#transport = transport;
    this.isFair = transport.isFair === true;
    this.#left = left;
    if (transport.readNow === undefined) return;
    this.readNow = (target, waiter) => this.#readNow(target, waiter);
  }

  /** See {@linkcode Transport}. */
  get tls(): TlsTerms | undefined {
    return this.#transport.tls;
  }

  /** See {@linkcode Transport}. */
  get isPlain(): boolean {
    return this.#transport.isPlain === true;
  }

  /** See {@linkcode Transport.hasInput}. */
  get hasInput(): boolean {
    return this.#hasKept || this.#transport.hasInput === true;
  }

  get #hasKept(): boolean {
    return (this.#kept?.length ?? 0) > 0;
  }

  /** See {@linkcode Transport.hasUnread}. */
  get hasUnread(): boolean | undefined {
    return this.hasInput || this.#transport.hasUnread;
  }

  /** Reads on, until {@linkcode unwatch} or somebody reads. */
  watch(): void {
    if (this.#hasReader) return;
    this.#watching = true;
    this.#pending ??= this.#readOn();
  }

  /** Reads no further; what is on its way is kept. */
  unwatch(): void {
    this.#watching = false;
  }

  /** Gives what was kept, and then what comes. */
  read(target: Uint8Array): Soon<number | null> {
    // Whoever reads is told by that when the client leaves.
    this.#watching = false;
    if (this.#pending === undefined) return this.#take(target);
    this.#hasReader = true;
    return this.#pending.then(() => {
      this.#hasReader = false;
      return this.#take(target);
    });
  }

  #readNow(
    target: Uint8Array,
    waiter: ReadWaiter,
  ): Soon<number | null> | undefined {
    if (this.#pending !== undefined || this.#ended || this.#hasKept) {
      return this.read(target);
    }
    this.#watching = false;
    this.#forget();
    return this.#transport.readNow!(target, waiter);
  }

  /** See {@linkcode Transport.write}. */
  write(bytes: Uint8Array, more?: boolean, kept?: KeptBytes): Soon<number> {
    return this.#transport.write(bytes, more, kept);
  }

  /** Whether files can be sent without reading them. */
  get sendsFiles(): boolean {
    return this.#transport.sendsFiles === true;
  }

  /** See {@linkcode Transport.sendFile}. */
  sendFile(part: FilePart): Soon<number> {
    return this.#transport.sendFile!(part);
  }

  /** See {@linkcode Transport.flush}. */
  flush(): Promise<void> | undefined {
    return this.#transport.flush?.();
  }

  /** Says that nothing more will be written. */
  closeWrite(): Promise<void> {
    return this.#transport.closeWrite();
  }

  /** Closes. */
  close(): void {
    this.#transport.close();
  }

  /** Closes so that the client knows it has got everything. */
  finish(): void {
    if (this.#transport.finish === undefined) this.#transport.close();
    else this.#transport.finish();
  }

  /** Whether small writes are sent at once. */
  setNoDelay(on: boolean): void {
    this.#transport.setNoDelay?.(on);
  }

  /** Gives back what was kept; nobody reads any more. */
  release(): void {
    if (this.#pending === undefined) this.#forget();
    else this.#pending.then(() => this.#forget());
  }

  async #readOn(): Promise<void> {
    const kept = this.#kept ??= new ByteBuffer(
      KEPT_BYTES.first,
      KEPT_BYTES.most,
    );
    try {
      while (this.#watching && kept.length < KEPT_BYTES.most) {
        const count = await this.#transport.read(kept.writable());
        this.#ended = count === null;
        if (count === null) break;
        kept.commit(count);
        if (count === 0) await nextTask();
      }
    } catch (error) {
      this.#ended = true;
      this.#error = error;
    }
    this.#pending = undefined;
    if (this.#ended && this.#watching) this.#left(this.#error);
  }

  #take(target: Uint8Array): Soon<number | null> {
    const kept = this.#kept;
    if (kept !== undefined && kept.length > 0) {
      const { bytes, start } = kept;
      const count = Math.min(kept.length, target.length);
      target.set(bytes.subarray(start, start + count));
      kept.consume(count);
      return count;
    }
    this.#forget();
    if (!this.#ended) return this.#transport.read(target);
    if (this.#error === undefined) return null;
    throw this.#error;
  }

  #forget(): void {
    this.#kept?.dispose();
    this.#kept = undefined;
  }
}
