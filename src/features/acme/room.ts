/** How much shared memory certificates need: as much as they take at most. */

import type { Wanted } from "./wanted.ts";

/** The longest chain that is taken, in bytes of PEM: they have some thousands. */
export const MAX_CHAIN_BYTES = 64 * 1024;

/** The longest token: that of Let's Encrypt has 43 letters. */
export const MAX_TOKEN_LENGTH = 256;

/**
 * A certificate with its chain and its key, which may be a file of RSA with
 * 16384 bits, and how it goes with it; in bytes.
 */
const CERTIFICATE_BYTES = MAX_CHAIN_BYTES + 32 * 1024;

/**
 * A name: in the list of names, and with the answer to its challenge, which may
 * be a certificate with a key; in bytes.
 */
const NAME_BYTES = 4 * 1024;

/**
 * The size of a zone for all that is wanted, in bytes: a power of two, so that
 * one name more seldom changes it. Memory is not used before it is written.
 */
export function roomFor(wanted: readonly Wanted[]): number {
  let bytes = 1;
  for (const { identifiers } of wanted) {
    bytes += CERTIFICATE_BYTES + identifiers.length * NAME_BYTES;
  }
  return 2 ** Math.ceil(Math.log2(bytes));
}
