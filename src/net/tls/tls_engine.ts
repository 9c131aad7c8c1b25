/**
 * The runtime's TLS engine, below its streams and its sockets: bytes go in and
 * bytes come out, and nothing waits. Each connection of `node:tls` has one, a
 * `TLSWrap`, and drives it from a stream of JavaScript with the calls that are
 * used here. They are no public interface: {@linkcode tlsFault} says whether
 * they are there.
 */

import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import { guardAgainstStrayErrors } from "./tls_guard.ts";
import type { KeyPair } from "./tls_choice.ts";

/** How a `TLSWrap` is told that it is a server. */
const IS_SERVER = 1;

/** The most plain bytes that are encrypted at once: three full records. What
 * is more waits within the engine, where nobody sees it. */
export const MAX_PLAIN_BYTES = 48 * 1024;

/** The parts of a context that are not its own. */
interface NativeContext {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** What is used of the runtime's engine. */
interface NativeEngine {
  onhandshakestart: () => void;
  onhandshakedone: () => void;
  onerror: (error: unknown) => void;
  /** Decrypted bytes; `undefined` at the end. */
  onread: (bytes?: ArrayBuffer) => void;
  /** Not 0 if the context is of no use. */
  initServerTls(context: NativeContext): number;
  attachJsStream(): number;
  setHandle(self: NativeEngine): void;
  setVerifyMode(request: boolean, reject: boolean): void;
  setAlpnProtocols(protocols: readonly string[]): void;
  start(): void;
  readStart(): void;
  /** Takes encrypted bytes. */
  readBuffer(bytes: Uint8Array): void;
  /** Encrypts. */
  writeBuffer(request: object, bytes: Uint8Array): number;
  /** Says the farewell. */
  shutdown(request: object): number;
  /** What is to be sent. */
  drainEncOut(): Uint8Array<ArrayBuffer> | undefined;
  isEstablished(): boolean;
  isSessionReused(): boolean;
  getProtocol(target: { protocol?: string }): number;
  getCipher(target: { name?: string }): number;
  getAlpnNegotiatedProtocol(target: { alpnProtocol?: string | false }): void;
  getPeerCertificateChain(): { certificates?: Uint8Array[] } | undefined;
  destroySsl(): void;
}

type NativeClass = new (kind: number, flags: number) => NativeEngine;

/** The calls without which there is no engine. */
const CALLS = [
  ...["initServerTls", "attachJsStream", "setHandle", "setVerifyMode"],
  ...["setAlpnProtocols", "start", "readStart", "readBuffer", "writeBuffer"],
  ...["shutdown", "drainEncOut", "isEstablished", "isSessionReused"],
  ...["getProtocol", "getCipher", "getAlpnNegotiatedProtocol"],
  ...["getPeerCertificateChain", "destroySsl"],
] as const satisfies readonly (keyof NativeEngine)[];

/** `undefined` as long as nobody has asked. */
let native: NativeClass | null | undefined;

/** The class of the runtime's engine, as a stream of TLS has it. */
function nativeClass(): NativeClass | null {
  if (native !== undefined) return native;
  guardAgainstStrayErrors();
  native = null;
  try {
    const socket = new TLSSocket(new Duplex({ read() {} }), {
      isServer: true,
    });
    socket.on("error", () => {});
    const engine = (socket as { _handle?: object })._handle as
      | Record<string, unknown>
      | undefined;
    if (CALLS.every((call) => typeof engine?.[call] === "function")) {
      native = engine!.constructor as unknown as NativeClass;
    }
    socket.destroy();
  } catch {
    // A runtime whose TLS is another.
  }
  return native;
}

/** Why this runtime cannot speak TLS as a server; `undefined` if it can. */
export function tlsFault(
  version: string = Deno.version.deno,
  engine: unknown = nativeClass(),
): string | undefined {
  return engine !== null ? undefined : `the runtime, Deno ${version}, has no ` +
    "TLS that a server can put on its connections";
}

/** Contexts are costly to make, and as constant as their certificates. */
const contexts = new WeakMap<KeyPair, NativeContext>();

function contextOf(pair: KeyPair): NativeContext {
  let context = contexts.get(pair);
  if (context === undefined) {
    const { cert, key, clients } = pair;
    const ca = clients === undefined ? {} : { ca: [...clients.authorities] };
    context = {
      ...createSecureContext({ cert, key, ...ca }).context as object,
      requestCert: clients !== undefined,
      // Whether a client's is a good one is for whoever asks for it to say.
      rejectUnauthorized: false,
    };
    contexts.set(pair, context);
  }
  return context;
}

/** What a client and an engine have agreed on. */
export interface EngineTerms {
  /** The version, as `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite, by OpenSSL's name. */
  readonly cipher: string;
  /** The protocol (ALPN), empty if none was offered. */
  readonly application: string;
  /** Whether a session was resumed. */
  readonly reused: boolean;
}

function ignore(): void {}

/** The server's end of one TLS connection. */
export class TlsEngine {
  /** What has failed, if something has; nothing more can be done then. */
  error: unknown;
  /** Whether the client has said that nothing more comes. */
  ended = false;
  readonly #native: NativeEngine;
  /** What was decrypted by the call that is under way. */
  #plain: Uint8Array | undefined;

  /**
   * Answers with `pair`, and speaks one of `protocols` (ALPN).
   *
   * @throws {Error} when the runtime cannot use the pair
   */
  constructor(pair: KeyPair, protocols: readonly string[]) {
    const engine = this.#native = new (nativeClass()!)(IS_SERVER, 0);
    const context = contextOf(pair);
    const failed = (error: unknown) => this.error ??= error;
    if (engine.initServerTls(context) !== 0 || engine.attachJsStream() !== 0) {
      throw new Error("the runtime cannot use the certificate");
    }
    engine.setHandle(engine);
    if (context.requestCert) engine.setVerifyMode(true, false);
    engine.setAlpnProtocols(protocols);
    engine.onhandshakestart = engine.onhandshakedone = ignore;
    engine.onerror = failed;
    engine.onread = (bytes) => this.#hasRead(bytes);
    engine.start();
    engine.readStart();
  }

  #hasRead(bytes: ArrayBuffer | undefined): void {
    if (bytes === undefined) {
      this.ended = true;
      return;
    }
    const piece = new Uint8Array(bytes);
    this.#plain = this.#plain === undefined
      ? piece
      : concatenated(this.#plain, piece);
  }

  /** Whether the handshake is over. */
  get isEstablished(): boolean {
    return this.#native.isEstablished();
  }

  /** What was agreed on; only when the handshake is over. */
  get terms(): EngineTerms {
    const engine = this.#native;
    const version: { protocol?: string } = {};
    const suite: { name?: string } = {};
    const choice: { alpnProtocol?: string | false } = {};
    engine.getProtocol(version);
    engine.getCipher(suite);
    engine.getAlpnNegotiatedProtocol(choice);
    return {
      protocol: version.protocol ?? "",
      cipher: suite.name ?? "",
      application: choice.alpnProtocol || "",
      reused: engine.isSessionReused(),
    };
  }

  /** The certificates that the client has shown, in DER. */
  get clientChain(): Uint8Array[] {
    const { certificates = [] } = this.#native.getPeerCertificateChain() ?? {};
    return certificates.map((each) => new Uint8Array(each));
  }

  /**
   * Takes what has come from the client.
   *
   * @returns what was decrypted, if it completes anything
   */
  receive(bytes: Uint8Array): Uint8Array | undefined {
    this.#plain = undefined;
    this.#native.readBuffer(bytes);
    return this.#plain;
  }

  /** Encrypts at most {@linkcode MAX_PLAIN_BYTES}. */
  encrypt(bytes: Uint8Array): void {
    this.#native.writeBuffer({}, bytes);
  }

  /** Says that nothing more will be sent. */
  end(): void {
    this.#native.shutdown({});
  }

  /** What is to be sent to the client now, if there is something. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#native.drainEncOut();
    return bytes === undefined || bytes.length === 0 ? undefined : bytes;
  }

  /** Gives back its memory; it may not be used any more. */
  close(): void {
    this.#native.destroySsl();
  }
}

function concatenated(one: Uint8Array, two: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + two.length);
  whole.set(one);
  whole.set(two, one.length);
  return whole;
}
