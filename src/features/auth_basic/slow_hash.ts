/** Passwords that are hashed in ways that take long, on purpose. */

import apacheMd5 from "apache-md5";
import { bcryptVerify } from "hash-wasm";
import { bytesOf } from "../../http/byte_string.ts";
import { sameSecret } from "./password_hash.ts";
import { shaCrypt } from "./sha_crypt.ts";

/** The package is the function itself, whatever its types say. */
const md5Crypt = apacheMd5 as unknown as (
  password: string,
  stored: string,
) => string;

/** More of a password bcrypt does not look at, in bytes. */
const BCRYPT_BYTES = 72;

/**
 * Whether `password`, a byte string without NUL, is the one of `stored`, which
 * is a hash that `isSlow`.
 */
export async function matchesSlowly(
  password: string,
  stored: string,
): Promise<boolean> {
  if (stored.startsWith("$2")) {
    // Its key ends with NUL, so an empty password is the same as one NUL.
    const bytes = bytesOf(password.slice(0, BCRYPT_BYTES) || "\0");
    return await bcryptVerify({ password: bytes, hash: stored });
  }
  const hash = /^\$[56]/.test(stored)
    ? shaCrypt(bytesOf(password), stored)
    : md5Crypt(password, stored);
  return hash !== undefined && sameSecret(hash, stored);
}
