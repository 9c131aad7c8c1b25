/**
 * Compression on the fly: `gzip`, `brotli` and `zstd`, each with its types,
 * level and smallest length.
 *
 * A compressed answer is not the original byte for byte: its entity tag is
 * weak, and it has no ranges. A small representation is compressed once and
 * the result kept; a larger one is compressed while it is sent, once for all
 * who ask meanwhile, and kept too; a file that is not in memory is compressed
 * for each client. When `compression_memory` is used up, bodies are sent as
 * they are.
 */

import type { AnyDirective } from "../../config/directive.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import {
  type Coding,
  compressAtOnce,
  compressor,
} from "../../files/coding/codings.ts";
import type { CompressedCache } from "../../files/coding/compressed_cache.ts";
import { BODY_HEADROOM_BYTES } from "../../files/cache/file_loader.ts";
import { SharedTransform } from "../../files/coding/shared_transform.ts";
import { TransformSource } from "../../files/coding/transform_source.ts";
import { essenceOf } from "../../http/semantics/media_type.ts";
import { Field } from "../../http/fields.ts";
import { Representation } from "../../http/representation.ts";
import type { HeaderList, HttpResponse } from "../../http/response.ts";
import { trace } from "../../core/trace.ts";
import { CodingChooser } from "./coding_chooser.ts";
import {
  type CodingSettings,
  codingSettings,
  COMPRESSION_DIRECTIVES,
  compressionMemory,
} from "./compression_settings.ts";
import {
  changesCodingByRequest,
  moreHeadersModule,
} from "../headers/more_headers.ts";
import { CODEC_MEMORY } from "../../files/coding/codec_memory.ts";
import {
  compressionTerms,
  compressionTermsModule,
  saysVary,
  type Terms,
} from "./compression_terms.ts";
import { changeable } from "../../core/added_fields.ts";
import { transformedFields } from "../../core/changed_content.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";

/** Bodies up to this length are compressed at once, in bytes: 1 or 2 ms. */
const AT_ONCE_BYTES = 64 * 1024;

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
  readonly #settings: ReadonlyMap<Coding, CodingSettings>;
  readonly #terms: Terms;
  readonly #cache: CompressedCache;
  readonly #chooser = new CodingChooser();
  /** Representations that are being compressed. */
  readonly #running = new Map<Representation, Map<Coding, SharedTransform>>();

  constructor(
    settings: readonly CodingSettings[],
    scope: Scope,
    environment: Environment,
  ) {
    this.#eligibility = new Eligibility(settings);
    this.#settings = new Map(settings.map((each) => [each.coding, each]));
    this.#terms = compressionTerms(scope);
    this.#cache = environment.compressed;
  }

  apply(exchange: Exchange, response: HttpResponse): HttpResponse {
    if (!exchange.request.has(Field.AcceptEncoding)) return response;
    const available = this.#available(response);
    if (available.length === 0) return response;
    const coding = this.#chooser.choose(exchange, available);
    const isAllowed = coding !== undefined &&
      this.#terms.allow(exchange, response);
    trace.steps?.push({
      kind: "variant",
      text: isAllowed
        ? `compressed now as "${coding}", which the client accepts`
        : coding === undefined
        ? `not compressed: the client accepts none of ${available.join(", ")}`
        : "not compressed: the terms of gzip_http_version, gzip_proxied or " +
          "gzip_disable forbid it",
      place: this.#settings.get(coding ?? available[0]!)?.place,
    });
    if (!isAllowed) return response;
    const compressed = this.#compressed(response, coding);
    if (compressed === undefined) return response;
    exchange.uncompressedBytes = response.body?.length;
    return compressed;
  }

  /** The response in `coding`, if there is memory for that. */
  #compressed(
    response: HttpResponse,
    coding: Coding,
  ): HttpResponse | undefined {
    const { body } = response;
    if (!(body instanceof Uint8Array)) return this.#streamed(response, coding);
    const isSmall = body.length <= AT_ONCE_BYTES;
    if (response instanceof Representation) {
      return this.#cache.get(response, coding) ??
        (isSmall
          ? this.#keep(response, coding, [this.#whole(body, coding)])
          : this.#streamedForAll(response, coding));
    }
    return isSmall
      ? response.with({
        headers: compressedFields(response.headers, coding),
        body: this.#whole(body, coding),
      })
      : this.#streamed(response, coding);
  }

  #available(response: HttpResponse): readonly Coding[] {
    return response instanceof Representation
      ? response.codings ??= this.#eligibility.of(response)
      : this.#eligibility.of(response);
  }

  /** Compressed while it is sent. */
  #streamed(response: HttpResponse, coding: Coding): HttpResponse | undefined {
    const plan = compressor(
      coding,
      this.#level(coding),
      response.body?.length,
    );
    const body = TransformSource.open(response.body, plan);
    return body && response.with({
      headers: compressedFields(response.headers, coding),
      body,
    });
  }

  /** Compressed once for all who ask while it is. */
  #streamedForAll(
    response: Representation,
    coding: Coding,
  ): HttpResponse | undefined {
    const transform = this.#running.get(response)?.get(coding) ??
      this.#run(response, coding);
    return transform && response.with({
      headers: compressedFields(response.headers, coding),
      body: transform.open(),
    });
  }

  #run(response: Representation, coding: Coding): SharedTransform | undefined {
    const { body } = response;
    const plan = compressor(coding, this.#level(coding), body?.length);
    // What comes out is held until it is whole.
    const bytes = plan.bytes + (body?.length ?? 0);
    const source = TransformSource.open(body, { ...plan, bytes });
    if (source === undefined) return undefined;
    const running = this.#running.get(response) ?? new Map();
    const transform = new SharedTransform(source, (pieces) => {
      const form = this.#keep(response, coding, pieces);
      return form.body as Uint8Array;
    }, () => {
      running.delete(coding);
      if (running.size === 0) this.#running.delete(response);
    });
    running.set(coding, transform);
    this.#running.set(response, running);
    return transform;
  }

  #whole(body: Uint8Array, coding: Coding): Uint8Array {
    return compressAtOnce(coding, body, this.#level(coding));
  }

  #level(coding: Coding): number {
    return this.#settings.get(coding)?.level ?? 1;
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
  if (!changesCodingByRequest(scope)) {
    return {
      represent(response) {
        if (eligibility.of(response).length > 0) addVary(response.headers);
      },
    };
  }
  return {
    stages: {
      coding(_exchange, made) {
        if (eligibility.of(made).length === 0) return made;
        const response = changeable(made);
        addVary(response.headers);
        return response;
      },
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
  dependsOn: [
    ...COMPRESSION_DIRECTIVES,
    ...compressionTermsModule.directives,
    ...moreHeadersModule.directives,
  ],
  create: createVary,
};

/** Compression on the fly. */
export const compressionModule: Module = {
  name: "compression",
  directives,
  dependsOn: compressionTermsModule.directives,
  create,
  start(main) {
    CODEC_MEMORY.budget = httpScope(main).get(compressionMemory);
  },
};
