/**
 * TLS for a runtime whose `node:tls` cannot be a server on a stream. It has
 * `Deno.listenTls`, which cannot be given a connection, so an accepted one is
 * joined to a listener of its own on the loopback address, and what comes is
 * passed on. That costs twice the copies, but the accepted connection stays
 * ours: when it is closed, so is whatever waits for its handshake.
 */

import type { Transport } from "../transport.ts";
import { type KeyPair, TLS_PROTOCOLS, type TlsChoice } from "./tls_choice.ts";
import { readHello } from "./tls_hello.ts";
import { judgeHello, refuse, rejected, TlsRefusal } from "./tls_refusal.ts";

const LOOPBACK = "127.0.0.1";

/** How much is passed on at a time, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** How long an end of a connection waits for the other one, in ms. */
const MEETING_MS = 1000;

/** How long a failed accept is left alone, in ms. */
const PAUSE_MS = 10;

/** How long the alert of a handshake that failed may take to go out, in ms. */
const ALERT_MS = 50;

/** How long a listener without connections is kept, in ms. */
const KEPT_MS = 10_000;

/**
 * How many names a listener may come to know. The runtime remembers each one,
 * and its certificate, as long as the listener lives.
 */
const MAX_NAMES = 4096;

/** Puts TLS on connections by way of the loopback interface. */
export class TlsBridge {
  readonly #inner = new Map<TlsChoice, InnerListener>();

  connect(socket: Transport, choice: TlsChoice): Transport {
    let inner = this.#inner.get(choice);
    if (inner === undefined || inner.worn) {
      inner = new InnerListener(choice, (self) => {
        if (this.#inner.get(choice) === self) this.#inner.delete(choice);
      });
      this.#inner.set(choice, inner);
    }
    return new BridgedSocket(socket, inner);
  }
}

interface Internals {
  readonly resolverSymbol?: symbol;
}

/** The runtime's entrance for certificates by name. */
function nameResolver(): symbol {
  const runtime = Deno as unknown as
    & Record<symbol, Internals | undefined>
    & { readonly internal: symbol };
  const symbol = runtime[runtime.internal]?.resolverSymbol;
  if (symbol === undefined) throw new Error("this runtime has no TLS by name");
  return symbol;
}

/** A TLS listener that only this program connects to. */
class InnerListener {
  /** Which certificate is for whom. */
  readonly choice: TlsChoice;
  /** The certificates of names that were found before the engine asked. */
  readonly #pairs = new Map<string, KeyPair>();
  readonly #listener: Deno.TlsListener;
  /** Both ends of a connection meet here by port, in either order. */
  readonly #expected = new Map<number, (socket: Deno.TlsConn) => void>();
  readonly #waiting = new Map<number, Deno.TlsConn>();
  readonly #closed: (self: InnerListener) => void;
  #connections = 0;
  #names = 0;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(choice: TlsChoice, closed: (self: InnerListener) => void) {
    this.choice = choice;
    this.#closed = closed;
    const resolve = (name: string) => {
      this.#names++;
      const pair = this.#pairs.get(name) ?? choice.choose(name);
      if (pair === undefined) throw rejected();
      return { cert: pair.cert, key: pair.key };
    };
    this.#listener = Deno.listenTls(
      {
        hostname: LOOPBACK,
        port: 0,
        alpnProtocols: [...TLS_PROTOCOLS],
        [nameResolver()]: resolve,
      } as unknown as Parameters<typeof Deno.listenTls>[0],
    );
    this.#accept();
  }

  /** `pair` is the certificate for `name`: it will be asked for. */
  offer(name: string, pair: KeyPair): void {
    this.#pairs.set(name, pair);
  }

  /** Whether it knows too many names for new connections. */
  get worn(): boolean {
    return this.#names >= MAX_NAMES;
  }

  async #accept(): Promise<void> {
    for (;;) {
      let socket: Deno.TlsConn;
      try {
        socket = await this.#listener.accept();
      } catch {
        if (this.#ended) return;
        // No descriptor is left: who is expected has to wait for one.
        await pause(PAUSE_MS);
        continue;
      }
      const { port } = socket.remoteAddr as Deno.NetAddr;
      const expected = this.#expected.get(port);
      this.#expected.delete(port);
      if (expected === undefined) this.#keepWaiting(port, socket);
      else expected(socket);
    }
  }

  /** Anybody on this machine can knock; who is not ours has to go. */
  #keepWaiting(port: number, socket: Deno.TlsConn): void {
    close(this.#waiting.get(port));
    this.#waiting.set(port, socket);
    setTimeout(() => {
      if (this.#waiting.get(port) !== socket) return;
      this.#waiting.delete(port);
      close(socket);
    }, MEETING_MS);
  }

  /** Both ends of a connection through it. */
  async open(): Promise<[outer: Deno.TcpConn, inner: Deno.TlsConn]> {
    this.#connections++;
    clearTimeout(this.#timer);
    const { port } = this.#listener.addr as Deno.NetAddr;
    let outer: Deno.TcpConn;
    try {
      outer = await Deno.connect({ hostname: LOOPBACK, port });
      outer.setNoDelay(true);
    } catch (error) {
      this.leave();
      throw error;
    }
    const own = (outer.localAddr as Deno.NetAddr).port;
    const inner = this.#waiting.get(own) ??
      await new Promise<Deno.TlsConn>((resolve) =>
        this.#expected.set(own, resolve)
      );
    this.#waiting.delete(own);
    return [outer, inner];
  }

  /** A connection through it has ended. */
  leave(): void {
    if (--this.#connections > 0) return;
    this.#timer = setTimeout(() => {
      this.#ended = true;
      this.#closed(this);
      this.#listener.close();
    }, KEPT_MS);
  }
}

/** Passes on what comes until one of both ends. */
async function pass(from: Transport, to: Transport): Promise<void> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let count; (count = await from.read(buffer)) !== null;) {
    await writeAll(to, buffer.subarray(0, count));
  }
  await to.closeWrite();
}

async function writeAll(to: Transport, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(await to.write(rest));
  }
}

/** An accepted connection that is read and written through the bridge. */
class BridgedSocket implements Transport {
  readonly localAddr: Deno.Addr;
  readonly remoteAddr: Deno.Addr;
  readonly #socket: Transport;
  readonly #inner: Promise<Deno.TlsConn>;
  #outer: Deno.TcpConn | undefined;
  #opened: Deno.TlsConn | undefined;
  #closed = false;

  constructor(socket: Transport, listener: InnerListener) {
    this.#socket = socket;
    this.localAddr = socket.localAddr;
    this.remoteAddr = socket.remoteAddr;
    this.#inner = this.#open(listener);
    this.#inner.catch(() => {});
  }

  async #open(listener: InnerListener): Promise<Deno.TlsConn> {
    const hello = await this.#readHello(listener);
    const [outer, inner] = await listener.open();
    [this.#outer, this.#opened] = [outer, inner];
    if (this.#closed) this.#closeAll();
    else await writeAll(outer, hello);
    const ways = [pass(this.#socket, outer), pass(outer, this.#socket)];
    Promise.allSettled(ways.map((way) => way.catch(() => this.#closeAll())))
      .then(() => {
        this.#closeAll();
        listener.leave();
      });
    return inner;
  }

  /** The first record, if there is a certificate for the client. */
  async #readHello(listener: InnerListener): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const hello = await readHello(this.#socket);
      if (hello === undefined) throw new Deno.errors.UnexpectedEof();
      const { refusal, name, pair } = judgeHello(hello, listener.choice);
      if (refusal !== undefined) throw refusal;
      if (name !== undefined && pair !== undefined) listener.offer(name, pair);
      return hello;
    } catch (error) {
      if (error instanceof TlsRefusal) await refuse(this.#socket, error);
      throw error;
    }
  }

  async read(target: Uint8Array): Promise<number | null> {
    const inner = await this.#inner;
    try {
      return await inner.read(target);
    } catch (error) {
      // The engine's alert is still to be passed on.
      if (error instanceof Deno.errors.InvalidData) await pause(ALERT_MS);
      throw error;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    return await (await this.#inner).write(bytes);
  }

  async closeWrite(): Promise<void> {
    await (await this.#inner).closeWrite();
  }

  /** The runtime says its farewell, which is still passed on. */
  finish(): void {
    close(this.#opened);
    if (this.#opened === undefined) this.close();
  }

  close(): void {
    this.#closed = true;
    this.#closeAll();
  }

  setNoDelay(on = true): void {
    this.#socket.setNoDelay?.(on);
  }

  #closeAll(): void {
    close(this.#opened);
    close(this.#outer);
    close(this.#socket);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function close(connection: Transport | undefined): void {
  try {
    connection?.close();
  } catch {
    // It is closed already.
  }
}
