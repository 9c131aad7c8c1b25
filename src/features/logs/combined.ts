/**
 * nginx's predefined log format `combined`, byte for byte:
 *
 *     $remote_addr - $remote_user [$time_local] "$request" $status
 *     $body_bytes_sent "$http_referer" "$http_user_agent"
 *
 * on one line. A variable without a value is `-`; a header that is there and
 * empty is empty. What the client sent is escaped as `escape=default` says.
 */

import { bytesOf } from "../../http/byte_string.ts";
import { Field } from "../../http/fields.ts";
import type { RequestHead } from "../../http/request_head.ts";
import { formatTimeLocal } from "../../logging/local_time.ts";
import type { LogBuffer } from "../../logging/log_buffer.ts";

/**
 * What is known of an answered request. The client's own words are offsets into
 * the head of its request, so that logging them makes no strings; a start of -1
 * says that there is no such thing.
 */
export interface AccessRecord {
  /** The client's address, without the port. */
  readonly remoteAddress: string;
  /** The name the client says it has, a byte string, if it does. */
  readonly remoteUser: string | undefined;
  /** The status of the response, 0 if none was sent. */
  readonly status: number;
  /** How many bytes of the body were sent, without the head. */
  readonly bodyBytesSent: number;
  /** The head of the request. */
  readonly request: Pick<
    RequestHead,
    "bytes" | "lineStart" | "lineEnd" | "valueStart" | "valueEnd"
  >;
}

const BETWEEN_QUOTES = '" "';

/** The time of the last line, which most others share. */
let second = NaN;
let time: Uint8Array;

/**
 * Appends the line of `record`, logged at `nowMs` (ms since the epoch), with
 * its line terminator.
 */
export function appendCombined(
  out: LogBuffer,
  record: AccessRecord,
  nowMs: number,
): void {
  const { remoteUser, request, status } = record;
  const { bytes } = request;
  out.appendEscapedString(record.remoteAddress);
  if (remoteUser === undefined || remoteUser === "") {
    out.appendLatin1(" - - [");
  } else {
    out.appendLatin1(" - ");
    out.appendValue(bytesOf(remoteUser), 0, remoteUser.length);
    out.appendLatin1(" [");
  }
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    time = new TextEncoder().encode(formatTimeLocal(now * 1000));
    second = now;
  }
  out.appendBytes(time);
  out.appendLatin1('] "');
  out.appendValue(bytes, request.lineStart, request.lineEnd);
  out.appendLatin1('" ');
  if (status < 100) out.appendLatin1(String(status).padStart(3, "0"));
  else out.appendInteger(status);
  out.appendLatin1(" ");
  out.appendInteger(record.bodyBytesSent);
  out.appendLatin1(' "');
  out.appendValue(
    bytes,
    request.valueStart(Field.Referer),
    request.valueEnd(Field.Referer),
  );
  out.appendLatin1(BETWEEN_QUOTES);
  out.appendValue(
    bytes,
    request.valueStart(Field.UserAgent),
    request.valueEnd(Field.UserAgent),
  );
  out.appendLatin1('"\n');
}
