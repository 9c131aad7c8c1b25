/** Whether a certificate and its key can be used. */

import type { KeyPair } from "./tls_choice.ts";

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
