/** What is said of an answer whose content is changed on its way. */

import { weakenEtag } from "../http/semantics/etag.ts";
import type { HeaderList } from "../http/response.ts";

/** The fields of a response whose content is transformed: a weak tag. */
export function transformedFields(fields: HeaderList): HeaderList {
  const headers = fields.clone();
  headers.delete("Accept-Ranges");
  const etag = headers.get("ETag");
  if (etag !== undefined) headers.set("ETag", weakenEtag(etag));
  return headers;
}

/**
 * The fields of a response whose content is made for the request, so that the
 * file's time and tag do not stand for it: without them, or with a weak tag
 * where the site says that they may (`sub_filter_last_modified`).
 */
export function madeFields(
  fields: HeaderList,
  keepsValidators: boolean,
): HeaderList {
  const headers = transformedFields(fields);
  if (!keepsValidators) {
    headers.delete("ETag");
    headers.delete("Last-Modified");
  }
  return headers;
}
