/** Whether and how HTTP/2 is spoken. */

import { type AnyDirective, defineDirective } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import {
  integerDirective,
  invalidValue,
  onOffDirective,
  size,
  sizeDirective,
} from "../../config/values.ts";
import type { Module } from "../module.ts";

const SERVER = ["http", "server"] as const;

/** The largest window of HTTP/2, in bytes (RFC 9113 §6.9.1). */
const MAX_WINDOW_BYTES = 0x7fff_ffff;

/** The largest frame that every client takes, in bytes (RFC 9113 §6.5.2). */
const MAX_CHUNK_BYTES = 16 * 1024;

const http2 = onOffDirective({
  name: "http2",
  contexts: SERVER,
  default: false,
  summary: "Whether HTTP/2 is spoken beside HTTP/1.1.",
});

const http2MaxConcurrentStreams = integerDirective({
  name: "http2_max_concurrent_streams",
  contexts: SERVER,
  default: 128,
  min: 1,
  summary: "How many requests a connection of HTTP/2 may have at a time.",
  differs:
    "Without TLS that of the default server of the address holds, as in nginx.",
});

const http2ChunkSize = defineDirective({
  name: "http2_chunk_size",
  contexts: ["http", "server", "location"],
  args: [1, 1],
  default: 8 * 1024,
  syntax: "size",
  defaultText: "8k",
  unit: "bytes",
  summary: "The largest piece of a body that goes out before another's turn.",
  differs: "At most 16k.",
  parse(statement) {
    const bytes = size(statement);
    if (bytes > 0) return bytes;
    throw invalidValue(statement, "the http2 chunk size cannot be zero");
  },
});

const http2BodyPrereadSize = sizeDirective({
  name: "http2_body_preread_size",
  contexts: SERVER,
  default: 64 * 1024,
  summary: "How much of a request body may come before anybody reads it.",
  differs:
    "Without TLS that of the default server of the address holds, as in nginx.",
});

const http2RecvBufferSize = sizeDirective({
  name: "http2_recv_buffer_size",
  contexts: ["http"],
  default: 256 * 1024,
  summary: "Accepted; every connection has a buffer of its own.",
  differs: "It has no effect.",
});

/** A directive that nginx has replaced by another one. */
function obsolete(name: string, instead: string): AnyDirective {
  return defineDirective<undefined>({
    name,
    contexts: SERVER,
    args: [1, 1],
    repeatable: true,
    default: undefined,
    summary: `Obsolete: use ${instead}.`,
    syntax: "value",
    differs: "It has no effect.",
    parse(_statement, _previous, { warnOnce }) {
      warnOnce(
        `the "${name}" directive is obsolete, ` +
          `use the "${instead}" directive instead`,
      );
      return undefined;
    },
  });
}

/** What a server allows a client of HTTP/2. */
export interface Http2ServerSettings {
  /** How many streams a connection may have at a time. */
  readonly concurrentStreams: number;
  /** How much of a body may come before anybody reads it, in bytes. */
  readonly prereadBytes: number;
}

/** Whether a server has `http2 on`. */
export function speaksHttp2(scope: Scope): boolean {
  return scope.get(http2);
}

/** Most bytes of one piece of a response in a scope. */
export function http2ChunkBytes(scope: Scope): number {
  return Math.min(scope.get(http2ChunkSize), MAX_CHUNK_BYTES);
}

/** The settings in force in a scope. */
export function http2Settings(scope: Scope): Http2ServerSettings {
  return {
    concurrentStreams: scope.get(http2MaxConcurrentStreams),
    prereadBytes: Math.min(scope.get(http2BodyPrereadSize), MAX_WINDOW_BYTES),
  };
}

/** HTTP/2. */
export const http2Module: Module = {
  name: "http2",
  directives: [
    http2,
    http2MaxConcurrentStreams,
    http2ChunkSize,
    http2BodyPrereadSize,
    http2RecvBufferSize,
    obsolete("http2_idle_timeout", "keepalive_timeout"),
    obsolete("http2_max_field_size", "large_client_header_buffers"),
    obsolete("http2_max_header_size", "large_client_header_buffers"),
    obsolete("http2_max_requests", "keepalive_requests"),
    obsolete("http2_recv_timeout", "client_header_timeout"),
  ],
};
