/**
 * TLS on accepted connections. The listener stays a plain one, so a reload
 * changes certificates without touching a socket, and a client that never
 * finishes its handshake ends like any other that is late.
 *
 * `Deno.listenTls` would be the obvious way, but it keeps the descriptor of a
 * connection that is closed before its handshake is done until the client goes
 * (measured with Deno 2.6 and 2.9): silent clients would use all of them up.
 */

import type { Transport } from "../transport.ts";
import type { KeyPair, TlsChoice } from "./tls_choice.ts";
import { TlsBridge } from "./tls_bridge.ts";
import { TlsStream } from "./tls_stream.ts";

/** The first version of the runtime whose `node:tls` can be a server on a
 * stream; the base of the executable may be an older one. */
const STREAM_SINCE = [2, 9] as const;

function hasStreams(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > STREAM_SINCE[0] ||
    (major === STREAM_SINCE[0] && minor >= STREAM_SINCE[1]);
}

let bridge: TlsBridge | undefined;

/**
 * The connection with TLS on it. The handshake happens while it is first read
 * from; what goes wrong in it rejects that read with
 * `Deno.errors.InvalidData`.
 */
export function secureTransport(
  socket: Transport,
  choice: TlsChoice,
  version: string = Deno.version.deno,
): Transport {
  if (hasStreams(version)) return new TlsStream(socket, choice);
  return (bridge ??= new TlsBridge()).connect(socket, choice);
}

/** Why a key pair cannot be used; `undefined` if it can. */
export function keyPairFault({ cert, key }: KeyPair): string | undefined {
  try {
    // The runtime tells only when it listens: at no address that matters.
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.message.includes("KeyMismatch")) {
      return "the key does not fit the certificate";
    }
    return error instanceof Error ? error.message : String(error);
  }
}
