/**
 * What is fuzzed, each with the invariant that must hold for every input:
 *
 * - nothing but an `HttpError` is ever thrown, and one for a broken head
 *   always closes the connection;
 * - nothing behind a request is consumed with it;
 * - the result is the same however the bytes are split;
 * - what is kept is bounded, and each byte is looked at a bounded number of
 *   times;
 * - a regular expression means the same, whoever runs it.
 */

import { assert, assertEquals } from "@std/assert";
import { ByteBuffer } from "../src/bytes/byte_buffer.ts";
import {
  ChunkedDecoder,
  LengthDecoder,
} from "../src/http/http1/body_decoder.ts";
import { HttpError } from "../src/http/errors.ts";
import { requestFraming } from "../src/http/http1/framing.ts";
import { parseHost } from "../src/http/host.ts";
import { clientPersists } from "../src/http/http1/keep_alive.ts";
import { DEFAULT_HEAD_LIMITS, type HeadLimits } from "../src/http/limits.ts";
import { chooseEncoding } from "../src/http/semantics/negotiation.ts";
import { parseRange } from "../src/http/semantics/range.ts";
import { RequestParser } from "../src/http/http1/request_parser.ts";
import { normalizePath, parseTarget } from "../src/http/target.ts";
import { compile } from "../src/regex/engine/compile.ts";
import { run } from "../src/regex/engine/machine.ts";
import { nativeRegex } from "../src/regex/engine/native.ts";
import { parsePattern } from "../src/regex/syntax/parser.ts";
import { PatternError } from "../src/regex/pattern_error.ts";
import type { Program } from "../src/regex/engine/program.ts";
import type { Syntax } from "../src/regex/syntax/syntax.ts";
import { concat, textOf } from "../tests/support/latin1.ts";
import { fuzzFrames, fuzzHpack, fuzzSessions } from "./http2.ts";
import {
  randomPattern,
  randomScraps,
  randomSubject,
  repeatedSubject,
} from "./patterns.ts";
import { type Random, randomInput, randomPieces } from "./random.ts";

/** Small limits, so that random input reaches them. */
const LIMITS: HeadLimits = {
  ...DEFAULT_HEAD_LIMITS,
  lineBytes: 512,
  headBytes: 1024,
  fields: 12,
};

/** How the server reads a stream: what it saw, in words. */
function readStream(pieces: readonly Uint8Array[]): string[] {
  const buffer = new ByteBuffer(16, LIMITS.headBytes + 1);
  const parser = new RequestParser(LIMITS);
  const seen: string[] = [];
  let body: ChunkedDecoder | LengthDecoder | undefined;
  let content = 0;
  const waiting = [...pieces];
  try {
    for (;;) {
      if (body !== undefined) {
        while (!body.done && buffer.length > 0) {
          const { bytes, start, end } = buffer;
          const consumed = body.decode(bytes, start, end);
          assert(consumed > 0, "a decoder made no progress");
          content += body.dataEnd - body.dataStart;
          buffer.consume(consumed);
        }
        if (body.done) {
          seen.push(`body of ${content}`);
          body = undefined;
        }
      }
      if (body === undefined && buffer.length > 0) {
        const head = parser.parse(buffer.bytes, buffer.start, buffer.end);
        if (head !== undefined) {
          assert(head.fieldCount <= LIMITS.fields, "too many fields kept");
          assert(parser.length <= LIMITS.headBytes, "too large a head kept");
          assert(head.target.length <= LIMITS.lineBytes, "too long a target");
          seen.push(
            `${head.method} ${head.target} ${head.version} ` +
              JSON.stringify([...head.entries()]) + clientPersists(head),
          );
          buffer.consume(parser.length);
          const framing = requestFraming(head);
          parser.reset();
          content = 0;
          if (framing.kind === "chunked") body = new ChunkedDecoder();
          if (framing.kind === "length") {
            body = new LengthDecoder(framing.length);
          }
          continue;
        }
      }
      let piece = waiting.shift();
      if (piece === undefined) {
        const within = body !== undefined || parser.begun;
        seen.push(within ? "open, within a request" : "open, idle");
        return seen;
      }
      const room = buffer.writable();
      assert(room.length > 0, "the buffer is full and nobody said 431");
      if (piece.length > room.length) {
        waiting.unshift(piece.subarray(room.length));
        piece = piece.subarray(0, room.length);
      }
      room.set(piece);
      buffer.commit(piece.length);
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    assert(error.close, `${error.status} leaves the connection open`);
    assert(error.status >= 400 && error.status < 600);
    seen.push(`error ${error.status} ${error.message}`);
    return seen;
  }
}

/** The same stream is read the same way, whole, in pieces and byte by byte. */
export function fuzzStream(random: Random): void {
  const input = randomInput(random);
  const whole = readStream([input]);
  assertEquals(readStream(randomPieces(input, random)), whole);
  assertEquals(
    readStream(Array.from(input, (_, i) => input.subarray(i, i + 1))),
    whole,
  );
}

/** What stands behind a complete stream changes nothing before it. */
export function fuzzTrailing(random: Random): void {
  const input = randomInput(random);
  const alone = readStream([input]);
  if (alone.at(-1) !== "open, idle") return;
  const next = new TextEncoder().encode(
    "GET /next HTTP/1.1\r\nHost: n\r\n\r\n",
  );
  const both = readStream([concat([input, next])]);
  assertEquals(both.slice(0, alone.length - 1), alone.slice(0, -1));
  // A CR at the very end may belong to an empty line before the next request.
  if (input.at(-1) !== 0x0d) assert(both.length === alone.length + 1);
}

/** How many bytes a parser may look at per byte of input. */
const MAX_LOOKS_PER_BYTE = 8;

/** Byte-at-a-time input costs linear time: every look at a byte is counted. */
export function fuzzLinear(random: Random): void {
  const input = randomInput(random);
  let looks = 0;
  const counted = new Proxy(input, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) looks++;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const parser = new RequestParser(LIMITS);
  try {
    for (let end = 1; end <= input.length; end++) {
      if (parser.parse(counted, 0, end) !== undefined) break;
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
  assert(
    looks <= MAX_LOOKS_PER_BYTE * (input.length + 1),
    `${looks} looks at ${input.length} bytes`,
  );
}

/** Values of fields and targets, which come as one character per byte. */
export function fuzzValues(random: Random): void {
  const text = textOf(randomInput(random)).slice(0, random.below(200));
  onlyHttpErrors(() => parseTarget(text));
  onlyHttpErrors(() => {
    const path = normalizePath(`/${text}`, { mergeSlashes: true });
    assert(path.startsWith("/"), "a path without a slash");
    assert(!/\/\.\.?(\/|$)/.test(path), `"${path}" has dot segments`);
    assert(!path.includes("\0"), "a NUL in a path");
    assert(!path.includes("//"), "slashes that should be merged");
  });
  const host = parseHost(text);
  if (host !== undefined) {
    assert(!/[\s/\\]|\.\.|^\./.test(host.host), `host "${host.host}"`);
  }
  const size = random.below(50);
  const range = parseRange(`bytes=${text}`, size, { maxRanges: 10 });
  if (range.kind === "single") {
    assert(0 <= range.start && range.start < range.end && range.end <= size);
  }
  if (range.kind === "multiple") assert(range.ranges.length <= 10);
  const coding = chooseEncoding(text, ["br", "gzip"]);
  assert(["br", "gzip", "identity", "not_acceptable"].includes(coding));
}

function onlyHttpErrors(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
}

/** Whatever a pattern is, V8 and the machine find the same, and find an end. */
export function fuzzPatterns(random: Random): void {
  const source = random.below(3) === 0
    ? randomScraps(random)
    : randomPattern(random);
  const syntax = readPattern(source, random.below(4) === 0);
  if (syntax === undefined) return;
  const program = compile(syntax);
  const native = nativeRegex(syntax);
  const text = randomSubject(random).replaceAll("\n", " ");
  const outcome = outcomeOf(program, text, 2000);
  assertEquals(outcomeOf(program, text, 0), outcome, source);
  const match = native?.exec(text);
  if (match !== undefined && outcome !== "limit") {
    const taken = outcome === "none" ? null : outcome;
    assertEquals(match === null ? null : [...match], taken, source);
  }
  outcomeOf(program, repeatedSubject(random, 500), 2000);
}

function readPattern(source: string, ignoreCase: boolean): Syntax | undefined {
  try {
    return parsePattern(source, ignoreCase);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** The parts of the text that the machine takes. */
function outcomeOf(
  program: Program,
  text: string,
  rememberAfter: number,
): (string | undefined)[] | "none" | "limit" {
  const outcome = run(program, text, rememberAfter);
  if (typeof outcome === "string") return outcome;
  return Array.from({ length: outcome.length / 2 }, (_, group) => {
    const end = outcome[2 * group + 1]!;
    return end < 0 ? undefined : text.slice(outcome[2 * group]!, end);
  });
}

/** Everything that is fuzzed. */
export const TARGETS: Readonly<Record<string, (random: Random) => void>> = {
  stream: fuzzStream,
  trailing: fuzzTrailing,
  linear: fuzzLinear,
  values: fuzzValues,
  patterns: fuzzPatterns,
  frames: fuzzFrames,
  sessions: fuzzSessions,
  hpack: fuzzHpack,
};
