/**
 * A transport that begins with what a proxy says of its client (the PROXY
 * protocol, nginx's `listen ... proxy_protocol`). It stands right above the
 * socket, below TLS. The header is read by the first read, under whatever
 * deadline that has.
 */

import {
  brokenHeader,
  MAX_PROXY_HEADER_BYTES,
  type ProxyHeader,
  readProxyHeader,
} from "../http/addresses/proxy_protocol.ts";
import type { FilePart, KeptBytes } from "../http/response.ts";
import type { ReadWaiter, Soon, Transport } from "./transport.ts";

/** What came first was no header; `message` as nginx logs it. */
export class ProxyHeaderError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "ProxyHeaderError";
}

/** What a proxy has said, as soon as it has. */
export interface ProxySource {
  /** `undefined` until it has come. */
  readonly header: ProxyHeader | undefined;
}

/** `transport` behind the header. */
export class ProxiedTransport implements Transport, ProxySource {
  /** The address the proxy connected to. */
  readonly localAddr: Deno.Addr;
  /** The proxy's address. */
  readonly remoteAddr: Deno.Addr;
  /** See {@linkcode Transport.isFair}. */
  readonly isFair: boolean;
  /** See {@linkcode Transport.readNow}; there if the socket has it. */
  readonly readNow?: NonNullable<Transport["readNow"]>;
  /** See {@linkcode ProxySource}. */
  header: ProxyHeader | undefined = undefined;
  readonly #transport: Transport;
  /** What came behind the header and has not been read. */
  #rest: Uint8Array | undefined;

  /** Nothing has been read of `transport` yet. */
  constructor(transport: Transport) {
    this.localAddr = transport.localAddr;
    this.remoteAddr = transport.remoteAddr;
    this.#transport = transport;
    this.isFair = transport.isFair === true;
    if (transport.readNow === undefined) return;
    this.readNow = (target, waiter) => this.#readNow(target, waiter);
  }

  /** See {@linkcode Transport.hasUnread}. */
  get hasUnread(): boolean | undefined {
    return this.#rest !== undefined || this.#transport.hasUnread;
  }

  /**
   * Reads what comes behind the header.
   *
   * @throws {ProxyHeaderError} when there is none
   */
  read(target: Uint8Array): Soon<number | null> {
    if (this.header === undefined) return this.#readFirst(target);
    return this.#rest === undefined
      ? this.#transport.read(target)
      : this.#take(this.#rest, target);
  }

  #readNow(
    target: Uint8Array,
    waiter: ReadWaiter,
  ): Soon<number | null> | undefined {
    const isBehind = this.header !== undefined && this.#rest === undefined;
    return isBehind
      ? this.#transport.readNow!(target, waiter)
      : this.read(target);
  }

  async #readFirst(target: Uint8Array): Promise<number | null> {
    const buffer = new Uint8Array(MAX_PROXY_HEADER_BYTES);
    let length = 0;
    for (;;) {
      const count = await this.#transport.read(buffer.subarray(length));
      if (count === null && length === 0) return null;
      length += count ?? 0;
      const came = buffer.subarray(0, length);
      const result = count === null
        ? brokenHeader(came)
        : readProxyHeader(came);
      switch (result.kind) {
        case "broken":
          throw new ProxyHeaderError(result.reason);
        case "complete": {
          this.header = result.header;
          const rest = came.subarray(result.length);
          return rest.length > 0
            ? this.#take(rest, target)
            : await this.#transport.read(target);
        }
      }
    }
  }

  #take(rest: Uint8Array, target: Uint8Array): number {
    const count = Math.min(rest.length, target.length);
    target.set(rest.subarray(0, count));
    this.#rest = count < rest.length ? rest.subarray(count) : undefined;
    return count;
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
