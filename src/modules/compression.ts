/**
 * Compression on the fly: `gzip`, `brotli` and `zstd`, each with its types,
 * level and smallest length.
 *
 * A compressed answer is not the original byte for byte: its entity tag is
 * weak, and it has no ranges. A small representation is compressed once and
 * the result kept; a larger one is compressed while it is sent, and what comes out
 * is kept if the original was in memory; a file is compressed for each client.
 */

import type { AnyDirective } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import { type Coding, compressAtOnce, compressor } from "../files/codings.ts";
import type { CompressedCache } from "../files/compressed_cache.ts";
import { BODY_HEADROOM_BYTES } from "../files/file_loader.ts";
import { TransformSource } from "../files/transform_source.ts";
import { weakenEtag } from "../http/etag.ts";
import { essenceOf } from "../http/media_type.ts";
import { Field } from "../http/fields.ts";
import { Representation } from "../http/representation.ts";
import type { HeaderList, HttpResponse } from "../http/response.ts";
import { CodingChooser } from "./coding_chooser.ts";
import {
  type CodingSettings,
  codingSettings,
  COMPRESSION_DIRECTIVES,
} from "./compression_settings.ts";
import { compressionTerms, saysVary, type Terms } from "./compression_terms.ts";
import type { Exchange } from "./exchange.ts";
import type { Environment, LocationHooks, Module } from "./module.ts";

/** Bodies up to this length are compressed at once, in bytes: 1 or 2 ms. */
const AT_ONCE_BYTES = 64 * 1024;

/**
 * Most bodies that are compressed while they are sent; others go out as they
 * are. A Brotli encoder holds some MiB for as long as its client takes.
 */
const MAX_STREAMS = 128;

/** Statuses whose bodies are compressed, as in nginx. */
const STATUSES: ReadonlySet<number> = new Set([200, 403, 404]);

/** The codings that a location would compress a response with. */
class Eligibility {
  readonly #settings: readonly CodingSettings[];

  constructor(settings: readonly CodingSettings[]) {
    this.#settings = settings;
  }

  /** The codings, the server's favourite first; often none. */
  of(response: HttpResponse): readonly Coding[] {
    const { status, headers, body, length = Infinity } = response;
    if (!STATUSES.has(status) || body === undefined) return [];
    if (headers.has("Content-Encoding")) return [];
    const contentType = headers.get("Content-Type");
    if (contentType === undefined || mayNotTransform(headers)) return [];
    const type = essenceOf(contentType);
    return this.#settings
      .filter(({ types, minLength }) =>
        length >= minLength && (types === "*" || types.has(type))
      )
      .map(({ coding }) => coding);
  }
}

/** RFC 9111 §5.2.2.6. */
function mayNotTransform(headers: HeaderList): boolean {
  return headers.get("Cache-Control")?.toLowerCase()
    .includes("no-transform") === true;
}

/** Compresses the answers of one location. */
class Compression {
  readonly #eligibility: Eligibility;
  readonly #levels: ReadonlyMap<Coding, number>;
  readonly #terms: Terms;
  readonly #cache: CompressedCache;
  readonly #chooser = new CodingChooser();

  constructor(
    settings: readonly CodingSettings[],
    scope: Scope,
    environment: Environment,
  ) {
    this.#eligibility = new Eligibility(settings);
    this.#levels = new Map(
      settings.map(({ coding, level }) => [coding, level]),
    );
    this.#terms = compressionTerms(scope);
    this.#cache = environment.compressed;
  }

  apply(exchange: Exchange, response: HttpResponse): HttpResponse {
    if (!exchange.request.has(Field.AcceptEncoding)) return response;
    const available = this.#available(response);
    if (available.length === 0) return response;
    const coding = this.#chooser.choose(exchange, available);
    if (coding === undefined || !this.#terms.allow(exchange, response)) {
      return response;
    }
    const body = response.body!;
    exchange.uncompressedBytes = body.length;
    if (response instanceof Representation && body instanceof Uint8Array) {
      const known = this.#cache.get(response, coding);
      if (known !== undefined) return known;
      if (body.length <= AT_ONCE_BYTES) {
        return this.#keep(response, coding, [this.#whole(body, coding)]);
      }
      return this.#streamed(response, coding, (pieces) => {
        this.#keep(response, coding, pieces);
      });
    }
    if (body instanceof Uint8Array && body.length <= AT_ONCE_BYTES) {
      return response.with({
        headers: compressedFields(response.headers, coding),
        body: this.#whole(body, coding),
      });
    }
    return this.#streamed(response, coding);
  }

  #available(response: HttpResponse): readonly Coding[] {
    return response instanceof Representation
      ? response.codings ??= this.#eligibility.of(response)
      : this.#eligibility.of(response);
  }

  /** Compressed while it is sent; `onWhole` gets it when it was. */
  #streamed(
    response: HttpResponse,
    coding: Coding,
    onWhole?: (pieces: readonly Uint8Array[]) => void,
  ): HttpResponse {
    if (TransformSource.running >= MAX_STREAMS) return response;
    const level = this.#level(coding);
    return response.with({
      headers: compressedFields(response.headers, coding),
      body: new TransformSource(
        response.body!,
        () => compressor(coding, level),
        onWhole,
      ),
    });
  }

  #whole(body: Uint8Array, coding: Coding): Uint8Array {
    return compressAtOnce(coding, body, this.#level(coding));
  }

  #level(coding: Coding): number {
    return this.#levels.get(coding) ?? 1;
  }

  #keep(
    response: Representation,
    coding: Coding,
    pieces: readonly Uint8Array[],
  ): Representation {
    const made = response.with({
      headers: compressedFields(response.headers, coding),
      body: joined(pieces),
    });
    const coded = new Representation(made, BODY_HEADROOM_BYTES);
    this.#cache.put(response, coding, coded);
    return coded;
  }
}

/** The pieces in one, with room for a head before them. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const memory = new Uint8Array(BODY_HEADROOM_BYTES + length);
  let at = BODY_HEADROOM_BYTES;
  for (const piece of pieces) {
    memory.set(piece, at);
    at += piece.length;
  }
  return memory.subarray(BODY_HEADROOM_BYTES);
}

/** The fields of a response whose content is transformed. */
export function transformedFields(fields: HeaderList): HeaderList {
  const headers = fields.clone();
  headers.delete("Accept-Ranges");
  const etag = headers.get("ETag");
  if (etag !== undefined) headers.set("ETag", weakenEtag(etag));
  return headers;
}

function compressedFields(fields: HeaderList, coding: Coding): HeaderList {
  return transformedFields(fields).append("Content-Encoding", coding);
}

/** Adds `Vary: Accept-Encoding` where it is not said yet. */
export function addVary(headers: HeaderList): void {
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== "vary") continue;
    if (/(?:^|[\s,])(?:accept-encoding|\*)(?:$|[\s,])/i.test(value)) return;
  }
  headers.append("Vary", "Accept-Encoding");
}

function createVary(scope: Scope): LocationHooks | undefined {
  const settings = codingSettings(scope);
  if (settings.length === 0 || !saysVary(scope)) return undefined;
  const eligibility = new Eligibility(settings);
  return {
    represent(response) {
      if (eligibility.of(response).length > 0) addVary(response.headers);
    },
  };
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const settings = codingSettings(scope);
  if (settings.length === 0) return undefined;
  const compression = new Compression(settings, scope, environment);
  return {
    stages: {
      coding: (exchange, response) => compression.apply(exchange, response),
    },
  };
}

const directives: readonly AnyDirective[] = COMPRESSION_DIRECTIVES;

/** What caches are told: it holds for the answers that stay as they are too. */
export const compressionVaryModule: Module = {
  name: "compression_vary",
  directives: [],
  create: createVary,
};

/** Compression on the fly. */
export const compressionModule: Module = {
  name: "compression",
  directives,
  create,
};
