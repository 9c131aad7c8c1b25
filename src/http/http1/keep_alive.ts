/** Whether a connection goes on after a request (RFC 9112 §9.3). */

import { Field } from "../fields.ts";
import type { RequestHead } from "../request_head.ts";
import { trimWhitespace } from "../text_scan.ts";

/**
 * Whether the client lets the connection persist: HTTP/1.1 does unless `close`
 * is among the connection options; HTTP/1.0 only if `keep-alive` is. `close`
 * wins when both are there.
 */
export function clientPersists(head: RequestHead): boolean {
  const isOld = head.version === "1.0";
  if (!head.has(Field.Connection)) return !isOld;
  // What nearly all say; no string is made of it.
  if (head.isToken(Field.Connection, "keep-alive")) return true;
  if (head.isToken(Field.Connection, "close")) return false;
  const value = head.value(Field.Connection)!;
  return !hasToken(value, "close") && (!isOld || hasToken(value, "keep-alive"));
}

/** Whether `token` (lower case) is a member of a comma-separated list. */
export function hasToken(list: string, token: string): boolean {
  if (list.length < token.length) return false;
  const lower = list.toLowerCase();
  if (lower === token) return true;
  if (!lower.includes(token)) return false;
  return lower.split(",").some((member) => trimWhitespace(member) === token);
}
