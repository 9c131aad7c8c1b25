/**
 * `limit_rate` and `limit_rate_after`: how fast an answer is sent.
 *
 * As in nginx each answer has a rate of its own, the worth of the first
 * second goes out at once, and what a slow client has not taken is not lost
 * to it. The rest follows in small pieces at even intervals, read when they
 * are due: a slow answer holds no large buffer. An answer that fits into
 * the first second is not touched.
 */

import { defineDirective, type ParseContext } from "../../config/directive.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import { parseSize } from "../../config/units.ts";
import { argument, invalidSize } from "../../config/values.ts";
import { ascii, settable, variableTable } from "../../config/variables.ts";
import { sourceOf } from "../../http/byte_source.ts";
import { textOf } from "../../http/byte_string.ts";
import type { BodySource, FilePart } from "../../http/response.ts";
import { isBodyless } from "../../http/semantics/status.ts";
import { showResponse } from "../../core/added_fields.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import { contextOf } from "../../core/request_log.ts";
import { Slot } from "../../core/slot.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import { log } from "../../logging/logger.ts";

/** Pieces in a second, where they would not be too large. */
const PIECES_PER_SECOND = 8;

/** The largest piece, in bytes. */
const MAX_PIECE_BYTES = 256 * 1024;

function sizeTemplate(
  statement: Statement,
  _previous: unknown,
  { variables }: ParseContext,
): Template<Exchange> {
  const text = argument(statement);
  const value = variables.byteTemplate(text, statement.place);
  if (value.constant !== undefined && parseSize(text) === undefined) {
    throw invalidSize(statement, text);
  }
  return value;
}

/** `limit_rate rate`, in bytes per second; 0 for no limit. */
const limitRateDirective = defineDirective<Template<Exchange> | undefined>({
  name: "limit_rate",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, 1],
  default: undefined,
  summary: "The most bytes per second of an answer; 0 for any.",
  syntax: "rate",
  defaultText: "0",
  unit: "bytes per second",
  parse: sizeTemplate,
});

const limitRateAfterDirective = defineDirective<Template<Exchange> | undefined>(
  {
    name: "limit_rate_after",
    contexts: ["http", "server", "location", "if in location"],
    args: [1, 1],
    default: undefined,
    summary: "How many bytes of an answer limit_rate lets pass first.",
    syntax: "size",
    defaultText: "0",
    unit: "bytes",
    parse: sizeTemplate,
  },
);

type Lend = NonNullable<BodySource["lend"]>;
type Taken = NonNullable<BodySource["taken"]>;

/** What a {@linkcode PacedSource} goes by. */
interface Pace {
  /** Bytes per second, at least 1. */
  readonly rate: number;
  /** Bytes that do not count. */
  readonly after: number;
  /** The time in ms, from any beginning. Default `performance.now`. */
  readonly now?: () => number;
}

/** A body of which no more is given than its pace allows. */
export class PacedSource implements BodySource {
  readonly length: number | undefined;
  /** See {@linkcode BodySource.lend}; of a body that is a file. */
  readonly lend?: Lend;
  /** See {@linkcode BodySource.taken}. */
  readonly taken?: Taken;
  readonly #inner: BodySource;
  readonly #pace: Pace;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #pieceBytes: number;
  /** What the inner source gave beyond the limit. */
  #rest: Uint8Array | undefined;
  #given = 0;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;

  constructor(inner: BodySource, pace: Pace) {
    this.length = inner.length;
    this.#inner = inner;
    this.#pace = pace;
    this.#now = pace.now ?? (() => performance.now());
    this.#startedAt = this.#now();
    this.#pieceBytes = Math.max(
      1,
      Math.min(Math.floor(pace.rate / PIECES_PER_SECOND), MAX_PIECE_BYTES),
    );
    if (inner.lend === undefined || inner.taken === undefined) return;
    const lend = inner.lend.bind(inner);
    const taken = inner.taken.bind(inner);
    this.lend = (limit) => this.#lendOf(lend, limit);
    this.taken = (count) => this.#tookOf(taken, count);
  }

  /** The next piece, when it is due. */
  async pull(limit?: number): Promise<Uint8Array | undefined> {
    return this.#take(await this.#due(limit));
  }

  /** Lends of a file as much as is due. */
  async #lendOf(lend: Lend, limit: number): Promise<FilePart> {
    const most = await this.#due(limit);
    if (this.#closed) throw new Error("the body was closed");
    return await lend(most);
  }

  #tookOf(taken: Taken, count: number): void {
    this.#given += count;
    taken(count);
  }

  /** How many bytes may be given, at least one, when they are due. */
  async #due(limit = Infinity): Promise<number> {
    const left = this.length === undefined
      ? Infinity
      : this.length - this.#given;
    const wanted = Math.min(this.#pieceBytes, left);
    let allowed = this.#allowed();
    while (allowed < wanted) {
      await this.#wait((wanted - allowed) * 1000 / this.#pace.rate);
      allowed = this.#allowed();
    }
    return Math.max(1, Math.floor(Math.min(allowed, limit)));
  }

  /** Ends the wait and lets go of the body. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#wake?.();
    this.#inner.close();
  }

  /** How many more bytes may be given now. */
  #allowed(): number {
    const { rate, after } = this.#pace;
    const seconds = (this.#now() - this.#startedAt) / 1000 + 1;
    return seconds * rate + after - this.#given;
  }

  async #take(most: number): Promise<Uint8Array | undefined> {
    const piece = this.#rest ?? await this.#inner.pull(most);
    if (piece === undefined) return undefined;
    const given = piece.length > most ? piece.subarray(0, most) : piece;
    this.#rest = given.length < piece.length
      ? piece.subarray(given.length)
      : undefined;
    this.#given += given.length;
    return given;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, Math.max(1, Math.ceil(ms)));
    });
  }
}

/** The rate of an answer, in bytes per second, if it is known. */
const rates = new Slot<number>();

/** `$limit_rate`: nothing that can be read leaves the rate as it is. */
function setRate(exchange: Exchange, text: string): void {
  const rate = parseSize(text);
  if (rate !== undefined) return rates.set(exchange, rate);
  log.error(`invalid $limit_rate ${quote(textOf(text))}`, contextOf(exchange));
}

/** The value in bytes; one that cannot be read counts as 0, and is logged. */
function bytesOf(
  value: Template<Exchange> | undefined,
  exchange: Exchange,
): number {
  if (value === undefined) return 0;
  const text = value.evaluate(exchange);
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  log.error(`invalid size ${quote(textOf(text))}`, contextOf(exchange));
  return 0;
}

function create(
  scope: Scope,
  { variables }: Environment,
): LocationHooks | undefined {
  const rateValue = scope.get(limitRateDirective);
  const afterValue = scope.get(limitRateAfterDirective);
  const isUnlimited = rateValue === undefined || rateValue.constant === "0";
  if (isUnlimited && !variables.changes("limit_rate")) return undefined;
  return {
    stages: {
      pacing(exchange, response) {
        const { body, status } = response;
        if (body === undefined || isBodyless(status)) return response;
        showResponse(exchange, response);
        const rate = rates.get(exchange) ?? bytesOf(rateValue, exchange);
        rates.set(exchange, rate);
        if (rate === 0) return response;
        const after = bytesOf(afterValue, exchange);
        const length = body.length ?? Infinity;
        if (length <= rate + after) return response;
        return response.with({
          body: new PacedSource(sourceOf(body), { rate, after }),
        });
      },
    },
  };
}

/** The rate of answers. */
export const limitRateModule: Module = {
  name: "limit_rate",
  directives: [limitRateDirective, limitRateAfterDirective],
  variables: variableTable({
    limit_rate: settable(
      ascii((exchange) => String(rates.get(exchange) ?? 0)),
      setRate,
    ),
  }),
  dependsOn: [],
  create,
};
