/** Certificates, and how one of them is chosen. */

/** A certificate chain and its private key, in PEM. */
export interface KeyPair {
  /** The chain. */
  readonly cert: string;
  readonly key: string;
  /** The oldest version that is spoken with it; TLS 1.2 if left out. */
  readonly oldestVersion?: number | undefined;
}

/** Which certificate an address answers with. */
export interface TlsChoice {
  /** The one for a name, empty if none was given; `undefined` refuses. */
  choose(name: string): KeyPair | undefined;
}

/** What is offered by ALPN (RFC 7301), what is preferred first. */
export const TLS_PROTOCOLS: readonly string[] = ["http/1.1", "http/1.0"];
