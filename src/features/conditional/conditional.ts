/**
 * Conditional and range requests, on whatever the content phase made: the
 * validators and the type that the response goes out with are known by then.
 */

import type { AnyDirective, Directive } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { integerDirective, oneOfDirective } from "../../config/values.ts";
import type { ChunkPool } from "../../files/body/chunk_pool.ts";
import { BODY_HEADROOM_BYTES } from "../../files/cache/file_loader.ts";
import type { HeldPart } from "../../files/body/part_cache.ts";
import { textOf } from "../../http/byte_string.ts";
import { Field, fieldBits } from "../../http/fields.ts";
import { ByteReader, type PositionedReader } from "../../http/byte_source.ts";
import { multipartContentType } from "../../http/semantics/multipart_ranges.ts";
import type { RequestHead } from "../../http/request_head.ts";
import { HttpError } from "../../http/errors.ts";
import {
  evaluateIfRange,
  evaluatePreconditions,
  type IfModifiedSinceMode,
  type Validators,
} from "../../http/semantics/preconditions.ts";
import {
  type ByteRange,
  contentRange,
  DEFAULT_MAX_RANGES,
  parseRange,
  unsatisfiedRange,
} from "../../http/semantics/range.ts";
import { KeptPart, LEAST_KEPT_BYTES } from "../../http/kept_bytes.ts";
import {
  notModifiedOf,
  Representation,
  validatorsOf,
} from "../../http/representation.ts";
import type {
  BodySource,
  HeaderList,
  HttpResponse,
  ResponseBody,
  ReusableBody,
} from "../../http/response.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import { MultipartSource } from "./multipart_source.ts";

const ifModifiedSince = oneOfDirective<
  IfModifiedSinceMode
>({
  name: "if_modified_since",
  contexts: ["http", "server", "location"],
  values: ["off", "exact", "before"],
  default: "exact",
  summary: "How If-Modified-Since is compared with the time of a file.",
  differs: "If-None-Match replaces it, as RFC 9110 has it.",
});

/** `max_ranges number`; 0 makes ranges unavailable. */
export const maxRanges: Directive<number> = integerDirective({
  name: "max_ranges",
  contexts: ["http", "server", "location"],
  default: DEFAULT_MAX_RANGES,
  summary: "The most ranges of one request that are answered as such.",
  differs:
    "The default is any number in nginx. A malformed Range is ignored (nginx: 416).",
});

/** What the directives above say in one location. */
interface ConditionSettings {
  /** How dates are compared. */
  readonly ifModifiedSince: IfModifiedSinceMode;
  /** The most ranges; 0 for none. */
  readonly maxRanges: number;
  /** Buffers for answers with several ranges. */
  readonly chunks: ChunkPool;
}

const CONDITIONS = fieldBits(
  Field.IfMatch,
  Field.IfNoneMatch,
  Field.IfModifiedSince,
  Field.IfUnmodifiedSince,
);

const BEFORE_IF_NONE_MATCH = fieldBits(
  Field.IfMatch,
  Field.IfUnmodifiedSince,
);

const RANGES = fieldBits(Field.Range);

/** A body that can be had in part. */
interface SliceableBody extends ReusableBody {
  part(range: ByteRange): BodySource;
  /** Opens it to be read at any place. */
  reader(): PositionedReader;
  /** A part of it that is kept in memory. */
  held(range: ByteRange): HeldPart | undefined;
}

/**
 * Applies the request's conditions and ranges to a 200.
 *
 * @throws {HttpError} 412 or 416
 */
function applyConditions(
  exchange: Exchange,
  response: HttpResponse,
  settings: ConditionSettings,
): HttpResponse {
  const { request, method } = exchange;
  const reads = method === "GET" || method === "HEAD";
  if (
    (request.present & (CONDITIONS | RANGES)) === 0 ||
    response.status !== 200 || !reads
  ) return response;
  const validators = validatorsFor(response);
  if (hasSameTag(request, validators)) return notModified(response);
  if ((request.present & CONDITIONS) !== 0) {
    const outcome = evaluatePreconditions(
      {
        ifMatch: request.value(Field.IfMatch),
        ifNoneMatch: request.value(Field.IfNoneMatch),
        ifModifiedSince: request.first(Field.IfModifiedSince),
        ifUnmodifiedSince: request.first(Field.IfUnmodifiedSince),
      },
      method,
      validators,
      { ifModifiedSince: settings.ifModifiedSince, nowMs: Date.now() },
    );
    if (outcome === "precondition_failed") {
      throw new HttpError(412, "a precondition of the request failed");
    }
    if (outcome === "not_modified") {
      return notModified(response);
    }
  }
  return method === "GET"
    ? inRange(exchange, response, validators, settings)
    : response;
}

/**
 * Whether the client names exactly the tag it would get, and asks nothing
 * that comes before: how nearly every revalidation looks, and the same answer
 * as by the rules (RFC 9110 §13.2.2) without taking the list apart.
 */
function hasSameTag(request: RequestHead, { etag }: Validators): boolean {
  return (request.present & BEFORE_IF_NONE_MATCH) === 0 &&
    etag !== undefined && request.is(Field.IfNoneMatch, etag);
}

function validatorsFor(response: HttpResponse): Validators {
  const now = Date.now();
  return response instanceof Representation
    ? response.validatorsAt(now)
    : validatorsOf(response, now);
}

function notModified(response: HttpResponse): HttpResponse {
  if (response instanceof Representation) return response.notModified;
  response.dispose();
  return notModifiedOf(response);
}

/** RFC 9110 §14.2: what of the response the client asked for. */
function inRange(
  exchange: Exchange,
  response: HttpResponse,
  validators: Validators,
  settings: ConditionSettings,
): HttpResponse {
  const { request } = exchange;
  const { body } = response;
  const range = request.has(Field.Range)
    ? request.value(Field.Range)
    : undefined;
  if (range === undefined || !response.ranges || !canSlice(body)) {
    return response;
  }
  const ifRange = request.first(Field.IfRange);
  if (
    ifRange !== undefined &&
    evaluateIfRange(ifRange, validators, Date.now()) === "false"
  ) return response;
  const size = body.length;
  const outcome = parseRange(range, size, settings);
  switch (outcome.kind) {
    case "none":
      return response;
    case "unsatisfiable":
      throw new HttpError(
        416,
        `client sent unsatisfiable range ${quote(textOf(range))}`,
        {
          headers: [["Content-Range", unsatisfiedRange(size)]],
        },
      );
    case "single":
      return partial(response, body, outcome);
    case "multiple":
      return multipart(response, body, outcome.ranges, settings);
  }
}

/** The response with one part of its body. */
function partial(
  response: HttpResponse,
  body: Uint8Array | SliceableBody,
  range: ByteRange,
): HttpResponse {
  const held = body instanceof Uint8Array ? undefined : body.held(range);
  if (held !== undefined && response instanceof Representation) {
    return heldPartial(response, range, held);
  }
  return response.with({
    status: 206,
    headers: partialFields(response, range),
    body: held?.bytes ?? partOf(response, body, range),
  });
}

function partialFields(response: HttpResponse, range: ByteRange): HeaderList {
  const { start, end } = range;
  const headers = response.headers.clone();
  headers.delete("Accept-Ranges");
  return headers.set(
    "Content-Range",
    contentRange(start, end, response.length!),
  );
}

/**
 * The same answer for everybody who asks for a part that is in memory, of the
 * location that was first; the others have to make their own each time.
 */
function heldPartial(
  response: Representation,
  range: ByteRange,
  held: HeldPart,
): HttpResponse {
  const { answered } = held;
  if (answered?.whole === response) return answered.part;
  const made = response.with({
    status: 206,
    headers: partialFields(response, range),
    body: held.bytes,
  });
  if (answered !== undefined) return made;
  const part = new Representation(made, BODY_HEADROOM_BYTES);
  held.answered = { whole: response, part };
  return part;
}

function multipart(
  response: HttpResponse,
  body: Uint8Array | SliceableBody,
  ranges: readonly ByteRange[],
  { chunks }: ConditionSettings,
): HttpResponse {
  const boundary = crypto.randomUUID().replaceAll("-", "");
  const contentType = response.headers.get("Content-Type");
  const headers = response.headers.clone();
  headers.delete("Accept-Ranges");
  headers.set("Content-Type", multipartContentType(boundary));
  return response.with({
    status: 206,
    headers,
    body: new MultipartSource(
      { boundary, contentType, ranges, size: body.length },
      body instanceof Uint8Array ? new ByteReader(body) : body.reader(),
      chunks,
    ),
  });
}

function canSlice(body: ResponseBody): body is Uint8Array | SliceableBody {
  return body !== undefined && (body instanceof Uint8Array || "part" in body);
}

function partOf(
  response: HttpResponse,
  body: Uint8Array | SliceableBody,
  range: ByteRange,
): ResponseBody {
  if (!(body instanceof Uint8Array)) return body.part(range);
  const { start, end } = range;
  return response instanceof Representation && end - start >= LEAST_KEPT_BYTES
    ? new KeptPart(body, start, end)
    : body.subarray(start, end);
}

function create(scope: Scope, { chunks }: Environment): LocationHooks {
  const settings: ConditionSettings = {
    chunks,
    ifModifiedSince: scope.get(ifModifiedSince),
    maxRanges: scope.get(maxRanges),
  };
  return {
    stages: {
      conditions: (exchange, response) =>
        applyConditions(exchange, response, settings),
    },
  };
}

const directives: readonly AnyDirective[] = [ifModifiedSince, maxRanges];

/** Conditional and range requests. */
export const conditionalModule: Module = {
  name: "conditional",
  directives,
  dependsOn: [],
  create,
};
