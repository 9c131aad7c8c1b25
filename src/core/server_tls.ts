/** What a module says of the TLS of a server. */

import type { SourcePlace } from "../config/errors.ts";

/** A file that a directive names. */
export interface NamedFile {
  /** The path, absolute. */
  readonly path: string;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/** What clients are asked for. Whoever has none goes on without. */
export interface ClientDemand {
  /** The authorities that are named to them, in PEM. */
  readonly authorities: readonly string[];
}

/** A certificate with its chain, and its key: the text of their PEM files. */
export interface Certificate {
  /** The chain, the server's own first. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
  /** The oldest version that is spoken with it; TLS 1.2 if left out. */
  readonly oldestVersion?: number | undefined;
  /** How clients are asked for theirs; left out, they are not. */
  readonly clients?: ClientDemand | undefined;
  /** Where the chain was read from. */
  readonly file: NamedFile;
}

/** What a client says that decides between certificates; see RFC 8446. */
export interface ClientOffer {
  /** The highest version: 0x0303 is TLS 1.2, 0x0304 is TLS 1.3. */
  readonly version: number;
  /** Its cipher suites, two bytes each, as it prefers them. */
  readonly suites: Uint8Array;
  /** The signatures it can check, likewise. */
  readonly signatures: Uint8Array;
  /** The protocols (ALPN, RFC 7301), `undefined` if none are offered. */
  readonly protocols: readonly string[] | undefined;
}

/** What a server does with a TLS handshake. */
export type ServerTls =
  /** It answers with a certificate. */
  | {
    readonly kind: "certificate";
    /** Those there are, which have to be good ones. */
    readonly certificates: readonly Certificate[];
    /** The one for a client. What it offers may not be known. */
    choose(offer: ClientOffer | undefined): Certificate | undefined;
  }
  /** It refuses (`ssl_reject_handshake on`). */
  | { readonly kind: "reject" }
  /** What says so is wrong, and has been reported. */
  | { readonly kind: "faulty" };

/** What is shown to those who ask by ALPN, to prove whose a name is. */
export interface TlsChallenge {
  /** The one protocol they offer. */
  readonly protocol: string;
  /** What is shown under a name; `undefined` if nothing is to be proved. */
  choose(name: string): Pick<Certificate, "cert" | "key"> | undefined;
}
