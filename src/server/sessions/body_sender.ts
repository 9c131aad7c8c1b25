/** Sending a body that does not go out with its head. */

import { encodeChunk, lastChunk } from "../../http/http1/response_encoder.ts";
import type { BodySource } from "../../http/response.ts";
import type { Outgoing } from "../../http/http1/outgoing.ts";
import { contextOf } from "../../core/request_log.ts";
import type { Exchange } from "../../core/exchange.ts";
import { log } from "../../logging/logger.ts";
import type { Connection } from "../../net/connection.ts";
import { NOT_BY_DESCRIPTOR } from "../../net/transport.ts";
import { RUNTIME_USE } from "../../scheduling/runtime_use.ts";
import { SendBudget, SLOW_READ_MS } from "../../scheduling/send_budget.ts";
import { reasonOf } from "../error_response.ts";

/** The budget that all large bodies of this process share. */
export const BODY_BUDGET = new SendBudget();

/**
 * Sends the body of `outgoing`; what is wrong with it is logged.
 *
 * @returns whether all of it was sent
 */
export async function sendBody(
  connection: Connection,
  outgoing: Outgoing,
  exchange: Exchange,
): Promise<boolean> {
  try {
    return await sendPieces(connection, outgoing);
  } catch (error) {
    logBroken(exchange, error);
    return false;
  }
}

/** Says that a body could not be sent. */
export function logBroken(exchange: Exchange, error: unknown): void {
  log.error("the body of a response could not be continued", {
    ...contextOf(exchange),
    error: reasonOf(error),
  });
}

/**
 * Sends the body of `outgoing` piece by piece: the next piece is only asked
 * for when the one before is written.
 *
 * @returns whether all of it was written; if not, the connection has ended
 * @throws what the body throws when it cannot be continued, and an `Error`
 * when it has another length than was announced
 */
async function sendPieces(
  connection: Connection,
  { source, framing, trailer }: Outgoing,
): Promise<boolean> {
  if (source === undefined) return true;
  let left = source.length ?? Infinity;
  BODY_BUDGET.enter();
  try {
    if (framing === "length" && connection.sendsFiles) {
      const rest = await sendLent(connection, source, left);
      if (rest === undefined) return false;
      left = rest;
    }
    for (;;) {
      const beganAt = performance.now();
      const pulled = source.pull();
      const readMs = performance.now() - beganAt;
      const piece = pulled instanceof Promise ? await waitFor(pulled) : pulled;
      if (piece === undefined) break;
      left -= piece.length;
      if (left < 0) throw new Error("the body is longer than announced");
      if (piece.length === 0) continue;
      const turn = connection.isFair && readMs < SLOW_READ_MS
        ? undefined
        : BODY_BUDGET.take(piece.length, readMs);
      if (turn !== undefined) await turn;
      const isWritten = framing === "chunked"
        ? await connection.write(encodeChunk(piece))
        : await connection.write(piece, source.kept);
      if (!isWritten) return false;
    }
    if (left > 0 && left < Infinity) {
      throw new Error("the body is shorter than announced");
    }
    return framing !== "chunked" || await connection.write(lastChunk(trailer));
  } finally {
    BODY_BUDGET.leave();
  }
}

/** Waits for what the runtime has to do. */
async function waitFor<T>(pending: Promise<T>): Promise<T> {
  RUNTIME_USE.waiting++;
  try {
    return await pending;
  } finally {
    RUNTIME_USE.waiting--;
  }
}

/**
 * Sends what `source` lends of `left` bytes, but for the last one: whoever has
 * all of a body has bytes of one version, which is made sure of before that.
 *
 * @returns how many bytes are left; `undefined` if the connection has ended
 * @throws what the body throws when it cannot be continued
 */
async function sendLent(
  connection: Connection,
  source: BodySource,
  left: number,
): Promise<number | undefined> {
  if (source.lend === undefined || source.taken === undefined) return left;
  while (left > 1 && left < Infinity) {
    const lent = source.lend(left - 1);
    const part = lent instanceof Promise ? await waitFor(lent) : lent;
    const count = await connection.sendFile(part);
    if (count === undefined) return undefined;
    if (count === NOT_BY_DESCRIPTOR) return left;
    source.taken(count);
    left -= count;
  }
  return left;
}
