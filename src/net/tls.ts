/**
 * TLS sockets. The runtime does the handshake, with the first read of a
 * connection, so that a client which says nothing holds up nobody.
 *
 * One certificate for everybody goes by the runtime's documented interface.
 * Several are chosen by the name that a client asks for (SNI, RFC 6066 §3),
 * for which the runtime has an entrance that it does not document and may
 * lack. It asks once for each name and remembers the answer as long as the
 * listener lives. So a changed certificate needs another listener, and so do
 * clients that make names up: whoever owns the listener is told when there
 * have been too many.
 */

/** A certificate chain and its private key, in PEM. */
export interface KeyPair {
  /** The chain. */
  readonly cert: string;
  /** The key. */
  readonly key: string;
}

/** Which certificate an address answers with. */
export interface TlsChoice {
  /** The one for everybody, if it is. */
  readonly only: KeyPair | undefined;
  /** The one for a name, empty if none was given; `undefined` refuses. */
  choose(name: string): KeyPair | undefined;
}

/** What a TLS listener is made with. */
export interface TlsListenOptions {
  /** The address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** Whether other listeners of this user may share it. */
  readonly reusePort: boolean;
  /** The certificates. */
  readonly tls: TlsChoice;
  /** Called once, when the runtime remembers {@linkcode MAX_NAMES} names. */
  readonly onManyNames: () => void;
}

/** How many names a listener may come to remember; some kilobytes each. */
export const MAX_NAMES = 4096;

/** What is offered by ALPN (RFC 7301). */
const PROTOCOLS = ["http/1.1"];

interface Internals {
  readonly resolverSymbol?: symbol;
}

/** The runtime's entrance for certificates by name, where it has one. */
function nameResolver(): symbol | undefined {
  const runtime = Deno as unknown as Record<symbol, Internals | undefined> & {
    readonly internal?: symbol;
  };
  const { internal } = runtime;
  return internal === undefined ? undefined : runtime[internal]?.resolverSymbol;
}

/**
 * Binds an address for TLS.
 *
 * @throws {Error} when the address cannot be bound, or a key does not fit its
 * certificate, or this runtime cannot choose between several
 */
export function listenTls(options: TlsListenOptions): Deno.TlsListener {
  const { hostname, port, backlog, reusePort, tls } = options;
  const address = {
    hostname,
    port,
    tcpBacklog: backlog,
    alpnProtocols: PROTOCOLS,
    ...(reusePort ? { reusePort } : {}),
  };
  if (tls.only !== undefined) {
    const { cert, key } = tls.only;
    return Deno.listenTls({ ...address, cert, key });
  }
  const symbol = nameResolver();
  if (symbol === undefined) {
    throw new Error(
      "this runtime cannot choose between the certificates of an address",
    );
  }
  let names = 0;
  const resolve = (name: string): KeyPair => {
    if (++names === MAX_NAMES) options.onManyNames();
    const pair = tls.choose(name);
    if (pair === undefined) throw new Error("no certificate for this name");
    return { cert: pair.cert, key: pair.key };
  };
  return Deno.listenTls(
    { ...address, [symbol]: resolve } as unknown as Parameters<
      typeof Deno.listenTls
    >[0],
  );
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
