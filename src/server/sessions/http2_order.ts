/** Whose piece goes out next (RFC 9218 §10). */

import type { ServedStream } from "./http2_stream.ts";

/** One turn in so many is for whoever has waited longest, however urgent the
 * others are: so nobody waits for ever. */
const SHARED_TURNS = 8;

/**
 * The stream to send a piece of, if any can. Of `streams` the first has waited
 * longest. The most urgent ones come first; among them those that are of use
 * only as a whole go one after the other, in the order they were asked for,
 * and in every other turn one that is of use in parts, which take turns.
 * Those that wait for their client are told so.
 */
export function nextToSend(
  streams: Iterable<ServedStream>,
  turn: number,
): ServedStream | undefined {
  let whole: ServedStream | undefined;
  let part: ServedStream | undefined;
  let urgency = Infinity;
  for (const served of streams) {
    const { readiness, stream } = served;
    if (readiness === "blocked") served.blocked();
    if (readiness !== "ready") continue;
    if (turn % SHARED_TURNS === 0) return served;
    const { priority } = stream;
    if (priority.urgency > urgency) continue;
    if (priority.urgency < urgency) {
      urgency = priority.urgency;
      whole = part = undefined;
    }
    if (priority.incremental) part ??= served;
    else if (whole === undefined || stream.id < whole.stream.id) whole = served;
  }
  return turn % 2 === 0 ? part ?? whole : whole ?? part;
}
