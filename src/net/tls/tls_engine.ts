/**
 * The runtime's TLS engine, below its streams and its sockets: bytes go in and
 * bytes come out, and nothing waits. Each connection of `node:tls` has one, a
 * `TLSWrap`, and drives it from a stream of JavaScript with the calls that are
 * used here. They are no public interface: {@linkcode tlsFault} says whether
 * they are there.
 */

import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import { EngineRemains } from "./engine_remains.ts";
import { guardAgainstStrayErrors } from "./tls_guard.ts";
import { RecordBorders } from "./record_borders.ts";
import type { KeyPair } from "./tls_choice.ts";

/** How a `TLSWrap` is told that it is a server. */
const IS_SERVER = 1;

/** The most plain bytes that are encrypted at once: three full records. What
 * is more waits within the engine, where nobody sees it. */
export const MAX_PLAIN_BYTES = 48 * 1024;

/**
 * The most encrypted bytes that are taken at once. With the record that has
 * come in part before, what is in them has room in {@linkcode decrypted}.
 */
export const MAX_ENCRYPTED_BYTES = 32 * 1024;

/** Where all engines of this thread put what they decrypt: they do it at once,
 * and whoever has asked takes it before the next one does. */
const decrypted = new Uint8Array(64 * 1024);

/** What was closed on this thread. */
const REMAINS = new EngineRemains();

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
  /** Decrypted bytes, where no buffer was given for them. */
  onread: () => void;
  /** Not 0 if the context is of no use. */
  initServerTls(context: NativeContext): number;
  attachJsStream(): number;
  setHandle(self: NativeEngine): void;
  setVerifyMode(request: boolean, reject: boolean): void;
  setAlpnProtocols(protocols: readonly string[]): void;
  start(): void;
  readStart(): void;
  /** Says where decrypted bytes go; each call with more goes on at its end. */
  useUserBuffer(target: Uint8Array): void;
  /** How many bytes have been decrypted so far. */
  getBytesRead(): number;
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
  ...["getPeerCertificateChain", "destroySsl", "useUserBuffer"],
  "getBytesRead",
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
  /**
   * Whether the client may have said so by its last record, which has brought
   * nothing: whatever comes behind it says that it has not.
   */
  mayHaveEnded = false;
  readonly #native: NativeEngine;
  readonly #borders = new RecordBorders();
  /** How much has been decrypted so far, in bytes. */
  #received = 0;

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
    engine.onread = ignore;
    engine.useUserBuffer(decrypted);
    engine.start();
    engine.readStart();
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
   * Takes what has come from the client, at most
   * {@linkcode MAX_ENCRYPTED_BYTES}.
   *
   * @returns what was decrypted, if it completes anything; it has to be taken
   * before any engine is called again
   */
  receive(bytes: Uint8Array): Uint8Array | undefined {
    const alertAt = this.#borders.alertAtEnd(bytes);
    this.mayHaveEnded = false;
    if (alertAt !== undefined) return this.#receiveLast(bytes, alertAt);
    const count = this.#decrypt(bytes);
    return count === 0 ? undefined : decrypted.subarray(0, count);
  }

  /**
   * Takes what ends with a record as long as an alert, which begins at `at`:
   * in TLS 1.3 two bytes of data look the same, until they are decrypted. The
   * engine says nothing of an alert that is no error: it is a farewell
   * (`close_notify`, RFC 8446 §6.1), or announces one. In TLS 1.2 its type
   * says so; in TLS 1.3 it can be a record that is all padding, too (§5.4), and
   * a farewell with padding is not known for one.
   */
  #receiveLast(bytes: Uint8Array, at: number): Uint8Array | undefined {
    const count = at === 0 ? 0 : this.#decrypt(bytes.subarray(0, at));
    const first = decrypted.slice(0, count);
    const last = this.#decrypt(bytes.subarray(at));
    if (last === 0) {
      if (this.#borders.saysAlert) this.ended = true;
      else this.mayHaveEnded = true;
      return count === 0 ? undefined : first;
    }
    const both = new Uint8Array(count + last);
    both.set(first);
    both.set(decrypted.subarray(0, last), count);
    return both;
  }

  /** How many bytes it makes of `bytes`; they are in {@linkcode decrypted}. */
  #decrypt(bytes: Uint8Array): number {
    const engine = this.#native;
    engine.readBuffer(bytes);
    const received = engine.getBytesRead();
    const count = received - this.#received;
    this.#received = received;
    return count;
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
    REMAINS.add();
  }
}
