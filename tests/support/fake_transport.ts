/**
 * A transport that does what a script says: the reads and writes that a real one
 * only shows under load, from clients far away, or when things break.
 */

import type { ConnectionAddresses } from "../../src/net/connection_options.ts";
import type { Transport } from "../../src/net/transport.ts";
import { bytesOf, concat, textOf } from "./latin1.ts";

/** What one read of the script gives. */
export type ReadStep =
  /** These bytes; a string is one character per byte. */
  | string
  | Uint8Array
  /** No bytes, which is not the end of the stream. */
  | 0
  /** The end of the stream. */
  | null
  /** The read fails. */
  | Error;

/** What one write of the script does. */
export type WriteStep =
  /** Takes this many bytes at most. */
  | number
  /** Waits until the socket is closed or {@linkcode FakeTransport.drain}. */
  | "stall"
  /** The write fails. */
  | Error;

/** What a {@linkcode FakeTransport} does. */
export interface FakeTransportScript {
  /** The reads, in order. After the last one a read waits. */
  readonly reads?: readonly ReadStep[];
  /** The writes, in order. After the last one a write takes everything. */
  readonly writes?: readonly WriteStep[];
  /** The client's address. */
  readonly remote?: { readonly hostname: string; readonly port: number };
  /** The address the client connected to. */
  readonly local?: { readonly hostname: string; readonly port: number };
}

/** A transport that follows a script. */
export class FakeTransport implements Transport {
  readonly remoteAddr: Deno.NetAddr;
  readonly localAddr: Deno.NetAddr;
  /** How often each thing was asked for. */
  readonly calls = { read: 0, write: 0, close: 0, closeWrite: 0 };
  /** The size of the buffer of each read, in bytes. */
  readonly readSizes: number[] = [];
  readonly #reads: ReadStep[];
  readonly #writes: WriteStep[];
  readonly #written: Uint8Array[] = [];
  #closed = false;
  #writeClosed = false;
  #wakeRead: PromiseWithResolvers<void> | undefined;
  #wakeWrite: PromiseWithResolvers<void> | undefined;

  constructor(script: FakeTransportScript = {}) {
    this.#reads = [...script.reads ?? []];
    this.#writes = [...script.writes ?? []];
    const remote = script.remote ?? { hostname: "192.0.2.7", port: 50_000 };
    const local = script.local ?? { hostname: "192.0.2.1", port: 8080 };
    this.remoteAddr = { transport: "tcp", ...remote };
    this.localAddr = { transport: "tcp", ...local };
  }

  /** Both its ends. */
  get addresses(): ConnectionAddresses {
    const { remoteAddr, localAddr } = this;
    return {
      remoteAddress: remoteAddr.hostname,
      remotePort: remoteAddr.port,
      localAddress: localAddr.hostname,
      localPort: localAddr.port,
    };
  }

  /** Everything that was written, one character per byte. */
  get written(): string {
    return textOf(concat(this.#written));
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether its sending side was closed. */
  get writeClosed(): boolean {
    return this.#writeClosed;
  }

  /** Adds reads to the script; a waiting read goes on. */
  push(...steps: ReadStep[]): void {
    this.#reads.push(...steps);
    this.#wakeRead?.resolve();
  }

  /** Lets a stalled write take everything. */
  drain(): void {
    this.#wakeWrite?.resolve();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    this.calls.read++;
    this.readSizes.push(buffer.length);
    if (buffer.length === 0) throw new Error("read into an empty buffer");
    while (this.#reads.length === 0 && !this.#closed) {
      this.#wakeRead = Promise.withResolvers();
      await this.#wakeRead.promise;
    }
    await Promise.resolve();
    if (this.#closed) throw new Deno.errors.Interrupted("closed");
    const step = this.#reads.shift()!;
    if (step === null || step === 0) return step;
    if (step instanceof Error) throw step;
    const bytes = typeof step === "string" ? bytesOf(step) : step;
    const count = Math.min(bytes.length, buffer.length);
    buffer.set(bytes.subarray(0, count));
    if (count < bytes.length) this.#reads.unshift(bytes.subarray(count));
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.calls.write++;
    if (this.#closed) throw new Deno.errors.BadResource("closed");
    const step = this.#writes.shift() ?? bytes.length;
    await Promise.resolve();
    if (step instanceof Error) throw step;
    let count = bytes.length;
    if (step === "stall") {
      this.#wakeWrite = Promise.withResolvers();
      await this.#wakeWrite.promise;
      if (this.#closed) throw new Deno.errors.Interrupted("closed");
    } else {
      count = Math.min(step, bytes.length);
    }
    // The bytes count as they are when they are taken, not when it was asked.
    this.#written.push(bytes.slice(0, count));
    return count;
  }

  closeWrite(): Promise<void> {
    this.calls.closeWrite++;
    this.#writeClosed = true;
    return Promise.resolve();
  }

  close(): void {
    this.calls.close++;
    if (this.#closed) throw new Deno.errors.BadResource("closed twice");
    this.#closed = true;
    this.#wakeRead?.resolve();
    this.#wakeWrite?.resolve();
  }
}
