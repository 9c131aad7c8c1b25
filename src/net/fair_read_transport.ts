/**
 * A transport that is read from in fair turns. It stands below what reads by
 * itself and ahead of its user, as TLS does: a turn that the user waited for
 * would come too late.
 */

import type { FairReads } from "../scheduling/fair_reads.ts";
import type { Soon, Transport } from "./transport.ts";

/** `transport`, read from when `fairReads` says so. */
export class FairReadTransport implements Transport {
  /** The address the client connected to. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  readonly #transport: Transport;
  readonly #fairReads: FairReads;

  constructor(transport: Transport, fairReads: FairReads) {
    this.localAddr = transport.localAddr;
    this.remoteAddr = transport.remoteAddr;
    this.#transport = transport;
    this.#fairReads = fairReads;
  }

  /** Waits for a turn and reads. */
  async read(target: Uint8Array): Promise<number | null> {
    if (this.#fairReads.crowded) await this.#fairReads.wait();
    const count = await this.#transport.read(target);
    if (this.#fairReads.counts) this.#fairReads.received();
    return count;
  }

  /** Writes some of `bytes`. */
  write(bytes: Uint8Array): Soon<number> {
    return this.#transport.write(bytes);
  }

  /** Says that nothing more will be written. */
  closeWrite(): Promise<void> {
    return this.#transport.closeWrite();
  }

  /** Closes. */
  close(): void {
    this.#transport.close();
  }

  /** Whether small writes are sent at once. */
  setNoDelay(on: boolean): void {
    this.#transport.setNoDelay?.(on);
  }
}
