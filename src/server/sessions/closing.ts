/** How a connection ends after its last exchange. */

import { Field } from "../../http/fields.ts";
import { clientPersists } from "../../http/http1/keep_alive.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Connection } from "../../net/connection.ts";
import { CLOSE_SILENTLY } from "../dispatch.ts";

/**
 * Whether a connection that ends after its answer does so because its client
 * wants that: both go out in one segment then, which saves the system a
 * twentieth of a short connection (measured). Who may be sending the next
 * request has the answer before: what comes just as it is closed would take
 * that along.
 */
export function endsAsAsked({ request }: Exchange): boolean {
  return !clientPersists(request);
}

/**
 * How much goes out at once whatever its client does: ten segments (RFC 6928
 * §2). The rest of an answer may be in the system still, which drops it when
 * the connection is reset.
 */
const FIRST_FLIGHT_BYTES = 14_600;

/** What is known of the last exchange. */
interface LastExchange {
  /** Whether its answer went out whole. */
  readonly whole: boolean;
  /** Whether others have just gone out before it. */
  readonly owed: boolean;
  /** Whether its head came in pieces. */
  readonly inPieces: boolean;
  /** Whether its client has sent a request before it had the answer. */
  readonly hasPipelined: boolean;
}

/**
 * Ends the connection, so that the client sees the answers: a promise if that
 * takes its time.
 */
export function endAfter(
  connection: Connection,
  exchange: Exchange,
  last: LastExchange,
): Promise<void> | undefined {
  const { whole, owed } = last;
  if (connection.ended) return undefined;
  // A client that was promised more can tell only by an unclean close.
  const isFault = !whole && exchange.response !== CLOSE_SILENTLY;
  const reason = isFault ? "error" : "done";
  if (whole ? mayHaveMore(connection, exchange, last) : owed) {
    return connection.linger(reason);
  }
  connection.end(reason);
  return undefined;
}

/**
 * Whether the client may still be sending. What it has sent and nobody has
 * read would make the kernel reset the connection, and the client lose the
 * answer (RFC 9112 §9.6).
 */
function mayHaveMore(
  connection: Connection,
  exchange: Exchange,
  { inPieces, hasPipelined }: LastExchange,
): boolean {
  const { body, endsConnection, location, request } = exchange;
  const { lingering } = location.client;
  if (lingering !== "on") return lingering === "always";
  // Whoever sends bit by bit has perhaps not come to the end. A body that
  // nobody wanted may not have begun to come when it is answered.
  return connection.input.length > 0 || endsConnection || inPieces ||
    body?.done === false || request.has(Field.Expect) ||
    // One that would have gone on may have asked for more; with several requests
    // under way the next one may come at any time, as from apt.
    (clientPersists(request)
      ? hasPipelined || connection.hasUnread === true
      : exchange.bodyBytesSent > FIRST_FLIGHT_BYTES &&
        connection.hasUnread !== false);
}
