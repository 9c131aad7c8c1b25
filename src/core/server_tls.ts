/** What a module says of the TLS of a server. */

import type { SourcePlace } from "../config/errors.ts";

/** A file that a directive names. */
export interface NamedFile {
  /** The path, absolute. */
  readonly path: string;
  /** Where it is said. */
  readonly place: SourcePlace;
}

/** A certificate with its chain, and its key: the text of their PEM files. */
interface Certificate {
  /** The chain, the server's own first. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
  /** The oldest version that is spoken with it; TLS 1.2 if left out. */
  readonly oldestVersion?: number | undefined;
  /** Where the chain was read from. */
  readonly file: NamedFile;
}

/** What a server does with a TLS handshake. */
export type ServerTls =
  /** It answers with this certificate. */
  | { readonly kind: "certificate"; readonly certificate: Certificate }
  /** It refuses (`ssl_reject_handshake on`). */
  | { readonly kind: "reject" }
  /** What says so is wrong, and has been reported. */
  | { readonly kind: "faulty" };
