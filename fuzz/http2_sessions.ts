/**
 * Sessions of HTTP/2: frames in an order that a client might send them in, and
 * the same with something changed about a few of them. Changed ones get deeper
 * than frames of anything would.
 */

import { Flag, FrameType, PREFACE } from "../src/http/http2/frames.ts";
import {
  block,
  type Fields,
  frame,
  number32,
  request,
  reset,
  settings,
  windowUpdate,
} from "../tests/support/http2_client.ts";
import { concat } from "../tests/support/latin1.ts";
import { type Random } from "./random.ts";

/** What sessions are about. */
export interface SessionOptions {
  /** The paths that are asked for. */
  readonly paths: readonly string[];
  /** The name of the host. */
  readonly authority: string;
  /** Fields that a request may have besides. */
  readonly fields: Fields;
  /** Most requests; no more than may be open at once. */
  readonly requests: number;
  /** Most bytes of a request's body; no more than its first window. */
  readonly bodyBytes: number;
}

/** The frames of a session, without the preface. */
export interface Session {
  /** The frames, in their order. */
  readonly frames: readonly Uint8Array[];
  /** How many requests are whole. */
  readonly requests: number;
}

/** A session that nothing is wrong with. */
export function randomSession(
  random: Random,
  { paths, authority, fields, requests, bodyBytes }: SessionOptions,
): Session {
  const count = 1 + random.below(requests);
  const frames: Uint8Array[] = [
    settings(
      ...random.below(2) === 0 ? [] : [[4, 1 + random.below(100_000)] as const],
    ),
  ];
  for (let n = 0; n < count; n++) {
    const id = 2 * n + 1;
    frames.push(...between(random, id));
    const method = random.pick(["GET", "GET", "HEAD", "POST"]);
    const list: Fields = [
      [":method", method],
      [":scheme", "http"],
      [":authority", authority],
      [":path", random.pick(paths)],
      ...fields.filter(() => random.below(fields.length) === 0),
    ];
    frames.push(...head(random, id, list, method !== "POST"));
    if (method !== "POST") continue;
    const body = "b".repeat(random.below(bodyBytes + 1));
    const half = random.below(body.length + 1);
    frames.push(
      frame(FrameType.Data, Flag.None, id, body.slice(0, half)),
      ...between(random, id),
      frame(FrameType.Data, Flag.EndStream, id, body.slice(half)),
    );
  }
  return { frames, requests: count };
}

/** What may be said at any time on behalf of stream `id` or of nothing. */
function between(random: Random, id: number): Uint8Array[] {
  return random.pick<() => Uint8Array[]>([
    () => [],
    () => [],
    () => [frame(FrameType.Ping, Flag.None, 0, "12345678")],
    () => [windowUpdate(0, 1 + random.below(10_000))],
    () => [settings([4, random.below(70_000)])],
    () => [settings([1, random.below(5000)])],
    () => [frame(FrameType.Priority, Flag.None, id, "\0\0\0\0\x10")],
    () => [
      frame(
        FrameType.PriorityUpdate,
        Flag.None,
        0,
        concat([number32(id), new TextEncoder().encode("u=1, i")]),
      ),
    ],
    () => [frame(0x20 + random.below(100), random.below(256), id, "unknown")],
  ])();
}

/** The fields of a request in one frame or several, padded or not. */
function head(
  random: Random,
  id: number,
  fields: Fields,
  ends: boolean,
): Uint8Array[] {
  const end = ends ? Flag.EndStream : Flag.None;
  if (random.below(3) > 0) {
    return [request(id, fields, Flag.EndHeaders | end)];
  }
  const bytes = block(fields);
  const at = random.below(bytes.length + 1);
  const padding = random.below(20);
  const first = concat([
    Uint8Array.of(padding),
    bytes.subarray(0, at),
    new Uint8Array(padding),
  ]);
  return [
    frame(FrameType.Headers, Flag.Padded | end, id, first),
    frame(
      FrameType.Continuation,
      Flag.EndHeaders,
      id,
      bytes.subarray(at),
    ),
  ];
}

/** Most changes to one session. */
const MAX_CHANGES = 4;

/** The session with something changed, as bytes. */
export function mutatedSession(
  random: Random,
  { frames }: Session,
): Uint8Array<ArrayBuffer> {
  const all = frames.map((bytes) => bytes.slice());
  for (let n = 1 + random.below(MAX_CHANGES); n > 0; n--) change(random, all);
  const bytes = concat([PREFACE, ...all]);
  if (random.below(8) !== 0) return bytes;
  return bytes.slice(0, random.below(bytes.length + 1));
}

function change(random: Random, frames: Uint8Array[]): void {
  const at = random.below(frames.length);
  const bytes = frames[at];
  if (bytes === undefined) return;
  const other = random.below(frames.length);
  random.pick<() => void>([
    // The kind, the flags, the stream, the length, some byte of it.
    () => bytes[3] = random.below(12),
    () => bytes[4] = bytes[4]! ^ (1 << random.below(8)),
    () => bytes[8] = random.pick([0, 1, 2, 3, 5, 7, 99, 255]),
    () => bytes[2] = bytes[2]! + random.below(5) - 2,
    () => bytes[random.below(bytes.length)] = random.below(256),
    () => bytes[random.below(bytes.length)]! ^= 1 << random.below(8),
    // Frames that are not there, twice, or in another place.
    () => frames.splice(at, 1),
    () => frames.splice(at, 0, bytes.slice()),
    () => frames.splice(other, 0, ...frames.splice(at, 1)),
    () => frames.splice(at, 0, reset(random.pick([1, 3, 5]), 8)),
    () => frames.splice(at, 0, windowUpdate(random.below(6), 2 ** 31 - 1)),
    () => frames.splice(at, 0, settings([random.below(10), random.below(9)])),
  ])();
}
