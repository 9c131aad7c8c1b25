/**
 * What a request head may cost. Each limit has the precedent its default
 * comes from.
 */

/** Limits of a request head, from the configuration of the listener. */
export interface HeadLimits {
  /** Longest request line or field line, in bytes without CRLF. */
  readonly lineBytes: number;
  /** Longest whole head, in bytes. */
  readonly headBytes: number;
  /** Most field lines. */
  readonly fields: number;
  /** Whether a field whose name nginx calls invalid is dropped, not kept. */
  readonly ignoreInvalidFields: boolean;
  /** Whether `_` is valid in a field name. */
  readonly underscores: boolean;
}

/** Longest line, in bytes (nginx's `large_client_header_buffers 4 8k`). */
export const DEFAULT_LINE_BYTES = 8 * 1024;

/** Longest head, in bytes (nginx's `large_client_header_buffers 4 8k`). */
export const DEFAULT_HEAD_BYTES = 4 * DEFAULT_LINE_BYTES;

/** Most field lines in a head (nginx's `max_headers 1000`). */
export const DEFAULT_MAX_FIELDS = 1000;

/** Most empty lines before a request line (RFC 9112 §2.2 asks for one). */
export const MAX_LEADING_EMPTY_LINES = 8;

/** Longest method, in bytes: the longest registered one has 17. */
export const MAX_METHOD_BYTES = 32;

/** The limits where the configuration says nothing. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = {
  lineBytes: DEFAULT_LINE_BYTES,
  headBytes: DEFAULT_HEAD_BYTES,
  fields: DEFAULT_MAX_FIELDS,
  ignoreInvalidFields: true,
  underscores: false,
};
