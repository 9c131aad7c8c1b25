/**
 * A connection with TLS on it: the runtime's engine between an accepted
 * connection and whoever reads and writes here. What is read is decrypted
 * where it has been read to, and a small answer is done when what was encrypted
 * is on its way, so that between two requests nothing waits but the read.
 */

import { SendBudget } from "../../scheduling/send_budget.ts";
import { nextTask } from "../../scheduling/pause.ts";
import { eventLoop } from "../native/event_loop.ts";
import type { ReadWaiter, Soon, TlsTerms, Transport } from "../transport.ts";
import type { ClientHello } from "./client_hello.ts";
import {
  isHttp,
  type KeyPair,
  protocolsFor,
  type TlsChoice,
} from "./tls_choice.ts";
import { ProofHandshake } from "./proof_handshake.ts";
import {
  MAX_ENCRYPTED_BYTES,
  MAX_PLAIN_BYTES,
  TlsEngine,
} from "./tls_engine.ts";
import { readHello } from "./tls_hello.ts";
import {
  engineFailure,
  failedProof,
  judgeHello,
  PlainHttp,
  refuse,
  rejected,
  TlsRefusal,
  unprovable,
} from "./tls_refusal.ts";

/** How much is read at a time in a handshake, in bytes. */
const HANDSHAKE_BYTES = 4096;

/** The least that is read at a time, in bytes: small records are whole then. */
const LEAST_READ_BYTES = 128;

/**
 * What is read at a time, in bytes, when a record has turned out to be larger
 * than its reader has room: as many as a full one has, with what TLS 1.2 may
 * add (RFC 5246 §6.2.3). A reader that is left with a few bytes of room asked
 * the socket 128 times for one record, and each of them waits until all others
 * had theirs: on a busy server an upload took longer than its deadline.
 */
const RECORD_BYTES = 5 + 16 * 1024 + 2048;

/**
 * How many reads may bring parts of records only until others come first. A
 * full record comes in a dozen segments.
 */
const FRUITLESS_READS = 32;

/**
 * A write of up to so many bytes, the first one since something was read, is
 * done at once: the client waits for it, and its socket takes that much.
 */
const SMALL_WRITE_BYTES = 16 * 1024;

/** Writes from this size on, in bytes, are part of a large body. */
const LARGE_WRITE_BYTES = 32 * 1024;

/**
 * How much large bodies encrypt before the runtime looks at its sockets, in
 * bytes. Encrypting is so slow that the socket of a near client is never full
 * and the event loop never idle: a small request waited 500 ms for one large
 * body, and waits for some milliseconds with this (measured).
 */
const BYTES_PER_PAUSE = 512 * 1024;

/** Makes large bodies take turns on sockets of the runtime. */
const TURNS = new SendBudget({
  freeBodies: -1,
  bytesPerPause: BYTES_PER_PAUSE,
});

/** Makes them take turns on sockets of the system, in the rounds of its loop. */
const NATIVE_TURNS = new SendBudget({
  freeBodies: -1,
  bytesPerPause: BYTES_PER_PAUSE,
  pause: (action) => eventLoop()!.again({ ready: action }),
});

/** How long a farewell (`close_notify`) may take, in ms. */
const FAREWELL_MS = 1000;

/**
 * How long the client may say nothing after a record that was its farewell or
 * empty, in ms, before it was its farewell, where a request is under way. No
 * client sends anything behind that, and most close their connection at once;
 * some wait for the server's.
 */
const SILENCE_MS = 1000;

function termsOf(
  engine: TlsEngine,
  pair: KeyPair,
  hello: ClientHello | undefined,
): TlsTerms {
  return {
    ...engine.terms,
    serverName: hello?.name ?? "",
    pair,
    // The hello lies in a buffer that is much larger.
    suites: hello?.suites.slice(),
    groups: hello?.groups.slice(),
    ...pair.clients === undefined ? {} : { clientChain: engine.clientChain },
  };
}

async function writeAll(
  socket: Transport,
  bytes: Uint8Array | undefined,
): Promise<void> {
  for (let rest = bytes; rest !== undefined && rest.length > 0;) {
    rest = rest.subarray(await socket.write(rest));
  }
}

/** A transport with TLS on another transport. */
export class TlsTransport implements Transport {
  /** The address the client connected to. */
  readonly localAddr: Deno.Addr;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** See {@linkcode Transport.isFair}. */
  readonly isFair: boolean;
  /** See {@linkcode Transport}. */
  isPlain = false;
  /** See {@linkcode Transport.reader}. */
  reader: { readonly idle: boolean } | undefined = undefined;
  readonly #socket: Transport;
  readonly #choice: TlsChoice;
  #engine: TlsEngine | undefined;
  #terms: TlsTerms | undefined;
  #isOpen = false;
  /** Where a read that is under way puts what it brings, and what was read. */
  #target: Uint8Array | undefined;
  #encrypted: Uint8Array | undefined;
  /** What was read and nobody has taken yet. */
  #rest: Uint8Array | undefined;
  #fruitless = 0;
  /** Room for a large record that has come in part. */
  #room: Uint8Array | undefined;
  /** Whether nothing was written since something was read. */
  #isAsked = false;
  /** What is being written, and when it is. It never rejects. */
  #unsent: Uint8Array | undefined;
  #sending: Promise<void> | undefined;
  /** Whether the engine has more to say by then. */
  #hasMore = false;
  #error: unknown;
  #closed = false;

  constructor(socket: Transport, choice: TlsChoice) {
    this.#socket = socket;
    this.#choice = choice;
    this.localAddr = socket.localAddr;
    this.remoteAddr = socket.remoteAddr;
    this.isFair = socket.isFair === true;
    // The first answer must not wait until the end of the handshake is
    // acknowledged (40 ms).
    this.setNoDelay(true);
  }

  /** See {@linkcode Transport}: nothing until the handshake is over. */
  get tls(): TlsTerms | undefined {
    return this.#terms;
  }

  /** Reads decrypted bytes; `null` at the end. One read at a time. */
  read(target: Uint8Array): Soon<number | null> {
    if (this.#rest !== undefined) return this.#take(this.#rest, target);
    if (!this.#isOpen) return this.#readFirst(target);
    if (this.#engine!.ended) return null;
    if (this.#error !== undefined) throw this.#error;
    if (this.#engine!.mayHaveEnded) {
      return this.#endsIdle() ? null : this.#readOrEnd(target);
    }
    this.#target = target;
    const encrypted = this.#encrypted = this.#roomFor(target);
    const pending = this.#socket.read(encrypted);
    return pending instanceof Promise
      ? pending.then(this.#received)
      : this.#received(pending);
  }

  /** See {@linkcode Transport.hasInput}. */
  get hasInput(): boolean {
    return this.#rest !== undefined;
  }

  /** See {@linkcode Transport.hasUnread}. */
  get hasUnread(): boolean | undefined {
    return this.hasInput || this.#socket.hasUnread;
  }

  /** See {@linkcode Transport.readNow}. */
  readNow(
    target: Uint8Array,
    waiter: ReadWaiter,
  ): Soon<number | null> | undefined {
    const socket = this.#socket;
    if (
      socket.readNow === undefined || !this.#isOpen ||
      this.#rest !== undefined || this.#engine!.ended ||
      this.#engine!.mayHaveEnded || this.#error !== undefined
    ) return this.read(target);
    const encrypted = this.#roomFor(target);
    const pending = socket.readNow(encrypted, waiter);
    if (pending === undefined) return undefined;
    this.#target = target;
    this.#encrypted = encrypted;
    return pending instanceof Promise
      ? pending.then(this.#received)
      : this.#received(pending);
  }

  /** Whether what may be a farewell is one: no request is under way. */
  #endsIdle(): boolean {
    return this.#engine!.ended = this.reader?.idle === true;
  }

  /** Reads what comes behind a record that may have been a farewell. */
  #readOrEnd(target: Uint8Array): Soon<number | null> {
    this.#target = target;
    // What comes too late must not be put where others have theirs by then.
    const room = this.#encrypted = this.#room ??= new Uint8Array(RECORD_BYTES);
    const pending = this.#socket.read(room);
    if (!(pending instanceof Promise)) return this.#received(pending);
    const engine = this.#engine!;
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => {
      engine.ended = true;
      resolve(null);
    }, SILENCE_MS);
    const came = pending.finally(() => clearTimeout(timer))
      .then((count) => engine.ended ? null : this.#received(count));
    return Promise.race([came, promise]);
  }

  /** Where to read: in the place of what will be decrypted, if it is enough. */
  #roomFor(target: Uint8Array): Uint8Array {
    const { length } = target;
    if (this.#room !== undefined && length < RECORD_BYTES) return this.#room;
    if (length < LEAST_READ_BYTES) return new Uint8Array(LEAST_READ_BYTES);
    return length <= MAX_ENCRYPTED_BYTES
      ? target
      : target.subarray(0, MAX_ENCRYPTED_BYTES);
  }

  /** Decrypts what has been read, in its place. */
  readonly #received = (count: number | null): Soon<number | null> => {
    const target = this.#target!;
    const encrypted = this.#encrypted!;
    this.#target = this.#encrypted = undefined;
    if (count === null) return null;
    if (this.#closed) throw new Deno.errors.BadResource("closed");
    const engine = this.#engine!;
    const plain = engine.receive(encrypted.subarray(0, count));
    if (engine.error !== undefined) throw this.#failed(engine.error);
    if (plain !== undefined) {
      this.#fruitless = 0;
      this.#room = undefined;
      this.#isAsked = true;
      const taken = this.#take(plain, target);
      // The engine's buffer is for all connections.
      this.#rest = this.#rest?.slice();
      return taken;
    }
    // What the engine says to that goes out with no answer: that it begins no
    // second handshake (`no_renegotiation`, RFC 5246 §7.2.2).
    this.#send();
    if (engine.ended || engine.mayHaveEnded && this.#endsIdle()) return null;
    if (count === encrypted.length) this.#room ??= new Uint8Array(RECORD_BYTES);
    if (count === 0 || ++this.#fruitless > FRUITLESS_READS) {
      this.#fruitless = 0;
      return 0;
    }
    return this.read(target);
  };

  #take(bytes: Uint8Array, target: Uint8Array): number {
    if (bytes.length <= target.length) {
      target.set(bytes);
      this.#rest = undefined;
      return bytes.length;
    }
    target.set(bytes.subarray(0, target.length));
    this.#rest = bytes.subarray(target.length);
    return target.length;
  }

  /** Reads for the first time: that is when the handshake happens. */
  async #readFirst(target: Uint8Array): Promise<number | null> {
    if (!this.isPlain && !await this.#open()) return null;
    if (this.isPlain && this.#rest === undefined) {
      return await this.#socket.read(target);
    }
    return await this.read(target);
  }

  /** Whether there is something to be read after it. */
  async #open(): Promise<boolean> {
    try {
      const bytes = await readHello(this.#socket);
      if (bytes === undefined) return false;
      const verdict = judgeHello(bytes, this.#choice);
      if (verdict.refusal !== undefined) throw verdict.refusal;
      // A hello that could not be read is for the engine to refuse.
      const pair = verdict.pair ?? this.#choice.choose("");
      if (pair === undefined) throw rejected();
      const offered = verdict.offered ?? protocolsFor(this.#choice, "");
      if (pair.proof !== undefined && verdict.hello !== undefined) {
        await this.#prove(pair, bytes, verdict.hello);
        return false;
      }
      const engine = this.#engine = new TlsEngine(pair, offered);
      await this.#shakeHands(engine, bytes);
      this.#terms = termsOf(engine, pair, verdict.hello);
      this.#isOpen = true;
      return isHttp(this.#terms.application);
    } catch (error) {
      if (error instanceof PlainHttp) {
        this.#rest = error.bytes;
        return this.isPlain = true;
      }
      if (!(error instanceof TlsRefusal)) throw error;
      // A client that is refused is closed when the reason has been told.
      const said = this.#engine?.take();
      this.#closed = true;
      this.#letGo();
      await refuse(this.#socket, error, said);
      throw error;
    }
  }

  /** Goes on from the hello until both sides have agreed. */
  async #shakeHands(engine: TlsEngine, hello: Uint8Array): Promise<void> {
    let came = hello;
    let buffer: Uint8Array | undefined;
    for (;;) {
      const plain = engine.receive(came);
      if (engine.error !== undefined) throw engineFailure(engine.error);
      this.#send();
      this.#rest = plain?.slice();
      if (engine.isEstablished) return;
      buffer ??= new Uint8Array(HANDSHAKE_BYTES);
      const count = await this.#socket.read(buffer);
      if (this.#closed) throw new Deno.errors.BadResource("closed");
      if (count === null) {
        throw new Deno.errors.UnexpectedEof("the client left in the handshake");
      }
      came = buffer.subarray(0, count);
    }
  }

  /** Shows a proof; there is nothing else to be said on this connection. */
  async #prove(
    pair: KeyPair,
    bytes: Uint8Array,
    hello: ClientHello,
  ): Promise<void> {
    const proof = ProofHandshake.answer(bytes, hello, pair);
    if (proof === undefined) throw unprovable();
    const buffer = new Uint8Array(HANDSHAKE_BYTES);
    for (;;) {
      await writeAll(this.#socket, proof.take());
      if (proof.isDone) return;
      const count = await this.#socket.read(buffer);
      if (this.#closed) throw new Deno.errors.BadResource("closed");
      if (count === null) {
        throw new Deno.errors.UnexpectedEof("the client left in the handshake");
      }
      proof.receive(buffer.subarray(0, count));
      if (proof.fault !== undefined) throw failedProof(proof.fault);
    }
  }

  /** What has gone wrong between the two of them, when the client is told. */
  #failed(error: unknown): unknown {
    this.#send();
    return this.#error ??= engineFailure(error);
  }

  /**
   * Writes some of `bytes`, which may be used again when it is done. A small
   * answer is on its way then; what fails of it is said by the next call.
   */
  write(bytes: Uint8Array): Soon<number> {
    if (this.isPlain) return this.#socket.write(bytes);
    if (this.#sending !== undefined) {
      return this.#sending.then(() => this.write(bytes));
    }
    if (this.#isAsked && bytes.length <= SMALL_WRITE_BYTES) {
      this.#isAsked = false;
      this.#encrypt(bytes);
      return bytes.length;
    }
    if (bytes.length < LARGE_WRITE_BYTES) return this.#writeNow(bytes);
    const piece = bytes.subarray(0, MAX_PLAIN_BYTES);
    const turn = (this.isFair ? NATIVE_TURNS : TURNS).take(piece.length);
    return turn === undefined
      ? this.#writeNow(piece)
      : turn.then(() => this.#writeNow(piece));
  }

  #writeNow(bytes: Uint8Array): Soon<number> {
    this.#isAsked = false;
    this.#encrypt(bytes);
    const { length } = bytes;
    return this.flush()?.then(() => length) ?? length;
  }

  /** See {@linkcode Transport.flush}. */
  flush(): Promise<void> | undefined {
    if (this.#sending !== undefined) {
      return this.#sending.then(() => this.#check());
    }
    this.#check();
    return undefined;
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  #encrypt(bytes: Uint8Array): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#closed || !this.#isOpen) throw new Deno.errors.BrokenPipe();
    this.#engine!.encrypt(bytes);
    this.#send();
  }

  /** Sends what the engine has to say, behind what is being sent. */
  #send(): void {
    if (this.#sending !== undefined) {
      this.#hasMore = true;
      return;
    }
    if (this.#closed) return;
    this.#hasMore = false;
    this.#unsent = this.#engine?.take();
    if (this.#unsent !== undefined) this.#sendOn();
  }

  #sendOn(): void | Promise<void> {
    let pending: Soon<number>;
    try {
      pending = this.#socket.write(this.#unsent!);
    } catch (error) {
      return this.#notSent(error);
    }
    if (!(pending instanceof Promise)) return this.#sent(pending);
    return this.#sending = pending.then(this.#sent, this.#notSent);
  }

  readonly #sent = (count: number): void | Promise<void> => {
    this.#sending = undefined;
    const unsent = this.#unsent!;
    this.#unsent = undefined;
    if (count < unsent.length) {
      this.#unsent = unsent.subarray(count);
      if (count > 0) this.#sendOn();
      else {
        this.#sending = nextTask().then(() => this.#sendOn())
          .catch(this.#notSent);
      }
    } else if (this.#hasMore) this.#send();
    return this.#sending;
  };

  readonly #notSent = (error: unknown): void => {
    this.#sending = this.#unsent = undefined;
    this.#error ??= error;
  };

  /** Says that nothing more comes, when everything is written. */
  async closeWrite(): Promise<void> {
    await this.#sayEnd();
    if (this.#error !== undefined) throw this.#error;
    if (this.#closed) throw new Deno.errors.BadResource("closed");
    await this.#socket.closeWrite();
  }

  /** The farewell (`close_notify`), by which the client knows this is all. */
  async #sayEnd(): Promise<void> {
    if (this.#isOpen && !this.#closed) {
      await this.#sending;
      // It may have been closed by now.
      if (!this.#closed) this.#engine!.end();
      this.#send();
    }
    await this.#sending;
  }

  /** Closes with a farewell. */
  finish(): void {
    if (!this.#isOpen || this.#error !== undefined) return this.close();
    let said = this.#sending;
    if (said === undefined) {
      this.#engine!.end();
      this.#send();
      said = this.#sending;
      // The socket has taken all of it.
      if (said === undefined) return this.close();
    } else said = this.#sayEnd();
    const timer = setTimeout(() => this.close(), FAREWELL_MS);
    said.then(() => {
      clearTimeout(timer);
      this.close();
    });
  }

  /** Closes; the client cannot know whether this is all. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#letGo();
    try {
      this.#socket.close();
    } catch {
      // Its peer went away, and the runtime has closed it.
    }
  }

  /** The engine is not needed any more. */
  #letGo(): void {
    this.#engine?.close();
    this.#isOpen = false;
  }

  /** See `Deno.TcpConn`. */
  setNoDelay(on = true): void {
    try {
      this.#socket.setNoDelay?.(on);
    } catch {
      // The client has gone: the next read says so.
    }
  }
}
