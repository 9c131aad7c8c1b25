/**
 * Handshakes that come to nothing, and how the client is told: by a fatal
 * alert (RFC 8446 §6.2), as nginx does. The runtime closes without one.
 */

import { type ClientHello, parseClientHello } from "./client_hello.ts";
import type { Transport } from "../transport.ts";
import { type KeyPair, protocolsFor, type TlsChoice } from "./tls_choice.ts";

/** The alerts that are sent (RFC 8446 §6). */
export const Alert = {
  UnexpectedMessage: 10,
  RecordOverflow: 22,
  HandshakeFailure: 40,
  IllegalParameter: 47,
  DecodeError: 50,
  ProtocolVersion: 70,
  UnrecognizedName: 112,
  NoApplicationProtocol: 120,
} as const;

/** One of {@linkcode Alert}. */
type AlertCode = typeof Alert[keyof typeof Alert];

/** The oldest version that is spoken: TLS 1.2. */
const OLDEST_VERSION = 0x0303;

/** Type of a record with an alert, the version all clients take, length. */
const ALERT_RECORD = [21, 3, 3, 0, 2] as const;

/** The level of an alert after which the connection ends. */
const FATAL = 2;

/**
 * How long a client that was refused may take to close, in ms, and how much
 * of what it still sends is read, in bytes: closing on unread bytes would
 * reset the connection, and the alert be lost.
 */
const FAREWELL_MS = 500;
const FAREWELL_BYTES = 64 * 1024;

/** A handshake that failed; `message` says so as nginx does. */
export class TlsRefusal extends Deno.errors.InvalidData {
  /** What the client is told; `undefined` if it is the one that refused. */
  readonly alert: AlertCode | undefined;

  constructor(message: string, alert: AlertCode | undefined) {
    super(message);
    this.alert = alert;
  }
}

/** What nginx says of who does not speak TLS at all. */
export const PLAIN_HTTP = "client sent plain HTTP request to HTTPS port";

/** A failure of the handshake proper, in nginx's words. */
function handshakeFailure(why: string, alert: AlertCode | undefined) {
  return new TlsRefusal(`SSL_do_handshake() failed (SSL: ${why})`, alert);
}

/** A client that speaks HTTP in the clear. */
export class PlainHttp extends TlsRefusal {
  /** What it has said so far. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super(PLAIN_HTTP, Alert.UnexpectedMessage);
    this.bytes = bytes;
  }
}

/** What a client has said that does not speak TLS, and begins with `bytes`. */
export function notTls(bytes: Uint8Array): TlsRefusal {
  const first = bytes[0]!;
  // A method begins with a letter.
  const isHttp = (first >= 0x41 && first <= 0x5a) ||
    (first >= 0x61 && first <= 0x7a);
  return isHttp
    ? new PlainHttp(bytes)
    : handshakeFailure("wrong version number", Alert.ProtocolVersion);
}

/** Who asks for a proof and speaks no TLS 1.3 that it could be shown by. */
export function unprovable(): TlsRefusal {
  return handshakeFailure("no shared cipher", Alert.HandshakeFailure);
}

/** A proof that was shown in vain. */
export function failedProof(why: string): TlsRefusal {
  return handshakeFailure(why, undefined);
}

/** A record that is longer than one may be. */
export function tooLongRecord(): TlsRefusal {
  return handshakeFailure("packet length too long", Alert.RecordOverflow);
}

/** A hello that is longer than any needs to be. */
export function tooLongHello(): TlsRefusal {
  return handshakeFailure("excessive message size", Alert.IllegalParameter);
}

/** What the first bytes of a client come to. */
interface HelloVerdict {
  /** Why it is refused, if it is. */
  readonly refusal?: TlsRefusal;
  /** The name it asks for, and the certificate, if they could be found. */
  readonly name?: string;
  readonly pair?: KeyPair;
  /** What is offered by ALPN. */
  readonly offered?: string[];
  /** What the client has said. */
  readonly hello?: ClientHello;
}

/** Judges a client by its hello. */
export function judgeHello(bytes: Uint8Array, choice: TlsChoice): HelloVerdict {
  const hello = parseClientHello(bytes);
  // The engine sees all of it, and knows what is wrong.
  if (hello === undefined) return {};
  const { name, version, protocols } = hello;
  if (version < OLDEST_VERSION) return { refusal: unsupportedVersion() };
  const pair = choice.choose(name, hello);
  const offered = pair?.proof === undefined
    ? protocolsFor(choice, name)
    : [pair.proof];
  if (pair === undefined) return { refusal: rejected() };
  if (version < (pair.oldestVersion ?? OLDEST_VERSION)) {
    return { refusal: unsupportedVersion() };
  }
  if (
    protocols !== undefined &&
    !protocols.some((protocol) => offered.includes(protocol))
  ) {
    return {
      refusal: handshakeFailure(
        "no application protocol",
        Alert.NoApplicationProtocol,
      ),
    };
  }
  return { name, pair, offered, hello };
}

function unsupportedVersion(): TlsRefusal {
  return handshakeFailure("unsupported protocol", Alert.ProtocolVersion);
}

/** There is no certificate for the name (`ssl_reject_handshake`). */
export function rejected(): TlsRefusal {
  return new TlsRefusal("handshake rejected", Alert.UnrecognizedName);
}

/** What the engine says, and the alert for it; the first that fits. */
const ENGINE_ALERTS: readonly (readonly [RegExp, AlertCode | undefined])[] = [
  // It is the client who has sent an alert.
  [/received fatal alert/, undefined],
  [/known protocol|NoApplicationProtocol/, Alert.NoApplicationProtocol],
  [/corrupt/, Alert.DecodeError],
  [/Tls1[0-9]/, Alert.ProtocolVersion],
  [/incompatible/, Alert.HandshakeFailure],
  [/unexpected|inappropriate/, Alert.UnexpectedMessage],
];

/** What the engine has thrown, as a refusal. */
export function engineFailure(error: unknown): TlsRefusal {
  const text = error instanceof Error ? error.message : String(error);
  const rejection = rejected();
  if (text.endsWith(rejection.message)) return rejection;
  const why = text.replace(/^TLS accept error: /, "");
  const [, alert] = ENGINE_ALERTS.find(([pattern]) => pattern.test(why)) ??
    [undefined, Alert.HandshakeFailure];
  return handshakeFailure(why, alert);
}

/**
 * Tells the client why it is refused, and closes. Never rejects. `said` is the
 * alert in the engine's words, which may be encrypted, if it has any.
 */
export async function refuse(
  socket: Transport,
  { alert }: TlsRefusal,
  said?: Uint8Array,
): Promise<void> {
  const timer = setTimeout(() => close(socket), FAREWELL_MS);
  try {
    if (said !== undefined || alert !== undefined) {
      await writeAll(
        socket,
        said ?? Uint8Array.of(...ALERT_RECORD, FATAL, alert!),
      );
      await socket.closeWrite();
      const scratch = new Uint8Array(4096);
      for (let left = FAREWELL_BYTES; left > 0;) {
        const count = await socket.read(scratch);
        if (count === null) break;
        left -= Math.max(count, 1);
      }
    }
  } catch {
    // It has gone: that is what was waited for.
  }
  clearTimeout(timer);
  close(socket);
}

async function writeAll(socket: Transport, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(await socket.write(rest));
  }
}

function close(socket: Transport): void {
  try {
    socket.close();
  } catch {
    // It is closed already.
  }
}
