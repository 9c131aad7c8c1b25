/** The fields of a response as HTTP/2 has them (RFC 9113 §8.2, §8.3.2). */

import { type FieldBlock, Representation } from "../representation.ts";
import { dateAfter } from "../http1/response_encoder.ts";
import type { HttpResponse } from "../response.ts";
import { isBodyless } from "../semantics/status.ts";
import { trimWhitespace } from "../text_scan.ts";
import { encodeAlone } from "./hpack/encoder.ts";
import { Output } from "./output.ts";

/** What the fields depend on beyond their response. */
export interface FieldContext {
  /** The current date. */
  readonly date: string;
  /** The value of `Server`; empty for none. */
  readonly server: string;
}

/** Fields of a connection, which a module may have set for HTTP/1.1. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** The fields of a response in order, names in lower case. */
export function* responseFields(
  response: HttpResponse,
  context: FieldContext,
): Generator<readonly [name: string, value: string]> {
  const { status, expiresAfter, length } = response;
  yield [":status", String(status)];
  const server = response.server ?? context.server;
  if (server !== "") yield ["server", server];
  yield ["date", context.date];
  if (expiresAfter !== undefined) {
    yield ["expires", dateAfter(context.date, expiresAfter)];
  }
  for (const [name, value] of response.headers) {
    const lower = name.toLowerCase();
    // A value has no space around it here (§8.2.1).
    if (!CONNECTION_FIELDS.has(lower)) yield [lower, trimWhitespace(value)];
  }
  if (length !== undefined && !isBodyless(status)) {
    yield ["content-length", String(length)];
  }
}

/** The fields behind a body, from their lines (`HttpResponse.trailer`). */
export function* trailerFields(
  lines: string,
): Generator<readonly [name: string, value: string]> {
  for (const line of lines.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (!CONNECTION_FIELDS.has(name)) {
      yield [name, trimWhitespace(line.slice(colon + 1))];
    }
  }
}

/** The fields of a response, as far as possible encoded. */
export interface SentFields {
  /** Those that mean the same to every client. */
  readonly bytes: Uint8Array | undefined;
  /** The others, which come behind them. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** What the response says of its own urgency (RFC 9218 §5). */
  readonly priority: string | undefined;
}

/**
 * The fields of any response. Those of a representation are encoded once for
 * all connections, and anew when the date is another one.
 */
export function sentFields(
  response: HttpResponse,
  context: FieldContext,
): SentFields {
  if (response instanceof Representation) {
    return fieldBlockOf(response, context);
  }
  return {
    bytes: undefined,
    fields: responseFields(response, context),
    priority: response.headers.get("priority"),
  };
}

function fieldBlockOf(
  representation: Representation,
  { date, server }: FieldContext,
): FieldBlock {
  const known = representation.fieldBlock;
  if (known?.date === date && known.server === server) return known;
  const output = new Output();
  for (
    const [name, value] of responseFields(representation, { date, server })
  ) encodeAlone(name, value, output);
  return representation.fieldBlock = {
    bytes: output.take().slice(),
    fields: [],
    priority: representation.headers.get("priority"),
    date,
    server,
  };
}
