/** Certificates, and how one of them is chosen. */

import type { ClientHello } from "./client_hello.ts";

/** A certificate chain and its private key, in PEM. */
export interface KeyPair {
  /** The chain. */
  readonly cert: string;
  readonly key: string;
  /** The oldest version that is spoken with it; TLS 1.2 if left out. */
  readonly oldestVersion?: number | undefined;
  /**
   * The one protocol (ALPN) of a certificate that proves whose a name is, after
   * which nothing is to be said.
   */
  readonly proof?: string | undefined;
  /** How clients are asked for their certificates; left out, they are not. */
  readonly clients?: ClientDemand | undefined;
}

/** What clients are asked for. Whoever has none goes on without. */
export interface ClientDemand {
  /** The authorities that are named to them, in PEM. */
  readonly authorities: readonly string[];
}

/** Which certificate an address answers with. */
export interface TlsChoice {
  /**
   * The one for a name, empty if none was given; `undefined` refuses. What
   * the client offers decides between several, as far as it is known.
   */
  choose(name: string, hello?: ClientHello): KeyPair | undefined;
  /** What is offered by ALPN under a name; if left out, what is always. */
  protocolsOf?(name: string): readonly string[];
}

/** What is offered by ALPN (RFC 7301), what is preferred first. */
export const TLS_PROTOCOLS: readonly string[] = ["http/1.1", "http/1.0"];

/** What is offered where HTTP/2 is spoken too. */
export const HTTP2_PROTOCOLS: readonly string[] = ["h2", ...TLS_PROTOCOLS];

/** What is offered by ALPN under a name, empty if none was given. */
export function protocolsFor(choice: TlsChoice, name: string): string[] {
  return [...choice.protocolsOf?.(name) ?? TLS_PROTOCOLS];
}

/**
 * Whether HTTP is spoken where `protocol` was agreed on, or nothing was. Else
 * the handshake is all there is: it shows a certificate (RFC 8737).
 */
export function isHttp(protocol: string): boolean {
  return protocol === "" || HTTP2_PROTOCOLS.includes(protocol);
}
