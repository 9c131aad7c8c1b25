/** Credentials of the `Basic` scheme (RFC 7617). */

/** What a client says of who it is, as byte strings. */
export interface BasicCredentials {
  /** The name, without a colon; never empty, as in nginx. */
  readonly user: string;
  /** The password. */
  readonly password: string;
}

/** The scheme, and its credentials as `token68` (RFC 9110 §11.2). */
const BASIC = /^basic +([a-z0-9+/]+)=*$/i;

/**
 * The credentials in a value of `Authorization`; `undefined` if it has none of
 * this scheme. What several lines say is a list, and none.
 */
export function basicCredentials(
  authorization: string | undefined,
): BasicCredentials | undefined {
  const [, encoded] = BASIC.exec(authorization ?? "") ?? [];
  if (encoded === undefined || encoded.length % 4 === 1) return undefined;
  const decoded = atob(encoded);
  const colon = decoded.indexOf(":");
  return colon < 1 ? undefined : {
    user: decoded.slice(0, colon),
    password: decoded.slice(colon + 1),
  };
}
