/**
 * `gunzip`: clients that cannot decode what there is get it decoded. It is
 * for files that exist in compressed form only (`gzip_static always`), and
 * here also for `.br` and `.zst`.
 */

import type { Scope } from "../../config/scope.ts";
import { onOffDirective } from "../../config/values.ts";
import {
  type Coding,
  CODINGS,
  decompressor,
} from "../../files/coding/codings.ts";
import { TransformSource } from "../../files/coding/transform_source.ts";
import { HttpError } from "../../http/errors.ts";
import type { HttpResponse } from "../../http/response.ts";
import { accepts } from "./coding_chooser.ts";
import { addVary } from "./compression.ts";
import {
  compressionTerms,
  compressionTermsModule,
  saysVary,
} from "./compression_terms.ts";
import { changeable } from "../../core/added_fields.ts";
import { transformedFields } from "../../core/changed_content.ts";
import type { LocationHooks, Module } from "../../core/module.ts";

const gunzipDirective = onOffDirective({
  name: "gunzip",
  contexts: ["http", "server", "location"],
  default: false,
  summary: "Whether answers are decoded for clients that cannot do it.",
});

function create(scope: Scope): LocationHooks | undefined {
  if (!scope.get(gunzipDirective)) return undefined;
  const vary = saysVary(scope);
  const terms = compressionTerms(scope);

  function withVary(response: HttpResponse): HttpResponse {
    if (!vary) return response;
    const copy = changeable(response);
    addVary(copy.headers);
    return copy;
  }

  return {
    stages: {
      coding(exchange, response) {
        const { body, headers, status } = response;
        const encoding = headers.get("Content-Encoding");
        const coding = CODINGS.find((known) => known === encoding);
        if (coding === undefined || body === undefined || status === 206) {
          return response;
        }
        if (terms.allow(exchange, response) && accepts(exchange, coding)) {
          return withVary(response);
        }
        const decoded = TransformSource.open(body, decompressor(coding));
        if (decoded === undefined) throw noMemory(coding);
        const fields = transformedFields(headers);
        fields.delete("Content-Encoding");
        return withVary(response.with({ headers: fields, body: decoded }));
      },
    },
  };
}

/** There is nothing else that this client could read. */
function noMemory(coding: Coding): HttpError {
  return new HttpError(
    503,
    `no "compression_memory" left to decode ${coding}`,
    {
      headers: [["Retry-After", "5"]],
    },
  );
}

/** Decoding for clients that cannot. */
export const gunzipModule: Module = {
  name: "gunzip",
  directives: [gunzipDirective],
  dependsOn: compressionTermsModule.directives,
  create,
};
