/** Whether a connection goes on after a request (RFC 9112 §9.3). */

import { Field } from "../fields.ts";
import type { RequestHead } from "../request_head.ts";
import { trimWhitespace } from "../text_scan.ts";

/** What the client's head says about the connection's future. */
export type Persistence = "persist" | "close";

/**
 * HTTP/1.1 persists unless `close` is among the connection options; HTTP/1.0
 * persists only if `keep-alive` is. `close` wins when both are there.
 */
export function requestPersistence(head: RequestHead): Persistence {
  // What browsers say; no string is made of it.
  if (head.isToken(Field.Connection, "keep-alive")) return "persist";
  const value = head.value(Field.Connection);
  if (value === undefined) return head.minorVersion === 1 ? "persist" : "close";
  if (hasToken(value, "close")) return "close";
  if (head.minorVersion === 1) return "persist";
  return hasToken(value, "keep-alive") ? "persist" : "close";
}

/** Whether `token` (lower case) is a member of a comma-separated list. */
export function hasToken(list: string, token: string): boolean {
  if (list.length < token.length) return false;
  const lower = list.toLowerCase();
  if (lower === token) return true;
  if (!lower.includes(token)) return false;
  return lower.split(",").some((member) => trimWhitespace(member) === token);
}
