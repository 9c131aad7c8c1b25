/** What a client may cost: deadlines, sizes and numbers. */

import { type AnyDirective, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { parseInteger } from "../../config/units.ts";
import {
  integerDirective,
  invalidValue,
  offsetDirective,
  oneOfDirective,
  onOffDirective,
  size,
  time,
  timeDirective,
} from "../../config/values.ts";
import {
  DEFAULT_HEAD_BYTES,
  DEFAULT_LINE_BYTES,
  DEFAULT_MAX_FIELDS,
  type HeadLimits,
} from "../../http/limits.ts";
import type { Module } from "../module.ts";

const ANYWHERE = ["http", "server", "location"] as const;
const SERVER = ["http", "server"] as const;

const clientHeaderTimeout = timeDirective({
  name: "client_header_timeout",
  contexts: SERVER,
  default: 60_000,
  summary: "How long a client may take for a whole request head.",
});

const clientBodyTimeout = timeDirective({
  name: "client_body_timeout",
  contexts: ANYWHERE,
  default: 60_000,
  summary: "How long a client may pause between two pieces of a body.",
});

const sendTimeout = timeDirective({
  name: "send_timeout",
  contexts: ANYWHERE,
  default: 60_000,
  summary: "How long a client may take nothing of an answer.",
});

/** `keepalive_timeout timeout [header_timeout]`. */
interface KeepaliveTimeout {
  /** How long an idle connection is kept, in ms; 0 keeps none. */
  readonly ms: number;
  /** The value of `Keep-Alive`; empty for none. */
  readonly header: string;
}

/** See {@linkcode KeepaliveTimeout}. */
const keepaliveTimeout = defineDirective({
  name: "keepalive_timeout",
  contexts: ANYWHERE,
  args: [1, 2],
  default: { ms: 75_000, header: "" },
  summary: "How long a connection may wait for its next request.",
  syntax: "timeout [header_timeout]",
  defaultText: "75s",
  unit: "seconds",
  parse: (statement) => ({
    ms: time(statement),
    header: statement.args.length > 1
      ? `timeout=${Math.floor(time(statement, 1) / 1000)}`
      : "",
  }),
});

const keepaliveRequests = integerDirective({
  name: "keepalive_requests",
  contexts: ANYWHERE,
  default: 1000,
  summary: "How many requests one connection may bring.",
});

/** One hour: nginx's. */
const DEFAULT_KEEPALIVE_MS = 3_600_000;

const keepaliveTime = timeDirective({
  name: "keepalive_time",
  contexts: ANYWHERE,
  default: DEFAULT_KEEPALIVE_MS,
  summary: "How long after its start a connection still gets requests.",
});

/** `client_max_body_size size`, in bytes; 0 for no limit. */
const clientMaxBodySize = offsetDirective({
  name: "client_max_body_size",
  contexts: ANYWHERE,
  default: 1024 * 1024,
  summary: "The largest request body that is read; 0 for any.",
  differs: "It holds for bodies that nobody reads, too.",
});

/** When a close waits for the client. */
type Lingering = "off" | "on" | "always";

const lingeringClose = oneOfDirective<Lingering>({
  name: "lingering_close",
  contexts: ANYWHERE,
  values: ["off", "on", "always"],
  default: "on",
  summary: "Whether a close first reads what the client still sends.",
});

const lingeringTime = timeDirective({
  name: "lingering_time",
  contexts: ANYWHERE,
  default: 30_000,
  summary: "How long unread input is dropped before a close.",
});

const lingeringTimeout = timeDirective({
  name: "lingering_timeout",
  contexts: ANYWHERE,
  default: 5000,
  summary: "How long a close waits for more unread input.",
});

/** Shortest allowed line limit, in bytes: less cuts off ordinary requests. */
const MIN_LINE_BYTES = 64;

const largeClientHeaderBuffers = defineDirective({
  name: "large_client_header_buffers",
  contexts: SERVER,
  args: [2, 2],
  default: {
    number: DEFAULT_HEAD_BYTES / DEFAULT_LINE_BYTES,
    bytes: DEFAULT_LINE_BYTES,
  },
  summary: "The longest line of a head, and how many such a head may have.",
  syntax: "number size",
  defaultText: "4 8k",
  unit: "bytes",
  differs: "A head that is too large is 431 (nginx: 400 or 494).",
  parse(statement) {
    const [text = ""] = statement.args;
    const number = parseInteger(text) ?? 0;
    if (number === 0) {
      throw invalidValue(statement, `"${text}" is no number from 1 on`);
    }
    const bytes = size(statement, 1);
    if (bytes < MIN_LINE_BYTES) {
      throw new ConfigError(
        `"${statement.name}" directive invalid value, ` +
          `a line needs at least ${MIN_LINE_BYTES} bytes`,
        statement.place,
        `"${statement.args[1]}" is ${bytes} bytes`,
      );
    }
    return { number, bytes };
  },
});

const maxHeaders = integerDirective({
  name: "max_headers",
  contexts: SERVER,
  default: DEFAULT_MAX_FIELDS,
  min: 1,
  summary: "How many field lines a head may have.",
});

const ignoreInvalidHeaders = onOffDirective({
  name: "ignore_invalid_headers",
  contexts: SERVER,
  default: true,
  summary: "Whether fields with other names than of letters, digits and " +
    "hyphens are dropped; off takes them.",
  differs: "A name that is no token (RFC 9110 §5.6.2) is 400 in any case.",
});

const underscoresInHeaders = onOffDirective({
  name: "underscores_in_headers",
  contexts: SERVER,
  default: false,
  summary: "Whether `_` is usual in a field name.",
});

/** The limits of request heads in a server. */
export function headLimits(scope: Scope): HeadLimits {
  const buffers = scope.get(largeClientHeaderBuffers);
  return {
    lineBytes: buffers.bytes,
    headBytes: buffers.bytes * buffers.number,
    fields: scope.get(maxHeaders),
    ignoreInvalidFields: scope.get(ignoreInvalidHeaders),
    underscores: scope.get(underscoresInHeaders),
  };
}

/** What clients may cost in one location, compiled. */
export interface ClientSettings {
  /** The deadlines, in ms; 0 for none. */
  readonly timeouts: {
    readonly headerMs: number;
    readonly bodyMs: number;
    readonly sendMs: number;
    readonly keepaliveMs: number;
    readonly lingeringTimeMs: number;
    readonly lingeringMs: number;
  };
  /** When a close waits for the client. */
  readonly lingering: Lingering;
  /** How many requests a connection may bring. */
  readonly maxRequests: number;
  /** How long after its start a connection goes on after a request, in ms. */
  readonly maxAgeMs: number;
  /** The value of `Keep-Alive`; empty for none. */
  readonly keepAliveHeader: string;
  /** The largest request body, in bytes; 0 for any. */
  readonly maxBodyBytes: number;
}

/** The settings in force in a scope. */
export function clientSettings(scope: Scope): ClientSettings {
  const keepalive = scope.get(keepaliveTimeout);
  return {
    timeouts: {
      headerMs: scope.get(clientHeaderTimeout),
      bodyMs: scope.get(clientBodyTimeout),
      sendMs: scope.get(sendTimeout),
      keepaliveMs: keepalive.ms,
      lingeringTimeMs: scope.get(lingeringTime),
      lingeringMs: scope.get(lingeringTimeout),
    },
    lingering: scope.get(lingeringClose),
    // As in nginx a timeout of 0 means that no connection is kept.
    maxRequests: keepalive.ms === 0 ? 0 : scope.get(keepaliveRequests),
    maxAgeMs: scope.get(keepaliveTime),
    keepAliveHeader: keepalive.header,
    maxBodyBytes: scope.get(clientMaxBodySize),
  };
}

const directives: readonly AnyDirective[] = [
  clientHeaderTimeout,
  clientBodyTimeout,
  sendTimeout,
  keepaliveTimeout,
  keepaliveRequests,
  keepaliveTime,
  clientMaxBodySize,
  lingeringClose,
  lingeringTime,
  lingeringTimeout,
  largeClientHeaderBuffers,
  maxHeaders,
  ignoreInvalidHeaders,
  underscoresInHeaders,
];

/** Deadlines, sizes and numbers. */
export const clientModule: Module = { name: "client", directives };
