import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { RequestParser } from "../../src/http/http1/request_parser.ts";
import {
  type AccessRecord,
  appendCombined,
} from "../../src/features/logs/combined.ts";
import { LogBuffer } from "../../src/logging/log_buffer.ts";
import { BROWSER_HEAD, SHORT_HEAD } from "./heads.ts";

/** When the requests are logged, in ms since the epoch. */
const NOW_MS = Date.UTC(2024, 0, 1);

/** The buffer is emptied when it holds this many bytes. */
const FLUSH_BYTES = 64 * 1024;

function recordOf(bytes: Uint8Array): AccessRecord {
  const parser = new RequestParser(DEFAULT_HEAD_LIMITS);
  const head = parser.parse(bytes, 0, bytes.length)!;
  return {
    remoteAddress: "203.0.113.195",
    remoteUser: undefined,
    status: 200,
    bodyBytesSent: 1024,
    request: head,
  };
}

function benchLine(name: string, head: Uint8Array): void {
  const record = recordOf(head);
  const buffer = new LogBuffer(2 * FLUSH_BYTES);
  Deno.bench(`appendCombined() of ${name}`, () => {
    appendCombined(buffer, record, NOW_MS);
    buffer.endLine();
    if (buffer.length > FLUSH_BYTES) buffer.clear();
  });
}

benchLine("a short head", SHORT_HEAD);
benchLine("a browser's head", BROWSER_HEAD);
