/**
 * HTTP/2, fuzzed: whatever a client sends, nothing but a `ConnectionFault` is
 * thrown, the result is the same however the bytes are split, and streams,
 * bodies and what is sent are bounded.
 */

import { assert, assertEquals } from "@std/assert";
import { ByteBuffer } from "../src/bytes/byte_buffer.ts";
import { Http2Engine, type Http2Events } from "../src/http/http2/engine.ts";
import {
  ConnectionFault,
  ErrorCode,
  FrameType,
  PREFACE,
} from "../src/http/http2/frames.ts";
import { HpackDecoder } from "../src/http/http2/hpack/decoder.ts";
import { encodeAlone, HpackEncoder } from "../src/http/http2/hpack/encoder.ts";
import { STATIC_TABLE } from "../src/http/http2/hpack/table.ts";
import { Output } from "../src/http/http2/output.ts";
import { requestOf } from "../src/http/http2/request_fields.ts";
import type { Http2Stream } from "../src/http/http2/stream.ts";
import { DEFAULT_HEAD_LIMITS, type HeadLimits } from "../src/http/limits.ts";
import { concat } from "../tests/support/latin1.ts";
import {
  mutatedSession,
  randomSession,
  type SessionOptions,
} from "./http2_sessions.ts";
import { type Random, randomPieces } from "./random.ts";

/** Small limits, so that random input reaches them. */
const LIMITS: HeadLimits = {
  ...DEFAULT_HEAD_LIMITS,
  lineBytes: 64,
  headBytes: 512,
  fields: 8,
};

const SETTINGS = { concurrentStreams: 4, prereadBytes: 100 };

/** The largest answer to one frame: a response, a reset and a window. */
const MAX_SENT_PER_FRAME = 1024;

const NAMES = [
  ...[":method", ":scheme", ":path", ":authority", ":status"],
  ...["host", "te", "connection", "content-length", "cookie", "X", "priority"],
];

const VALUES = [
  ...["GET", "POST", "http", "/", "/a?b", "*", "a.example", "3", "trailers"],
  ...["u=1, i", "a\r\nb", " x", "x".repeat(80), "CONNECT", ""],
];

function randomBytes(random: Random, most: number): Uint8Array {
  return Uint8Array.from(
    { length: random.below(most) },
    () => random.below(256),
  );
}

function randomBlock(random: Random): Uint8Array {
  if (random.below(6) === 0) return randomBytes(random, 30);
  const output = new Output();
  if (random.below(3) > 0) {
    for (const [at, name] of NAMES.slice(0, 4).entries()) {
      encodeAlone(name, ["GET", "http", "/", "a"][at]!, output);
    }
  }
  for (let count = random.below(4); count > 0; count--) {
    encodeAlone(random.pick(NAMES), random.pick(VALUES), output);
  }
  return output.take();
}

/** A frame that makes sense, more or less. */
function randomFrame(random: Random): Uint8Array {
  const type = random.below(12) === 11
    ? FrameType.PriorityUpdate
    : random.below(11);
  const payload = type === FrameType.Headers ||
      (type === FrameType.Continuation && random.below(2) === 0)
    ? randomBlock(random)
    : random.below(2) === 0
    ? randomBytes(random, 40)
    : Uint8Array.from(
      { length: random.pick([0, 4, 5, 6, 8, 12]) },
      (_, at) => at % 6 === 1 ? random.below(7) : random.below(3),
    );
  const output = new Output();
  const flags = random.pick([0, 1, 4, 5, 5, 5, 8, 13, 32, 255]);
  const id = random.below(4) === 0 ? 0 : random.below(24);
  output.frame(type, flags, id, payload.length);
  output.bytes(payload);
  return output.take();
}

/** What an engine does with the bytes, in words. */
function observe(pieces: readonly Uint8Array[]): string[] {
  const input = new ByteBuffer(64, 20_000);
  const seen: string[] = [];
  const events: Http2Events = {
    get busy() {
      return engine.streams.size;
    },
    request(stream, list, ended) {
      const parsed = requestOf(list, LIMITS);
      const text = typeof parsed === "string" ? parsed : parsed.head.line;
      seen.push(`${stream.id} ${text} ${ended}`);
      if (typeof parsed === "string") {
        return engine.refuse(stream, ErrorCode.ProtocolError, parsed);
      }
      assert(parsed.head.target.length <= LIMITS.lineBytes);
      stream.contentLength = parsed.contentLength;
      stream.user = {
        data(piece) {
          seen.push(`${stream.id} data ${piece.length}`);
          engine.consumed(stream, piece.length);
        },
        bodyEnded: () => answer(stream),
        abandoned: (why) => void seen.push(`${stream.id} ${why}`),
        unread: () => engine.reset(stream, ErrorCode.NoError),
        changed: () => void seen.push(`${stream.id} changed`),
      };
      if (ended) answer(stream);
    },
    answered: () => void seen.push("pong"),
  };
  const engine = new Http2Engine(SETTINGS, LIMITS, events);
  function answer(stream: Http2Stream): void {
    if (!stream.sends) return;
    const isLast = stream.id % 4 === 1;
    engine.sendFields(stream, undefined, [[":status", "200"]], isLast);
    if (!isLast && engine.roomOf(stream) > 0) {
      engine.sendData(stream, Uint8Array.of(1), stream.id % 8 === 3);
    }
  }
  try {
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0;) {
        const free = input.writable();
        const count = Math.min(free.length, rest.length);
        free.set(rest.subarray(0, count));
        input.commit(count);
        rest = rest.subarray(count);
        while (engine.receive(input)) {
          const sent = engine.output.take();
          seen.push(sent.toHex());
          assert(sent.length <= MAX_SENT_PER_FRAME, `${sent.length} bytes`);
          assert(engine.streams.size <= SETTINGS.concurrentStreams);
          for (const { receiveWindow } of engine.streams.values()) {
            assert(receiveWindow >= 0 && receiveWindow <= 100);
          }
        }
      }
    }
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error;
    seen.push(error.message);
  }
  return seen;
}

/** Frames of all kinds, one behind the other. */
export function fuzzFrames(random: Random): void {
  const settings = new Output();
  settings.frame(FrameType.Settings, 0, 0, 0);
  const input = concat([
    PREFACE,
    ...(random.below(20) === 0 ? [] : [settings.take()]),
    ...Array.from(
      { length: random.below(20) },
      () => randomFrame(random),
    ),
  ]);
  if (random.below(4) === 0) {
    const at = random.below(input.length);
    input[at] = input[at]! ^ 1;
  }
  const whole = observe([input]);
  assertEquals(observe(randomPieces(input, random)), whole);
}

/** Sessions that are right, as {@linkcode observe}'s small limits see it. */
const SESSIONS: SessionOptions = {
  paths: ["/", "/a?b", "/%41"],
  authority: "a",
  fields: [["priority", "u=1"], ["cookie", "a"], ["x", "y"]],
  requests: SETTINGS.concurrentStreams,
  bodyBytes: SETTINGS.prereadBytes,
};

/**
 * Sessions that are right have an answer to each request, and no fault; what
 * becomes of them when something is changed does not depend on how the bytes
 * are split.
 */
export function fuzzSessions(random: Random): void {
  const session = randomSession(random, SESSIONS);
  const right = observe([concat([PREFACE, ...session.frames])]);
  const answered = right.filter((line) =>
    / HTTP\/2\.0 (true|false)$/.test(line)
  );
  assertEquals(answered.length, session.requests, right.join("\n"));
  assert(!right.at(-1)!.startsWith("client "), right.at(-1)!);
  const input = mutatedSession(random, session);
  assertEquals(observe(randomPieces(input, random)), observe([input]));
}

/** Field blocks: of anything, and of fields, which come out as they went in. */
export function fuzzHpack(random: Random): void {
  const broken = new HpackDecoder();
  try {
    let size = 0;
    const block = randomBytes(random, 200);
    broken.decode(block, ({ name, value }) => {
      size += name.length + value.length;
    });
    // No field is longer than its code could be, and no block has more.
    assert(size <= block.length * block.length * 2 + 64 * block.length);
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error;
  }
  const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder()];
  for (let count = random.below(8); count > 0; count--) {
    if (random.below(3) === 0) encoder.limitTable(random.below(400));
    const output = new Output();
    encoder.begin(output);
    const fields = Array.from({ length: random.below(6) }, () =>
      [
        random.pick(STATIC_TABLE).name,
        String.fromCharCode(...randomBytes(random, 60)),
      ] as const);
    for (const [name, value] of fields) encoder.encode(name, value, output);
    const found: (readonly [string, string])[] = [];
    decoder.decode(
      output.take(),
      ({ name, value }) => void found.push([name, value]),
    );
    assertEquals(found, fields);
  }
}
