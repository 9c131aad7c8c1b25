/**
 * A connection with TLS on it by the runtime's `node:tls`, which speaks TLS on
 * any stream: here on one that reads and writes the accepted connection. Its
 * interface is that of a `Deno.Conn`, so the engine sees no difference.
 */

import { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
import {
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  TLSSocket,
} from "node:tls";
import { SendBudget } from "../../scheduling/send_budget.ts";
import type { TlsTerms, Transport } from "../transport.ts";
import type { ClientHello } from "./client_hello.ts";
import { guardAgainstStrayErrors } from "./tls_guard.ts";
import { readHello } from "./tls_hello.ts";
import {
  engineFailure,
  judgeHello,
  PlainHttp,
  refuse,
  rejected,
  TlsRefusal,
} from "./tls_refusal.ts";
import { type KeyPair, TLS_PROTOCOLS, type TlsChoice } from "./tls_choice.ts";

/** How much is read at a time: a record of 16 KiB and what is around it. */
const READ_BYTES = 17 * 1024;

/** How much is written at a time: what is encrypted takes as much again. */
const WRITE_BYTES = 64 * 1024;

/** Writes from this size on, in bytes, are part of a large body. */
const LARGE_WRITE_BYTES = 32 * 1024;

/**
 * How much large bodies encrypt before the runtime looks at its sockets, in
 * bytes. Encrypting is so slow that the socket of a near client is never full
 * and the event loop never idle: a small request waited 500 ms for one large
 * body, and waits some 20 ms with this (measured).
 */
const BYTES_PER_PAUSE = 1024 * 1024;

/** Makes large bodies take turns. */
const TURNS = new SendBudget({
  freeBodies: -1,
  bytesPerPause: BYTES_PER_PAUSE,
  pause: (action) => void setTimeout(action, 0),
});

/** How long a farewell (`close_notify`) may take, in ms. */
const FAREWELL_MS = 1000;

/** How many certificates of a client are looked at. */
const MAX_CHAIN = 16;

/** Contexts are costly to make, and as constant as their certificates. */
const contexts = new WeakMap<KeyPair, SecureContext>();

function secureContextOf(pair: KeyPair): SecureContext {
  let context = contexts.get(pair);
  if (context === undefined) {
    const { cert, key, clients } = pair;
    const ca = clients === undefined ? {} : { ca: [...clients.authorities] };
    contexts.set(pair, context = createSecureContext({ cert, key, ...ca }));
  }
  return context;
}

/** A read that is a promise in any case. */
async function readOnce(
  socket: Transport,
  target: Uint8Array,
): Promise<number | null> {
  return await socket.read(target);
}

/** What the client has shown, in DER; the runtime links each to the next. */
function clientChain(tls: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let next: DetailedPeerCertificate | undefined = tls.getPeerCertificate(true);
  while (next?.raw !== undefined && chain.length < MAX_CHAIN) {
    chain.push(new Uint8Array(next.raw));
    if (next.issuerCertificate === next) break;
    next = next.issuerCertificate;
  }
  return chain;
}

/** What a handshake has come to; `undefined` while there is none. */
function termsOf(
  tls: TLSSocket | undefined,
  hello: ClientHello | undefined,
  pair: KeyPair | undefined,
): TlsTerms | undefined {
  const protocol = tls?.getProtocol();
  if (!tls || !protocol) return undefined;
  return {
    protocol,
    cipher: tls.getCipher().name,
    // Not among the types; false and null where there is none.
    serverName: (tls as { servername?: string }).servername || "",
    application: tls.alpnProtocol || "",
    reused: tls.isSessionReused(),
    pair,
    suites: hello?.suites.slice(),
    groups: hello?.groups.slice(),
    ...pair?.clients === undefined ? {} : { clientChain: clientChain(tls) },
  };
}

type NodeCallback = (error?: Error | null) => void;

/** What a stream tells of itself. */
interface StreamEvents {
  /** The engine has something to say to the client. */
  written(): void;
  /** The engine needs the connection no more. */
  released(): void;
}

/** The accepted connection as a stream, from `hello` on. */
function streamOf(
  socket: Transport,
  hello: Uint8Array<ArrayBuffer>,
  events: StreamEvents,
): Duplex {
  const buffer = new Uint8Array(READ_BYTES);
  let first: Uint8Array | undefined = hello;
  async function writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await socket.write(rest));
    }
  }
  const stream: Duplex = new Duplex({
    read() {
      if (first !== undefined) {
        const bytes = first;
        first = undefined;
        // Not at once: a handshake that fails while its engine is still being
        // set up throws where nobody can catch it.
        return setImmediate(() => stream.push(bytes));
      }
      readOnce(socket, buffer).then(
        (count) => stream.push(count === null ? null : buffer.slice(0, count)),
        (error) => stream.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding: unknown, done: NodeCallback) {
      events.written();
      writeAll(chunk).then(() => done(), done);
    },
    final(done: NodeCallback) {
      socket.closeWrite().then(() => done(), done);
    },
    destroy(error: Error | null, done: NodeCallback) {
      events.released();
      done(error);
    },
  });
  return stream;
}

/** A transport with TLS on another transport. */
export class TlsStream implements Transport {
  /** The address the client connected to. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** See {@linkcode Transport}. */
  isPlain = false;
  readonly #socket: Transport;
  readonly #choice: TlsChoice;
  #opening: Promise<void> | undefined;
  #tls: TLSSocket | undefined;
  #terms: TlsTerms | undefined;
  #hello: ClientHello | undefined;
  #pair: KeyPair | undefined;
  #rest: Uint8Array | undefined;
  #ended = false;
  #closed = false;
  /** Whether the client has been told anything. */
  #answered = false;
  /** Settles when a client that is refused has been told why. */
  #refusing: Promise<void> | undefined;
  #releaseTimer: ReturnType<typeof setTimeout> | undefined;
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(socket: Transport, choice: TlsChoice) {
    this.#socket = socket;
    this.#choice = choice;
    this.localAddr = socket.localAddr;
    this.remoteAddr = socket.remoteAddr;
    // The first answer must not wait until the end of the handshake is
    // acknowledged (40 ms).
    this.setNoDelay(true);
  }

  async #open(): Promise<void> {
    let hello: Uint8Array<ArrayBuffer> | undefined;
    try {
      hello = await readHello(this.#socket);
    } catch (error) {
      if (error instanceof PlainHttp) {
        this.#rest = error.bytes;
        this.isPlain = true;
        return;
      }
      if (error instanceof TlsRefusal) await this.#refuse(error);
      throw error;
    }
    if (this.#closed) return;
    if (hello === undefined) {
      this.#ended = true;
      return;
    }
    const verdict = judgeHello(hello, this.#choice);
    const { refusal, pair } = verdict;
    if (refusal !== undefined) {
      await this.#refuse(refusal);
      throw refusal;
    }
    this.#hello = verdict.hello;
    this.#start(hello, pair, verdict.offered);
  }

  /** `pair` is the certificate for the client, if its name is known. */
  #start(
    hello: Uint8Array<ArrayBuffer>,
    pair: KeyPair | undefined,
    offered: string[] = [...TLS_PROTOCOLS],
  ): void {
    guardAgainstStrayErrors();
    const choice = this.#choice;
    const stream = streamOf(this.#socket, hello, {
      written: () => this.#answered = true,
      released: () => this.#released(),
    });
    stream.on("error", (error: unknown) => this.#failed(error));
    const usual = this.#pair = pair ?? choice.choose("");
    const tls = this.#tls = new TLSSocket(stream, {
      isServer: true,
      ALPNProtocols: offered,
      ...(usual === undefined ? {} : { secureContext: secureContextOf(usual) }),
      // Whether it is a good one is for whoever asks for it to say.
      requestCert: usual?.clients !== undefined,
      rejectUnauthorized: false,
      // A name that does not come with the first record is asked for later.
      SNICallback: (name, done) => {
        const chosen = pair ?? choice.choose(name);
        if (chosen === undefined) return done(new Error(rejected().message));
        this.#pair = chosen;
        done(null, secureContextOf(chosen));
      },
    });
    tls.on("error", (error: unknown) => this.#failed(error));
    tls.on("readable", () => this.#wake?.());
    tls.on("end", () => this.#hasEnded());
    tls.on("close", () => this.#hasEnded());
  }

  /** See {@linkcode Transport}: nothing until the handshake is over. */
  get tls(): TlsTerms | undefined {
    return this.#terms ??= termsOf(this.#tls, this.#hello, this.#pair);
  }

  /** Reads decrypted bytes; `null` at the end. One read at a time. */
  async read(target: Uint8Array): Promise<number | null> {
    if (this.#tls === undefined) await (this.#opening ??= this.#open());
    if (this.isPlain && this.#rest === undefined) {
      return await this.#socket.read(target);
    }
    for (;;) {
      const chunk: Uint8Array | null | undefined = this.#rest ??
        this.#tls?.read();
      if (chunk) return this.#take(chunk, target);
      await this.#refusing;
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

  /** Writes some of `bytes`, which may be used again when it is done. */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.isPlain) return await this.#socket.write(bytes);
    const piece = bytes.subarray(0, WRITE_BYTES);
    const turn = piece.length < LARGE_WRITE_BYTES
      ? undefined
      : TURNS.take(piece.length);
    if (turn !== undefined) await turn;
    return await new Promise((resolve, reject) => {
      const tls = this.#tls;
      if (tls === undefined || tls.destroyed) {
        return reject(this.#error ?? new Deno.errors.BrokenPipe());
      }
      tls.write(piece, (error?: Error | null) => {
        if (error === undefined || error === null) resolve(piece.length);
        else reject(this.#error ?? new Deno.errors.BrokenPipe(error.message));
      });
    });
  }

  /** Says that nothing more comes, when everything is written. */
  closeWrite(): Promise<void> {
    const tls = this.#tls;
    if (tls === undefined) return this.#socket.closeWrite();
    return new Promise((resolve, reject) => {
      if (tls.destroyed) return reject(new Deno.errors.BrokenPipe());
      tls.once("close", resolve);
      tls.end(() => resolve());
    });
  }

  /** Closes with a farewell, by which the client knows that this is all. */
  finish(): void {
    const tls = this.#tls;
    if (tls === undefined) return this.close();
    this.#isClosed();
    const timer = setTimeout(() => tls.destroy(), FAREWELL_MS);
    tls.end(() => {
      clearTimeout(timer);
      tls.destroy();
    });
  }

  /** Closes; the client cannot know whether this is all. */
  close(): void {
    this.#isClosed();
    if (this.#tls === undefined) this.#closeSocket();
    else this.#tls.destroy();
  }

  /** See `Deno.TcpConn`. */
  setNoDelay(on = true): void {
    try {
      this.#socket.setNoDelay?.(on);
    } catch {
      // The client has gone: the next read says so.
    }
  }

  #isClosed(): void {
    this.#closed = true;
    this.#wake?.();
  }

  #hasEnded(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Tells the client why it is refused, unless it is told already. */
  #refuse(refusal: TlsRefusal): Promise<void> {
    clearTimeout(this.#releaseTimer);
    return this.#refusing ??= refuse(this.#socket, refusal);
  }

  /**
   * The engine is done with the connection. When it has not said a word to the
   * client it has failed, and its reason is about to come.
   */
  #released(): void {
    if (this.#answered || this.#closed || this.#error !== undefined) {
      this.#closeSocket();
    } else {
      this.#releaseTimer = setTimeout(() => this.#closeSocket(), FAREWELL_MS);
    }
  }

  /** Whoever is refused is closed when the reason has been told. */
  #closeSocket(): void {
    clearTimeout(this.#releaseTimer);
    if (this.#refusing !== undefined) return;
    try {
      this.#socket.close();
    } catch {
      // Its peer went away, and the runtime has closed it.
    }
  }

  /** What the network says is passed on; the rest is said of TLS. */
  #failed(error: unknown): void {
    const name = error instanceof Error ? error.constructor.name : "";
    const isOfNetwork = name in Deno.errors;
    const failure = this.#error ??= isOfNetwork ? error : engineFailure(error);
    if (failure instanceof TlsRefusal && !this.#answered && !this.#closed) {
      this.#refuse(failure);
    } else {
      this.#closeSocket();
    }
    this.#tls?.destroy();
    this.#wake?.();
  }
}
