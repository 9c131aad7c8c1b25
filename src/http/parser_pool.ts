/**
 * Parsers at rest. An idle connection holds none, and most connections are
 * idle.
 */

import type { HeadLimits } from "./limits.ts";
import { RequestParser } from "./request_parser.ts";

/** How many parsers are kept for reuse. */
const MAX_IDLE_PARSERS = 256;

const idle: RequestParser[] = [];

/** A parser that is at the beginning of a head with `limits`. */
export function takeParser(limits: HeadLimits): RequestParser {
  const parser = idle.pop() ?? new RequestParser(limits);
  parser.reset(limits);
  return parser;
}

/** Takes a parser back; the heads it gave are not used any more. */
export function giveParserBack(parser: RequestParser): void {
  if (idle.length < MAX_IDLE_PARSERS) idle.push(parser);
}
