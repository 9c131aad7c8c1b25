/**
 * `add_trailer`: fields behind the body (RFC 9110 §6.5). Only a chunked body
 * has a place for them, so the body of an HTTP/1.1 answer becomes one. The
 * values are computed when the body has been sent. Unlike nginx the head
 * announces them, as RFC 9110 §6.6.2 asks.
 */

import { appended, defineDirective } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { sourceOf } from "../../http/byte_source.ts";
import { isFieldValue, unfolded } from "../../http/field_syntax.ts";
import type { BodySource } from "../../http/response.ts";
import { isBodyless } from "../../http/semantics/status.ts";
import {
  type AddedField,
  isUsualStatus,
  parseAddedField,
  showResponse,
} from "../../core/added_fields.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";

/**
 * Fields that must not come after the body, because they say how the message
 * is framed, routed or to be read (RFC 9110 §6.5.1).
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "expires",
  "host",
  "keep-alive",
  "location",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "www-authenticate",
]);

const addTrailerDirective = defineDirective<readonly AddedField[]>({
  name: "add_trailer",
  contexts: ["http", "server", "location", "if in location"],
  args: [2, 3],
  repeatable: true,
  default: [],
  summary: "A field behind the body of answers: name value [always].",
  syntax: "name value [always]",
  parse(statement, previous = [], context) {
    const field = parseAddedField(statement, context);
    if (FORBIDDEN.has(field.name.toLowerCase())) {
      throw new ConfigError(
        `"${field.name}" must not stand in a trailer`,
        statement.place,
        'who reads it needs it before the body: use "add_header"',
      );
    }
    return appended(previous, [field]);
  },
});

/** A body whose length is not said, and is counted. */
class CountedSource implements BodySource {
  readonly length = undefined;
  readonly #inner: BodySource;
  /** How many bytes were given. */
  count = 0;

  constructor(inner: BodySource) {
    this.#inner = inner;
  }

  pull(
    limit?: number,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const pulled = this.#inner.pull(limit);
    return pulled instanceof Promise
      ? pulled.then((piece) => this.#counted(piece))
      : this.#counted(pulled);
  }

  close(): void {
    this.#inner.close();
  }

  #counted(piece: Uint8Array | undefined): Uint8Array | undefined {
    this.count += piece?.length ?? 0;
    const { length } = this.#inner;
    if (length !== undefined && piece === undefined && this.count !== length) {
      throw new Error("the body is not as long as it said");
    }
    return piece;
  }
}

/** The lines of the fields that have a value that may be sent. */
function trailerLines(
  exchange: Exchange,
  fields: readonly AddedField[],
): string {
  let lines = "";
  for (const { name, value } of fields) {
    const text = unfolded(value.evaluate(exchange));
    // It is too late for an error answer.
    if (text !== "" && isFieldValue(text)) lines += `${name}: ${text}\r\n`;
  }
  return lines;
}

function create(scope: Scope): LocationHooks | undefined {
  const all = scope.get(addTrailerDirective);
  if (all.length === 0) return undefined;
  const always = all.filter((field) => field.always);
  return {
    stages: {
      pacing(exchange, response) {
        const fields = isUsualStatus(response.status) ? all : always;
        const { request } = exchange;
        if (
          fields.length === 0 || request.version === "1.0" ||
          request.method === "HEAD" || isBodyless(response.status)
        ) return response;
        const source = new CountedSource(sourceOf(response.body));
        const headers = response.headers.clone();
        for (const { name } of fields) headers.append("Trailer", name);
        const changed = response.with({
          headers,
          body: source,
          trailer() {
            showResponse(exchange, changed);
            exchange.bodyBytesSent = source.count;
            return trailerLines(exchange, fields);
          },
        });
        return changed;
      },
    },
  };
}

/** Fields behind the body. */
export const addTrailerModule: Module = {
  name: "add_trailer",
  directives: [addTrailerDirective],
  dependsOn: [],
  create,
};
