/**
 * nginx's predefined log format `combined`, byte for byte:
 *
 *     $remote_addr - $remote_user [$time_local] "$request" $status
 *     $body_bytes_sent "$http_referer" "$http_user_agent"
 *
 * on one line. A variable without a value is `-`; a header that is there and
 * empty is empty. What the client sent is escaped as `escape=default` says.
 */

import { formatTimeLocal, SecondCache } from "./local_time.ts";
import type { LogBuffer } from "./log_buffer.ts";

/**
 * What is known of an answered request. The client's own words are offsets into
 * the bytes it sent, so that logging them makes no strings; a start of -1 says
 * that there is no such thing.
 */
export interface AccessRecord {
  /** The client's address, without the port. */
  readonly remoteAddress: string;
  /** The name the client authenticated with, if it did. */
  readonly remoteUser: string | undefined;
  /** The status of the response, 0 if none was sent. */
  readonly status: number;
  /** How many bytes of the body were sent, without the head. */
  readonly bodyBytesSent: number;
  /** The bytes that hold the head of the request. */
  readonly head: Uint8Array;
  /** Where the request line begins in `head`, or -1. */
  readonly lineStart: number;
  /** Where the request line ends, without its line terminator. */
  readonly lineEnd: number;
  /** Where the value of `Referer` begins in `head`, or -1. */
  readonly refererStart: number;
  /** Where the value of `Referer` ends. */
  readonly refererEnd: number;
  /** Where the value of `User-Agent` begins in `head`, or -1. */
  readonly agentStart: number;
  /** Where the value of `User-Agent` ends. */
  readonly agentEnd: number;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const HYPHEN = 0x2d;
const LINE_FEED = 0x0a;

const times = new SecondCache(formatTimeLocal);

/**
 * Appends the line of `record`, logged at `nowMs` (ms since the epoch), with
 * its line terminator.
 */
export function appendCombined(
  out: LogBuffer,
  record: AccessRecord,
  nowMs: number,
): void {
  const { head, remoteUser } = record;
  out.appendEscapedString(record.remoteAddress);
  out.appendLatin1(" - ");
  if (remoteUser === undefined || remoteUser === "") out.appendByte(HYPHEN);
  else out.appendEscapedString(remoteUser);
  out.appendLatin1(" [");
  out.appendBytes(times.at(nowMs));
  out.appendLatin1("] ");
  appendQuoted(out, head, record.lineStart, record.lineEnd);
  out.appendByte(SPACE);
  appendStatus(out, record.status);
  out.appendByte(SPACE);
  out.appendInteger(record.bodyBytesSent);
  out.appendByte(SPACE);
  appendQuoted(out, head, record.refererStart, record.refererEnd);
  out.appendByte(SPACE);
  appendQuoted(out, head, record.agentStart, record.agentEnd);
  out.appendByte(LINE_FEED);
}

/** Three digits, as nginx's `%03ui`. */
function appendStatus(out: LogBuffer, status: number): void {
  if (status < 100) out.appendLatin1(String(status).padStart(3, "0"));
  else out.appendInteger(status);
}

function appendQuoted(
  out: LogBuffer,
  head: Uint8Array,
  start: number,
  end: number,
): void {
  out.appendByte(QUOTE);
  if (start < 0) out.appendByte(HYPHEN);
  else out.appendEscaped(head, start, end);
  out.appendByte(QUOTE);
}
