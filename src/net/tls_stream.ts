/**
 * A connection with TLS on it by the runtime's `node:tls`, which speaks TLS on
 * any stream: here on one that reads and writes the accepted connection. Its
 * interface is that of a `Deno.Conn`, so the engine sees no difference.
 */

import { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { Socket } from "./socket.ts";
import { type KeyPair, TLS_PROTOCOLS, type TlsChoice } from "./tls_choice.ts";

/** How much is read at a time: a record of 16 KiB and what is around it. */
const READ_BYTES = 17 * 1024;

/** How long a farewell (`close_notify`) may take, in ms. */
const FAREWELL_MS = 1000;

/** Contexts are costly to make, and as constant as their certificates. */
const contexts = new WeakMap<KeyPair, SecureContext>();

function contextOf(pair: KeyPair): SecureContext {
  let context = contexts.get(pair);
  if (context === undefined) {
    const { cert, key } = pair;
    contexts.set(pair, context = createSecureContext({ cert, key }));
  }
  return context;
}

type NodeCallback = (error?: Error | null) => void;

/** The accepted connection as a stream. */
function streamOf(socket: Deno.TcpConn): Duplex {
  const buffer = new Uint8Array(READ_BYTES);
  async function writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await socket.write(rest));
    }
  }
  const stream: Duplex = new Duplex({
    read() {
      socket.read(buffer).then(
        (count) => stream.push(count === null ? null : buffer.slice(0, count)),
        (error) => stream.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding: unknown, done: NodeCallback) {
      writeAll(chunk).then(() => done(), done);
    },
    final(done: NodeCallback) {
      socket.closeWrite().then(() => done(), done);
    },
    destroy(error: Error | null, done: NodeCallback) {
      try {
        socket.close();
      } catch {
        // Its peer went away, and the runtime has closed it.
      }
      done(error);
    },
  });
  return stream;
}

/** See the top of the file. */
export class TlsStream implements Socket {
  /** The address the client connected to. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  readonly #socket: Deno.TcpConn;
  readonly #tls: TLSSocket;
  #rest: Uint8Array | undefined;
  #ended = false;
  #closed = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** Takes an accepted connection over. */
  constructor(socket: Deno.TcpConn, choice: TlsChoice) {
    this.#socket = socket;
    this.localAddr = socket.localAddr;
    this.remoteAddr = socket.remoteAddr;
    const stream = streamOf(socket);
    stream.on("error", (error: unknown) => this.#failed(error));
    const nameless = choice.choose("");
    this.#tls = new TLSSocket(stream, {
      isServer: true,
      ALPNProtocols: [...TLS_PROTOCOLS],
      ...(nameless === undefined ? {} : { secureContext: contextOf(nameless) }),
      SNICallback(name, done) {
        const pair = choice.choose(name);
        if (pair === undefined) done(new Error("no certificate for this name"));
        else done(null, contextOf(pair));
      },
    });
    this.#tls.on("error", (error: unknown) => this.#failed(error));
    this.#tls.on("readable", () => this.#wake?.());
    this.#tls.on("end", () => this.#hasEnded());
    this.#tls.on("close", () => this.#hasEnded());
  }

  /** Reads decrypted bytes; `null` at the end. One read at a time. */
  async read(target: Uint8Array): Promise<number | null> {
    for (;;) {
      const chunk = this.#rest ?? this.#tls.read() as Uint8Array | null;
      if (chunk !== null) return this.#take(chunk, target);
      if (this.#closed) throw new Deno.errors.BadResource("closed");
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  #take(chunk: Uint8Array, target: Uint8Array): number {
    const count = Math.min(chunk.length, target.length);
    target.set(chunk.subarray(0, count));
    this.#rest = count < chunk.length ? chunk.subarray(count) : undefined;
    return count;
  }

  /** Writes all of `bytes`, which may be used again when it is done. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#tls.write(bytes, (error?: Error | null) => {
        if (error === undefined || error === null) resolve(bytes.length);
        else reject(this.#error ?? new Deno.errors.BrokenPipe(error.message));
      });
    });
  }

  /** Says that nothing more comes, when everything is written. */
  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#tls.destroyed) return reject(new Deno.errors.BrokenPipe());
      this.#tls.once("close", resolve);
      this.#tls.end(() => resolve());
    });
  }

  /** Closes with a farewell, by which the client knows that this is all. */
  finish(): void {
    this.#isClosed();
    const timer = setTimeout(() => this.#tls.destroy(), FAREWELL_MS);
    this.#tls.end(() => {
      clearTimeout(timer);
      this.#tls.destroy();
    });
  }

  /** Closes; the client cannot know whether this is all. */
  close(): void {
    this.#isClosed();
    this.#tls.destroy();
  }

  /** See `Deno.TcpConn`. */
  setNoDelay(noDelay?: boolean): void {
    this.#socket.setNoDelay(noDelay);
  }

  #isClosed(): void {
    this.#closed = true;
    this.#wake?.();
  }

  #hasEnded(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** What the network says is passed on; the rest is said of TLS. */
  #failed(error: unknown): void {
    const name = error instanceof Error ? error.constructor.name : "";
    const isOfNetwork = name in Deno.errors;
    this.#error ??= isOfNetwork
      ? error
      : new Deno.errors.InvalidData(String(error));
    this.#tls?.destroy();
    this.#wake?.();
  }
}
